"""The paper's size on one thread: pytest tests/benchmarks/test_paper_scale.py -s.

27,417 random samples of 19,241 genes in the paper's 82 classes, up to 1,100 in a class, are
written to a store of 2.1 GB. Each measurement is a process of its own, so that its peak memory is
that of the one step; pages of the mapped store count in it, though the system may drop them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.datasets.store import write_store

SAMPLES, GENES, CLASSES, LARGEST = 27_417, 19_241, 82, 1_100
GB = 1e9

pytestmark = pytest.mark.slow

START = """
import json, resource, sys, time
import numpy as np
import pandas as pd
from helpers.datasets.store import open_store
from helpers.study.designs.references import ReferenceMaker
from helpers.study.designs.samples import Samples
from helpers.devices import one_thread
from helpers.training.splitting import split

adata = open_store(__import__("pathlib").Path(sys.argv[1]))
sides = split(adata.obs, seed=0)
"""

END = """
print(json.dumps({
    "seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
"""

TRAINING = """
from helpers.models.files import save_model
from helpers.training import Hyperparameters, Regime, train_member
with one_thread():
    regime = Regime(Hyperparameters(0.001, 0.001), max_epochs=10, batch_size=256)
    model = train_member(adata, sides, 0, regime=regime, hyperparameter_spread=0.2, seed=0)
save_model(sys.argv[2], model)
"""

EXPLAINING = """
from helpers.config import settings
from helpers.models.files import load_model
from helpers.study.designs.combined_estimates import SetsOfEstimates, combined_sets
from helpers.study.optimisation.at_optimum import own_references
model, chosen = load_model(__import__("pathlib").Path(sys.argv[2])), settings("paper")
with one_thread():
    maker = ReferenceMaker("universal", adata, sides, "mean_sd", "samples", "training", 0)
    rows = np.flatnonzero(adata.obs["tissue"] == "class 00")[:100]
    names = adata.obs_names[rows].tolist()
    samples = Samples("class 00", names, np.asarray(adata[names].X))
    references = own_references(maker.make(2000, ["class 00"])["class 00"], 60, [0, 0])
    pool = SetsOfEstimates("DeepLift", np.ones((1, 60), dtype=bool), references)
    scores = combined_sets(model, 0, samples, pool, chosen)
assert scores.shape == (1, 100, adata.n_vars)
"""

OTHERS = {
    "specific references": """
maker = ReferenceMaker("specific", adata, sides, "mean_sd", "samples", "training", 0)
maker.make(60, ["class 00", "class 01", "class 02", "class 03"])
""",
    "classes": """
from helpers.datasets.description import describe
describe(adata)
""",
    "projection": """
from helpers.datasets.description import projection
projection(adata, seed=0)
""",
    "spread": """
from helpers.datasets.description import spread
spread(adata, ["class 00"])
""",
    "means and medians of tissues": """
from helpers.biology.tissues import tissue_expression
tissue_expression(adata, "mean")
tissue_expression(adata, "median")
""",
    "differential expression": """
from helpers.biology.differential import cancer_differential
cancer_differential(adata, pd.DataFrame(
    {"organ": ["a"], "normal": ["class 00"], "cancer": ["class 81"]}))
""",
    "accuracy": """
from helpers.models.files import load_model
from helpers.training.ensemble import accuracy_table
accuracy_table([load_model(__import__("pathlib").Path(sys.argv[2]))], adata, sides)
""",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("PAPER_SCALE_STORE")
    path = Path(given) if given else tmp_path_factory.mktemp("paper") / "expression.h5ad"
    if path.exists():
        return path
    rng = np.random.default_rng(0)
    shares = np.linspace(1, 0.05, CLASSES) ** 2
    counts = np.maximum(10, (shares / shares.sum() * SAMPLES).astype(int)).clip(max=LARGEST)
    counts[0] += SAMPLES - counts.sum()
    labels = np.repeat([f"class {number:02d}" for number in range(CLASSES)], counts)
    status = np.where(labels >= "class 49", "cancer", "normal")
    obs = pd.DataFrame(
        {"tissue": labels, "organ": "a", "study": "own", "status": status, "donor": ""},
        index=pd.Index([f"s{number}" for number in range(SAMPLES)], name="sample"),
    )
    var = pd.DataFrame(
        {"ensembl_id": ""}, index=pd.Index([f"G{number}" for number in range(GENES)], name="symbol")
    )
    centres = rng.random((CLASSES, GENES), dtype=np.float32) * 10
    numbers = np.repeat(np.arange(CLASSES), counts)
    blocks = (
        np.abs(centres[part] + rng.standard_normal((len(part), GENES), dtype=np.float32))
        for part in np.array_split(numbers, 60)
    )
    write_store(path, blocks, obs=obs, var=var, uns={"simulated": True})
    return path


def measured(store: Path, code: str) -> dict[str, float]:
    timed = f"wall, cpu = time.perf_counter(), time.process_time()\n{code}\n"
    run = subprocess.run(
        [sys.executable, "-c", START + timed + END, store, store.with_suffix(".safetensors")],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def say(name: str, found: dict[str, float]) -> None:
    print(  # noqa: T201
        f"\n{name}: {found['seconds']:.0f} s ({found['cpu']:.0f} s of computing), "
        f"peak {found['peak'] / GB:.1f} GB"
    )


def test_an_mlp_is_trained_in_five_minutes_and_6_gb(store: Path) -> None:
    found = measured(store, TRAINING)
    say("ten epochs of an MLP", found)
    assert found["cpu"] <= 300
    assert found["peak"] <= 6 * GB


def test_a_hundred_samples_are_explained_in_a_minute(store: Path) -> None:
    found = measured(store, EXPLAINING)
    say("100 samples explained with 60 references", found)
    assert found["cpu"] <= 60
    assert found["peak"] <= 6 * GB


@pytest.mark.parametrize("name", OTHERS)
def test_other_steps_stay_below_6_gb(store: Path, name: str) -> None:
    found = measured(store, OTHERS[name])
    say(name, found)
    assert found["peak"] <= 6 * GB
