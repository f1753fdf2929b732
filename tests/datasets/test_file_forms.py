"""One data set in many dresses: whatever the file looks like, the same is read.

`FILE_MINUTES=60 pytest tests/datasets/test_file_forms.py` looks for an hour, at other files each
time; without it the same files are tried in every run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anndata
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_files import (
    NAMES,
    UNITS,
    Dress,
    Truth,
    tree,
    truth,
    with_entrez,
    write_h5ad,
    write_sheet,
    write_table,
    write_tenx,
)
from scipy import sparse

from helpers.datasets.own import load_own

MINUTES = float(os.environ.get("FILE_MINUTES", "0"))
"""How long to look for files that are read wrongly; 0: at the same few in every run."""

EXAMPLES = 100

COMMA = Dress()
TAB = Dress(delimiter="\t")
GERMAN = Dress(delimiter=";", decimal=",")

DRESSES = {
    "comma": COMMA,
    "tab": TAB,
    "semicolon": Dress(delimiter=";"),
    "semicolon, decimal commas": GERMAN,
    "tab, decimal commas": Dress(delimiter="\t", decimal=","),
    "spaces": Dress(delimiter=" ", quoted=True, header="shifted"),
    "quoted": Dress(quoted=True),
    "quoted with tabs": Dress(delimiter="\t", quoted=True),
    "unnamed first column": Dress(header="empty"),
    "first column left out, as R does": Dress(delimiter="\t", header="shifted"),
    "trailing commas": Dress(header="trailing"),
    "Windows": Dress(end="\r\n", encoding="utf-8-sig"),
    "old Mac": Dress(end="\r"),
    "Excel in Germany": Dress(delimiter=";", decimal=",", end="\r\n", encoding="utf-8-sig"),
    "Excel's Unicode text": Dress(delimiter="\t", end="\r\n", encoding="utf-16"),
    "packed": Dress(packed=True),
    "featureCounts": Dress(delimiter="\t", preamble=("# Program:featureCounts v2.0.1",)),
    "GCT": Dress(delimiter="\t", preamble=("#1.2", "60\t24")),
    "series matrix": Dress(
        delimiter="\t", preamble=("!Series_title\tx", "!Sample_title\ta\tb", "")
    ),
}


def check(adata: anndata.AnnData, known: Truth, tolerance: float = 2e-4) -> None:
    """Compare what was read with what was written."""
    order = [list(adata.var_names).index(gene) for gene in known.genes]
    np.testing.assert_allclose(np.asarray(adata.X)[:, order], known.expected, atol=tolerance)
    assert list(adata.obs_names) == list(known.samples)
    assert [str(name) for name in adata.obs["tissue"]] == [str(name) for name in known.classes]
    assert adata.X.dtype == np.float32


@pytest.mark.parametrize("by_gene", [True, False], ids=["genes by line", "samples by line"])
@pytest.mark.parametrize("dress", DRESSES)
def test_text_in_every_dress(dress: str, by_gene: bool, tmp_path: Path) -> None:
    known = truth()
    chosen = Dress(**{**vars(DRESSES[dress]), "by_gene": by_gene})
    path = write_table(tmp_path / "matrix.txt", known, chosen)
    adata = load_own(path, sample_sheet=write_sheet(tmp_path / "sheet.csv", known))
    check(adata, known)
    said = "is genes × samples" if by_gene else "is samples × genes"
    assert any(said in note for note in adata.uns["notes"])


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("dress", [COMMA, GERMAN], ids=["points", "commas"])
def test_units_of_text(unit: str, dress: Dress, tmp_path: Path) -> None:
    known = truth()
    written = known.named(values=UNITS[unit](known.values))
    path = write_table(tmp_path / "matrix.csv", written, dress)
    adata = load_own(path, sample_sheet=write_sheet(tmp_path / "sheet.csv", known))
    check(adata, known, 2e-3)
    assert adata.uns["provenance"]["unit"] == unit


@pytest.mark.parametrize("by_gene", [True, False], ids=["genes by line", "samples by line"])
@pytest.mark.parametrize("naming", NAMES)
def test_names_of_genes(naming: str, by_gene: bool, tmp_path: Path) -> None:
    known = truth(with_entrez())
    written = known.named(genes=tuple(NAMES[naming](known.genes)))
    path = write_table(tmp_path / "matrix.tsv", written, Dress(delimiter="\t", by_gene=by_gene))
    adata = load_own(path, sample_sheet=write_sheet(tmp_path / "sheet.csv", known))
    check(adata, known)
    # The same names in an AnnData.
    check(load_own(write_h5ad(tmp_path / "own.h5ad", written), class_column="kind"), known)


FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "dense": np.asarray,
    "float64": lambda x: np.asarray(x, dtype=np.float64),
    "int": lambda x: np.asarray(x, dtype=np.int32),
    "csr": sparse.csr_matrix,
    "csc": sparse.csc_matrix,
    "csr array": sparse.csr_array,
}


@pytest.mark.parametrize("name", ["own.h5ad", "own.H5AD", "own.h5ad.gz", "own.zarr", "own.h5"])
@pytest.mark.parametrize("form", FORMS)
def test_anndata_in_every_form(form: str, name: str, tmp_path: Path) -> None:
    path = write_h5ad(tmp_path / name, truth(), FORMS[form])
    before = tree(tmp_path)
    check(load_own(path, class_column="kind"), truth())
    assert tree(tmp_path) == before


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "plain"])
@pytest.mark.parametrize("old", [True, False], ids=["genes.tsv", "features.tsv"])
@pytest.mark.parametrize("suffix", ["-1", ""])
def test_folders_of_10x(packed: bool, old: bool, suffix: str, tmp_path: Path) -> None:
    known = truth(with_entrez())
    folder = write_tenx(tmp_path / "filtered", known, packed=packed, old=old, suffix=suffix)
    (folder / "._matrix.mtx").write_bytes(b"\x00\x05\x16\x07")
    sheet = write_sheet(tmp_path / "sheet.csv", known)
    called = known.named(samples=tuple(f"{name}{suffix}" for name in known.samples))
    check(load_own(folder, sample_sheet=sheet, class_column="kind"), called)


CLASSES: dict[str, tuple[Any, ...]] = {
    "truth values": (True, False),
    "numbers": ("0", "1"),
    "numbers that are text": ("10", "1e3"),
    "dates": ("2020-01-02", "2021-03-04"),
    "ontology": (
        "CD4-positive, CD25-positive, alpha-beta regulatory T cell",
        "naive thymus-derived CD8-positive, alpha-beta T cell",
    ),
    "Japanese": ("肝臓の細胞", "肺胞上皮"),
    "mathematics": ("$x^$", "A$$"),
    "markup": ("Mono|cyte* <b>x</b>", "T_cell `x` [a](b)"),
    "long": ("x" * 300, "y" * 300),
    "plus": ("CD4+", "CD4+CD25+"),
    "emoji": ("🫁", "🫀"),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_names_of_classes_are_text(kind: str, tmp_path: Path) -> None:
    two = CLASSES[kind]
    known = truth().named(classes=(two[0],) * 11 + (two[1],) * 13)
    written = [
        load_own(write_h5ad(tmp_path / "own.h5ad", known), class_column="kind"),
        load_own(
            write_table(tmp_path / "m.tsv", known, TAB),
            sample_sheet=write_sheet(tmp_path / "sheet.csv", known),
        ),
    ]
    for adata in written:
        check(adata, known)
        assert all(isinstance(name, str) for name in adata.obs["tissue"])
        assert all(isinstance(name, str) for name in adata.obs_names)


NOTHING = ("", "NA", "nan", "None", "<NA>", "N/A", "null", "#N/A", "-", "?")
"""What stands where a class is missing."""

names_of_samples = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"], exclude_characters="\"'"),
        min_size=1,
        max_size=12,
    ).map(lambda name: f"s{name}"),
    min_size=24,
    max_size=24,
    unique=True,
)
dresses = st.builds(
    Dress,
    delimiter=st.sampled_from(["\t", ";", ","]),
    by_gene=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    packed=st.booleans(),
    quoted=st.just(True),
    header=st.sampled_from(["named", "empty", "shifted"]),
    preamble=st.sampled_from([(), ("# made by hand",)]),
)
files = st.fixed_dictionaries(
    {
        "form": st.sampled_from(["text", "h5ad", "h5ad.gz", "zarr", "10x"]),
        "dress": dresses,
        "matrix": st.sampled_from(sorted(FORMS)),
        "unit": st.sampled_from(sorted(UNITS)),
        "naming": st.sampled_from(sorted(NAMES)),
        "samples": names_of_samples,
        "classes": st.sampled_from(sorted(CLASSES)),
        "comma": st.booleans(),
        "nothing": st.sampled_from([None, *NOTHING]),
        "zeros": st.booleans(),
        "seed": st.integers(0, 1000),
    }
)


def read_again(drawn: dict[str, Any], folder: Path) -> None:
    """Write a drawn file, read it, and compare; nothing in the folder may change."""
    two = CLASSES[drawn["classes"]]
    known = truth(with_entrez(), drawn["seed"]).named(
        samples=tuple(drawn["samples"]), classes=(two[0],) * 11 + (two[1],) * 13
    )
    if drawn["nothing"] is not None:
        lost = {0, 12}
        known = known.named(
            classes=tuple(
                drawn["nothing"] if k in lost else str(name) for k, name in enumerate(known.classes)
            )
        )
    dress, form = drawn["dress"], drawn["form"]
    unit = "counts" if form == "10x" else drawn["unit"]
    written = known.named(
        values=UNITS[unit](known.values), genes=tuple(NAMES[drawn["naming"]](known.genes))
    )
    options: dict[str, Any] = {"class_column": "kind"}
    if drawn["comma"] and dress.delimiter != ",":
        dress = Dress(**{**vars(dress), "decimal": ","})
    if form in {"text", "10x"}:
        options["sample_sheet"] = write_sheet(folder / "sheet.tsv", known, delimiter="\t")
    if form == "text":
        path = write_table(folder / "matrix.txt", written, dress)
    elif form == "10x":
        path = write_tenx(folder / "10x", known, packed=dress.packed, old=dress.by_gene, suffix="")
    else:
        shape = "dense" if unit == "log2_0.001" or drawn["matrix"] == "int" else drawn["matrix"]
        path = write_h5ad(folder / f"own.{form}", written, FORMS[shape])
    if drawn["zeros"] and path.is_file() and path.read_bytes().startswith(b"\x1f\x8b"):
        path.write_bytes(path.read_bytes() + b"\0" * 700)  # as some archives fill their blocks
    before = tree(folder)
    adata = load_own(path, **options)
    assert adata.uns["provenance"]["unit"] == unit
    check(adata, known if drawn["nothing"] is None else without(known, lost), 2e-3)
    assert tree(folder) == before


def without(known: Truth, lost: set[int]) -> Truth:
    """Return what is left where some samples are left out."""
    kept = [k for k in range(len(known.samples)) if k not in lost]
    return known.named(
        values=known.values[kept],
        samples=tuple(known.samples[k] for k in kept),
        classes=tuple(known.classes[k] for k in kept),
    )


def test_any_file_is_read_as_it_was_written() -> None:
    fixed = settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        derandomize=not MINUTES,
        database=None,
    )

    @fixed
    @given(files)
    def tried(drawn: dict[str, Any]) -> None:
        with TemporaryDirectory() as folder:
            read_again(drawn, Path(folder))

    end = time.monotonic() + 60 * MINUTES
    tried()
    while time.monotonic() < end:
        tried()
