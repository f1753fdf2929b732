"""Data sets by name: one entry of `DATASETS` each, one `load` for all."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anndata

from helpers.datasets.entry import Dataset as Dataset
from helpers.datasets.file_kinds import is_path
from helpers.datasets.gtex_tcga import (
    describe_gtex_tcga,
    fingerprint_gtex_tcga,
    genes_of_gtex_tcga,
    load_gtex_tcga,
)
from helpers.datasets.own import examine, load_own
from helpers.datasets.own_samples import Columns
from helpers.datasets.planted import EXPLAINED_CLASSES, load_planted
from helpers.datasets.reference import (
    describe_reference,
    fingerprint_reference,
    genes_of_reference,
    load_reference,
)
from helpers.datasets.rnaseqdb import (
    describe_rnaseqdb,
    fingerprint_rnaseqdb,
    genes_of_rnaseqdb,
    load_rnaseqdb,
)
from helpers.datasets.size import (
    size_of_gtex_tcga,
    size_of_own,
    size_of_reference,
    size_of_rnaseqdb,
)
from helpers.datasets.sources import Source
from helpers.datasets.store import StreamedExpression
from helpers.datasets.tissues import (
    CANNOT_SHOW,
    EXPLAINED,
    INTENSITIES,
    LIST_LENGTH,
    describe_tissues,
    fingerprint_tissues,
    genes_of_tissues,
    load_tissues,
    size_of_tissues,
)
from helpers.errors import BadInputError, MissingInputError, one_of

if TYPE_CHECKING:
    from helpers.config import Settings

# The module of a data set enters fingerprints by its name.
DECIDES_NO_NUMBER = True


def _catalogue(name: str) -> dict[str, Any]:
    text = files("helpers.datasets").joinpath(f"data/{name}_files.json").read_text("utf-8")
    catalogue: dict[str, Any] = json.loads(text)
    return catalogue


def _folder(name: str, data: Path | None) -> Path:
    if data is None:
        raise MissingInputError(
            f"Data set {name!r} is not part of the package: fetch it with "
            f"'python -m helpers fetch {name} --data DIR', or point to a folder that holds it "
            "with --data DIR."
        )
    return data


def _load_reference(data: Path | None, *, samples_per_class: int, seed: int) -> anndata.AnnData:
    return load_reference(samples_per_class=samples_per_class, seed=seed)


def _load_planted(data: Path | None, *, samples_per_class: int, seed: int) -> anndata.AnnData:
    return load_planted(samples_per_class=samples_per_class, seed=seed)


def _load_rnaseqdb(data: Path | None, *, min_class_size: int) -> anndata.AnnData:
    return load_rnaseqdb(_folder("rnaseqdb", data), min_class_size=min_class_size)


def _load_gtex_tcga(data: Path | None, *, min_class_size: int) -> StreamedExpression:
    return load_gtex_tcga(_folder("gtex-tcga", data), min_class_size=min_class_size)


_RNASEQDB = _catalogue("rnaseqdb")
_GTEX_TCGA = _catalogue("gtex_tcga")

DATASETS: dict[str, Dataset] = {
    "reference": Dataset(
        name="reference",
        title="Samples simulated around published medians (Human Protein Atlas, TCGA)",
        simulated=True,
        explained_tissues=("liver", "lung", "ovary", "pancreas"),
        needs_data=False,
        citations=("uhlen2015", "pirlygenes"),
        licence="CC BY-SA 4.0 (Human Protein Atlas), Apache-2.0 (pirlygenes)",
        module="helpers.datasets.reference",
        settings=("samples_per_class", "seed"),
        load=_load_reference,
        fingerprint=lambda data: fingerprint_reference(),
        size=size_of_reference,
        describe=lambda data, chosen: describe_reference(
            samples_per_class=chosen.samples_per_class
        ),
        genes=lambda data, chosen: genes_of_reference(),
        # As reference_classes.yaml says.
        nearest_organ=(
            "TCGA_CHOL",
            "TCGA_MESO",
            "TCGA_SARC",
            "TCGA_HNSC",
            "TCGA_UVM",
            "TCGA_PCPG",
            "TCGA_DLBC",
        ),
    ),
    "planted": Dataset(
        name="planted",
        title="Samples simulated around one profile, with known genes planted in every class",
        simulated=True,
        explained_tissues=EXPLAINED_CLASSES,
        needs_data=False,
        citations=("uhlen2015", "pirlygenes"),
        licence="CC BY-SA 4.0 (Human Protein Atlas), Apache-2.0 (pirlygenes)",
        module="helpers.datasets.planted",
        settings=("samples_per_class", "seed"),
        load=_load_planted,
        fingerprint=lambda data: fingerprint_reference(),
        size=size_of_reference,
        describe=lambda data, chosen: describe_reference(
            samples_per_class=chosen.samples_per_class
        ),
        genes=lambda data, chosen: genes_of_reference(),
    ),
    "tissues": Dataset(
        name="tissues",
        title="Microarrays of seven tissues (dslabs), measured",
        simulated=False,
        explained_tissues=EXPLAINED,
        needs_data=False,
        citations=("dslabs",),
        licence="Artistic-2.0 (dslabs)",
        module="helpers.datasets.tissues",
        settings=(),
        load=load_tissues,
        fingerprint=lambda data: fingerprint_tissues(),
        size=size_of_tissues,
        describe=lambda data, chosen: describe_tissues(),
        genes=lambda data, chosen: genes_of_tissues(),
        values=INTENSITIES,
        measure="intensity",
        list_length=LIST_LENGTH,
        cannot_show=CANNOT_SHOW,
    ),
    "rnaseqdb": Dataset(
        name="rnaseqdb",
        title="GTEx and TCGA samples of RNAseqDB",
        simulated=False,
        explained_tissues=("liver", "lung", "kidney", "thyroid"),
        needs_data=True,
        citations=("wang2018rnaseqdb",),
        knows_donors=True,
        licence="Open-access GTEx and TCGA values; the repository states no licence "
        "(article: CC BY 4.0), so its files are fetched, not redistributed",
        module="helpers.datasets.rnaseqdb",
        settings=("min_class_size",),
        load=_load_rnaseqdb,
        fingerprint=lambda data: fingerprint_rnaseqdb(_folder("rnaseqdb", data)),
        size=size_of_rnaseqdb,
        describe=lambda data, chosen: describe_rnaseqdb(
            _folder("rnaseqdb", data), min_class_size=chosen.min_class_size
        ),
        genes=lambda data, chosen: genes_of_rnaseqdb(_folder("rnaseqdb", data)),
        base_url=_RNASEQDB["base_url"],
        fetch_files=_RNASEQDB["files"],
        file_sizes=_RNASEQDB["sizes"],
        fetch_known_only=True,
    ),
    "gtex-tcga": Dataset(
        name="gtex-tcga",
        title="GTEx version 8 and primary tumours of TCGA, the paper's own sources",
        simulated=False,
        explained_tissues=("GTEx_Liver", "GTEx_Lung", "GTEx_Ovary", "GTEx_Pancreas"),
        needs_data=True,
        citations=("gtex2020", "weinstein2013", "wilks2021"),
        knows_donors=True,
        licence="Open-access GTEx, TCGA and recount3 values, each under the terms of its project; "
        "fetched, not redistributed",
        module="helpers.datasets.gtex_tcga",
        settings=("min_class_size",),
        load=_load_gtex_tcga,
        fingerprint=lambda data: fingerprint_gtex_tcga(_folder("gtex-tcga", data)),
        size=size_of_gtex_tcga,
        describe=lambda data, chosen: describe_gtex_tcga(
            _folder("gtex-tcga", data), min_class_size=chosen.min_class_size
        ),
        genes=lambda data, chosen: genes_of_gtex_tcga(_folder("gtex-tcga", data)),
        base_url=_GTEX_TCGA["base_url"],
        fetch_files=_GTEX_TCGA["files"],
        file_urls=_GTEX_TCGA["urls"],
    ),
}


OWN_SETTINGS = (
    "class_column",
    "layer",
    "unit",
    "organ_column",
    "status_column",
    "donor_column",
    "gene_column",
    "sample_sheet",
    "sample_column",
)
"""Settings that describe a user's own file."""


