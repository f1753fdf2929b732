"""Fixtures shared by all tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pandas as pd
import pytest
import torch
from tiny import make_tiny, open_tiny, write_tiny
from together import once

from helpers.stability import REPRODUCIBILITY_COLUMNS
from helpers.study import Study

# Same examples in every run, and no time limit for each: a busy machine is not a failure.
hypothesis.settings.register_profile("book", deadline=None, derandomize=True)
hypothesis.settings.load_profile("book")

WHOLE_RUNS = frozenset({
    "test_adding_an_explainer.py", "test_any_machine.py", "test_nothing_lost.py",
    "test_own_run.py", "test_run.py", "test_small_studies.py", "test_table_run.py",
})  # fmt: skip
"""Files whose tests take longest. They come first, so that no process is left with them at the end
where several share the tests (`make test`)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with whole runs first; within a file the order stays."""
    items.sort(key=lambda item: item.path.name not in WHOLE_RUNS)


SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real GTEx/TCGA files; the test is skipped where it does not exist."""
    if not SHARED.is_dir():
        pytest.skip(f"real GTEx/TCGA files are not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with files in RNAseqDB's format, numbers invented: 5 classes, 12 samples, 150 genes.

    Each class has ten genes of its own, so that it can be told from the others.
    """
    return once(tmp_path_factory, "tiny", write_tiny)


@pytest.fixture(scope="session")
def curve_rows() -> Callable[..., pd.DataFrame]:
    """Make rows of ``reproducibility.csv`` of a curve with known levels, one pair a sample.

    ``curve_rows({n: level}, samples=[difference from the level, …], explainer=…)``
    """

    def make(
        levels: Mapping[int, float],
        samples: Sequence[float] = (-0.02, -0.01, 0.0, 0.01, 0.02),
        **named: Any,
    ) -> pd.DataFrame:
        fixed = {
            "architecture": "mlp", "explainer": "Saliency", "optimisation": "repeats",
            "design": "inter_model", "reference": "none", "metric": "spearman",
        } | named  # fmt: skip
        rows = [
            fixed | {"n": n, "tissue": "lung", "sample": f"s{s}", "value": level + more}
            for n, level in levels.items()
            for s, more in enumerate(samples)
        ]
        extra = [name for name in named if name not in REPRODUCIBILITY_COLUMNS]
        return pd.DataFrame(rows)[[*REPRODUCIBILITY_COLUMNS, *extra]]

    return make


@pytest.fixture(scope="session")
def tiny_workspace(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workspace of the smoke study of `tiny_data`, made once for all processes: to be copied."""
    return once(tmp_path_factory, "tiny-ws", lambda folder: make_tiny(tiny_data, folder))


@pytest.fixture(scope="session")
def tiny_study(
    tiny_data: Path, tiny_workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> Study:
    """Open the smoke study of `tiny_data`, with the steps that most tests read made."""
    own = tmp_path_factory.mktemp("tiny") / "ws"
    return open_tiny(tiny_data, shutil.copytree(tiny_workspace, own))


@pytest.fixture(autouse=True)
def _as_many_threads() -> Iterator[None]:
    """Give PyTorch back the threads that it had: Numba, which scanpy uses, takes all cores."""
    before = torch.get_num_threads()
    yield
    if torch.get_num_threads() != before:
        torch.set_num_threads(before)
