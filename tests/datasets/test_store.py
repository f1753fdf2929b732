from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from helpers.datasets.store import StreamedExpression, open_store, write_store
from helpers.study.formats import EXPRESSION
from helpers.workspace.atomic import atomic_path

SAMPLES, GENES = 700, 3000  # more than one chunk


def tables() -> dict[str, pd.DataFrame]:
    names = [f"s{k}" for k in range(SAMPLES)]
    obs = pd.DataFrame({"tissue": np.resize(["a", "b"], SAMPLES)}, index=pd.Index(names))
    var = pd.DataFrame({"ensembl_id": ""}, index=pd.Index([f"g{k}" for k in range(GENES)]))
    return {"obs": obs, "var": var}


def matrix() -> np.ndarray:
    return np.random.default_rng(1).random((SAMPLES, GENES), dtype=np.float32)


def in_blocks(values: np.ndarray, height: int) -> Iterator[np.ndarray]:
    for row in range(0, len(values), height):
        yield values[row : row + height]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "x.h5ad"
    write_store(path, in_blocks(matrix(), 33), **tables(), uns={"notes": ["one"], "n": 3})
    return path


def test_what_is_written_is_read_back_by_us_and_by_anndata(stored: Path) -> None:
    ours, theirs = open_store(stored), anndata.read_h5ad(stored)
    np.testing.assert_array_equal(ours.X, matrix())
    np.testing.assert_array_equal(theirs.X, matrix())
    for adata in (ours, theirs):
        pd.testing.assert_frame_equal(
            adata.obs.astype(str), tables()["obs"], check_names=False, check_dtype=False
        )
        assert list(adata.var_names) == list(tables()["var"].index)
        assert list(adata.uns["notes"]) == ["one"]
    with h5py.File(stored) as file:
        assert file["X"].chunks is not None
        assert file["X"].chunks[0] < SAMPLES


def test_it_is_mapped_and_serves_rows_as_an_array_does(stored: Path) -> None:
    adata, expected = open_store(stored), matrix()
    assert isinstance(adata.X, np.memmap)
    even = np.arange(SAMPLES) % 2 == 0
    np.testing.assert_array_equal(adata.X[even], expected[even])
    np.testing.assert_array_equal(adata.X[[600, 3, 3]], expected[[600, 3, 3]])
    np.testing.assert_array_equal(adata[["s600", "s3"]].X, expected[[600, 3]])
    assert type(adata.X[even]) is np.ndarray


def test_a_change_in_memory_does_not_reach_the_file(stored: Path) -> None:
    adata = open_store(stored)
    adata.X[0, 0] = 99
    np.testing.assert_array_equal(open_store(stored).X, matrix())


def test_opening_loads_no_values(tmp_path: Path) -> None:
    path = tmp_path / "large.h5ad"
    blocks = (np.zeros((70, GENES), np.float32) for _ in range(100))
    obs = pd.DataFrame(index=pd.Index([str(k) for k in range(7000)]))
    write_store(path, blocks, obs=obs, var=tables()["var"], uns={})
    code = f"""
        import psutil
        from pathlib import Path
        from helpers.datasets.store import open_store
        before = psutil.Process().memory_info().rss
        adata = open_store(Path({str(path)!r}))
        assert adata.shape == (7000, {GENES})
        adata.X[5:9]
        print(psutil.Process().memory_info().rss - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 0.5 * path.stat().st_size


@pytest.mark.parametrize("height", [1, 7, 64, SAMPLES])
def test_the_height_of_blocks_does_not_change_the_bytes(
    stored: Path, tmp_path: Path, height: int
) -> None:
    path = tmp_path / "y.h5ad"
    write_store(path, in_blocks(matrix(), height), **tables(), uns={"notes": ["one"], "n": 3})
    np.testing.assert_array_equal(open_store(path).X, open_store(stored).X)


def test_small_data_are_written_and_read_as_before(tmp_path: Path) -> None:
    path, values = tmp_path / "z.h5ad", matrix()[:4]
    adata = anndata.AnnData(values, obs=tables()["obs"][:4], var=tables()["var"])
    EXPRESSION.write(path, adata)
    found = EXPRESSION.read(path)
    assert type(found.X) is np.ndarray
    np.testing.assert_array_equal(found.X, values)


def test_a_streamed_data_set_is_written_by_its_format_and_can_be_loaded(tmp_path: Path) -> None:
    values = matrix()
    streamed = StreamedExpression(
        lambda path: write_store(path, in_blocks(values, 50), **tables(), uns={})
    )
    EXPRESSION.write(tmp_path / "s.h5ad", streamed)
    np.testing.assert_array_equal(EXPRESSION.read(tmp_path / "s.h5ad").X, values)
    np.testing.assert_array_equal(streamed.load().X, values)


@pytest.mark.parametrize("height", [SAMPLES - 1, SAMPLES + 1])
def test_too_few_or_many_rows_are_a_mistake_and_leave_nothing(tmp_path: Path, height: int) -> None:
    final = tmp_path / "w.h5ad"
    block = np.zeros((height, GENES), np.float32)
    with pytest.raises(ValueError, match=r"rows|block"), atomic_path(final) as path:
        write_store(path, [block], **tables(), uns={})
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    code = f"""
        import resource, signal
        from pathlib import Path
        import numpy as np, pandas as pd
        from helpers.datasets.store import write_store
        from helpers.workspace.atomic import atomic_path
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        obs = pd.DataFrame(index=pd.Index([str(k) for k in range(1000)]))
        var = pd.DataFrame(index=pd.Index([str(k) for k in range(2000)]))
        blocks = (np.ones((100, 2000), np.float32) for _ in range(10))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
        with atomic_path(Path({str(tmp_path / "full.h5ad")!r})) as path:
            write_store(path, blocks, obs=obs, var=var, uns={{}})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert "WorkspaceError: The disk is full while writing" in done.stderr
    assert list(tmp_path.iterdir()) == []