def find_dataset(name: str, settings: Settings) -> Dataset:
    """Return the data set of a name, or of the path of a user's own file or folder.

    Parameters
    ----------
    name
        A key of `DATASETS`, or a path: ``.h5ad``, ``.zarr``, a table of text, or a folder of 10x
        Genomics.
    settings
        Those of the run: they say which columns of a file are which.

    Raises
    ------
    UnknownNameError
        If there is no such data set, or no such column in the file.
    MissingInputError, BadInputError
        If the file is not there or its table of samples cannot be used, or columns are named
        for a data set that is no file.
    """
    if is_own(name):
        return _own(Path(name).absolute(), settings)
    found = DATASETS[one_of("data set", name, DATASETS)]
    for setting in OWN_SETTINGS:
        if getattr(settings, setting) != type(settings).model_fields[setting].default:
            raise BadInputError(
                f"{setting!r} describes a file of your own, but the data set is {name!r}: leave it "
                "out, or give --dataset FILE."
            )
    return found


def is_own(name: str) -> bool:
    """Tell whether what stands after ``--dataset`` is a path of a user's own."""
    return name not in DATASETS and is_path(name)


def check_name(name: str) -> None:
    """Refuse what is neither a data set nor a path.

    Raises
    ------
    UnknownNameError
        The nearest name is offered.
    """
    if not is_own(name):
        one_of("data set", name, DATASETS)


