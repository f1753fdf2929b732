"""One commit, one seed, other machines: the same tables. Asked for with EVERY_MACHINE=1.

Each case is a whole smoke run, which takes minutes. The number of threads and of workers, the
order of hashes, the language and the time zone may not change a byte of a table. Other instruction
sets add up in another order, and training lets the last digits grow: there what is judged stays
within a stated tolerance, and verdicts stay.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.workspace.store import project_root

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("EVERY_MACHINE"), reason="asked for with EVERY_MACHINE=1: whole runs"
    ),
]

TOLERANCE = 0.05
"""Part by which an observed value may differ between instruction sets, and at least this much."""


def tables(folder: Path, workers: int, **environment: str) -> dict[str, bytes]:
    """Make the ledger of a smoke run; return every table of it by path."""
    # The ledger is what a run makes without a page; a bundle asks for no more.
    code = (
        "import sys; from pathlib import Path; from helpers.publish.run import run; "
        "from helpers.study import open_study; from helpers.workspace.store import project_root; "
        "study = open_study('smoke', workspace=sys.argv[1]); "
        "run(study, project_root(), lambda *_: None, steps=['tables/claims'], "
        "workers=int(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(workers)], cwd=project_root(),
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.csv")}
    return {name: path.read_bytes() for name, path in found.items() if "records" not in name}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tables(tmp_path_factory.mktemp("usual") / "ws", 1, OMP_NUM_THREADS="1")


@pytest.mark.parametrize(
    ("workers", "environment"),
    [
        (2, {"OMP_NUM_THREADS": "1"}),
        (1, {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}),
        (1, {"OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"}),
        (2, {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Pacific/Chatham"}),
    ],
    ids=["workers", "two threads", "four threads", "surroundings"],
)
def test_no_byte_of_a_table_depends_on(
    usual: dict[str, bytes], tmp_path: Path, workers: int, environment: dict[str, str]
) -> None:
    found = tables(tmp_path / "ws", workers, **environment)
    assert set(found) == set(usual)
    assert [name for name in usual if found[name] != usual[name]] == []


@pytest.mark.parametrize(
    "environment",
    [{"ONEDNN_MAX_CPU_ISA": "AVX2"}, {"MKL_CBWR": "AVX2"}],
    ids=["without bf16 units", "without AVX-512 sums"],
)
def test_other_instructions_change_no_verdict(
    usual: dict[str, bytes], tmp_path: Path, environment: dict[str, str]
) -> None:
    tables(tmp_path / "ws", 1, OMP_NUM_THREADS="1", **environment)
    ledgers = []
    (tmp_path / "usual.csv").write_bytes(usual["tables/claims.csv"])
    for path in (tmp_path / "usual.csv", tmp_path / "ws" / "tables" / "claims.csv"):
        ledgers.append(pd.read_csv(path).set_index(["id", "protocol"]))
    old, new = ledgers
    assert old["verdict"].equals(new["verdict"])
    near = np.isclose(old["observed"], new["observed"], rtol=TOLERANCE, atol=TOLERANCE,
                      equal_nan=True)  # fmt: skip
    assert near.all(), old.index[~near].tolist()
