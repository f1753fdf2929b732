from __future__ import annotations

import importlib
import importlib.metadata
from pathlib import Path

import anndata
import numpy as np
import pytest

from helpers.datasets import single_cells
from helpers.datasets.own import load_own
from helpers.errors import BadInputError

ROOT = Path(__file__).resolve().parents[2]


def test_the_cells_derive_again_from_the_pinned_package() -> None:
    script = importlib.import_module("derive_single_cells")
    try:
        source = script.source_file()
    except (importlib.metadata.PackageNotFoundError, ValueError) as error:
        pytest.skip(f"scanpy {script.VERSION} is not installed: {error}")
    again, kept = script.derive(source), anndata.read_h5ad(single_cells.cells_file())
    np.testing.assert_array_equal(again.X.toarray(), kept.X.toarray())
    assert list(again.var_names) == list(kept.var_names)
    assert again.obs.astype(str).equals(kept.obs.astype(str))
    # A user who starts from scanpy's file gets the same.
    direct = load_own(source, class_column="bulk_labels", layer="raw", unit="log1p")
    np.testing.assert_array_equal(direct.X, single_cells.load_cells().X)


def test_the_cells_are_small_real_and_licensed() -> None:
    assert single_cells.cells_file().stat().st_size < 1_000_000
    cells = single_cells.load_cells()
    assert cells.shape == (692, 765)
    assert not cells.uns["simulated"]
    assert cells.uns["provenance"]["unit"] == "log1p"
    np.testing.assert_allclose(np.exp2(cells.X.astype(float)).sum(axis=1) - 765, 1e6, rtol=1e-4)
    data = ROOT / "helpers" / "datasets" / "data"
    assert "CC BY 4.0" in (data / "PROVENANCE.md").read_text("utf-8")
    assert "Redistribution" in (data / "LICENSE-scanpy.txt").read_text("utf-8")


def test_a_damaged_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_cells, "SHA256", "0" * 64)
    with pytest.raises(BadInputError, match="install the package again"):
        single_cells.cells_file()


def test_the_example_is_written_whole(tmp_path: Path) -> None:
    path = single_cells.write_cells(tmp_path / "pbmc.h5ad")
    assert path.read_bytes() == single_cells.cells_file().read_bytes()