def _own(path: Path, settings: Settings) -> Dataset:
    sheet = Path(settings.sample_sheet).absolute() if settings.sample_sheet else None
    source = Source(path, sheet, settings.sample_column)
    columns = Columns(
        settings.class_column,
        settings.organ_column,
        settings.status_column,
        settings.donor_column,
    )
    found = examine(
        source,
        columns,
        layer=settings.layer,
        gene_column=settings.gene_column,
        min_class_size=settings.min_class_size,
    )
    described = f", described by {sheet.name}" if sheet else ""
    return Dataset(
        name=path.name,
        title=f"your own file {path.name}{described}, classes from `{found.class_column}`",
        simulated=False,
        explained_tissues=found.classes,
        needs_data=False,
        citations=(),
        licence="as the file's owner says",
        module="helpers.datasets.own",
        # Where the sheet lies decides nothing; what it says does, and is in the fingerprint.
        settings=(*(name for name in OWN_SETTINGS if name != "sample_sheet"), "min_class_size"),
        load=lambda data, **chosen: load_own(path, sample_sheet=sheet or "", **chosen),
        fingerprint=lambda data: source.fingerprint(),
        size=lambda data, chosen: size_of_own(source, chosen),
        describe=lambda data, chosen: found.obs,
        genes=lambda data, chosen: found.genes,
        file=path,
        sheet=sheet,
        knows_donors=bool(settings.donor_column),
    )


def load(
    name: str,
    *,
    data: Path | None = None,
    samples_per_class: int = 30,
    min_class_size: int = 10,
    seed: int = 0,
) -> anndata.AnnData:
    """Load a data set as log2(TPM + 1), samples × genes.

    Parameters
    ----------
    name
        A key of `DATASETS`.
    data
        Folder with the files of a data set that is not part of the package.
    samples_per_class
        Samples simulated in each class (simulated data sets).
    min_class_size
        Classes with fewer samples are left out (real data sets).
    seed
        Seed of the simulation.

    Returns
    -------
    anndata.AnnData
        See `helpers.datasets.expression.build_anndata`.

    Raises
    ------
    UnknownNameError
        If there is no such data set.
    MissingInputError
        If the data set needs a folder and `data` is missing or not there.
    BadInputError
        If a file does not hold what it should.


    Examples
    --------
    >>> import helpers as hx
    >>> adata = hx.load("reference", samples_per_class=1)
    >>> adata.n_obs == adata.obs["tissue"].nunique(), "ALB" in adata.var_names
    (True, True)
    """
    one_of("data set", name, DATASETS)
    folder = None if data is None else Path(data)
    values = {
        "samples_per_class": samples_per_class,
        "min_class_size": min_class_size,
        "seed": seed,
    }
    chosen = DATASETS[name]
    loaded = chosen.load(folder, **{key: values[key] for key in chosen.settings})
    return loaded.load() if isinstance(loaded, StreamedExpression) else loaded


def tissue_or_error(adata: anndata.AnnData, tissue: str) -> str:
    """Return `tissue` if it is a class of the data set.

    Raises
    ------
    UnknownNameError
        If it is not; the message names the nearest class.
    """
    return one_of("tissue", tissue, [str(name) for name in adata.obs["tissue"].unique()])
