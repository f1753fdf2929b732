"""Settings are checked before any work: by themselves, against the samples and the genes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.annotations import LIBRARIES, cancer_gene_roles, load_gene_sets, regulator_lists
from helpers.annotations.enrichr import PREFIX
from helpers.annotations.gmt import is_gmt
from helpers.annotations.markers import read_markers
from helpers.biology.housekeeping import read_housekeeping
from helpers.config import Settings, under
from helpers.datasets.registry import Dataset
from helpers.errors import BadInputError, HelpersError, MissingInputError, check_path, one_of
from helpers.models.cnn import CNN
from helpers.models.grid import named_order
from helpers.stability.overlap import ONE_GENE_IN
from helpers.study.training.data import chosen_samples, sides_of
from helpers.study.verdicts.other_runs import BESIDE, read_stored
from helpers.training.precision import PRECISIONS

FILES = (
    "transcription_factor_file",
    "cofactor_file",
    "cancer_gene_file",
    "housekeeping_list",
    "marker_file",
    "sample_sheet",
)
"""Settings with the path of a file, or nothing."""

SIZES = (
    "curve_sizes",
    "cnn_curve_sizes",
    "reference_sizes",
    "cnn_reference_sizes",
    "repeated_reference_sizes",
    "cnn_repeated_reference_sizes",
    "aggregate_sizes",
    "mask_sizes",
)
"""Settings with the points of curves."""


def check_settings(settings: Settings) -> None:
    """Check what can be checked without data.

    Raises
    ------
    UnknownNameError
        If there is no such layer, gene order or precision; the nearest name is offered.
    BadInputError
        If a design needs more models or references than there are, or the points of a curve
        are not in order, or a file of annotations does not hold what it should.
    MissingInputError
        If there is no such file.
    """
    if settings.cam_layer:
        one_of("layer of the CNN", settings.cam_layer, feature_layers())
    if settings.cnn_gene_order != "genomic":
        named_order(settings.cnn_gene_order, ["a gene"])
    one_of("precision", settings.cnn_precision, PRECISIONS)
    if settings.most_genes == 1:
        raise BadInputError("Parameter 'most_genes' keeps one gene: set 2 or more, or 0 for all.")
    _check_annotations(settings)
    # Each protocol has batches, models and sizes of its own.
    for protocol in (settings.protocol, *settings.protocols):
        own = settings if protocol == settings.protocol else under(settings, protocol)
        _check_models(own)
        _check_sizes(own)
        _check_batches(own)
    for folder in settings.compare_workspaces:
        if folder != BESIDE:
            read_stored(Path(folder))
    if path := settings.housekeeping_list:
        if not Path(path).is_file():
            raise MissingInputError(
                f"Parameter 'housekeeping_list': there is no file {path}; correct it."
            )
        read_housekeeping(Path(path))
    if settings.marker_file:
        read_markers(Path(settings.marker_file))


def with_full_paths(settings: Settings) -> Settings:
    """Return the settings with full paths of files: notebooks run in another folder.

    What is neither a file nor looks like one is left as it is, for `check_settings` to judge.

    Raises
    ------
    BadInputError
        If one is too long to be a path.
    """
    sets = tuple(
        str(Path(name).absolute()) if is_gmt(name) and not name.startswith(PREFIX)
        else name
        for name in settings.gene_set_libraries
    )  # fmt: skip
    others = tuple(
        name if name == BESIDE else str(Path(name).absolute())
        for name in settings.compare_workspaces
    )
    files = {
        name: str(Path(value).absolute()) for name in FILES if (value := getattr(settings, name))
    }
    for path in (*files.values(), *sets, *others):
        check_path(path)
    return settings.model_copy(
        update={"gene_set_libraries": sets, "compare_workspaces": others, **files}
    )


def _check_annotations(settings: Settings) -> None:
    """Read the user's own files, which fail late otherwise; Enrichr may be out of reach."""
    names = settings.gene_set_libraries
    if len(set(names)) < len(names):
        raise BadInputError(
            f"Parameter 'gene_set_libraries' names a library twice in {', '.join(names)}: name "
            "each once."
        )
    for name in names:
        if name not in LIBRARIES and not name.startswith(PREFIX):
            load_gene_sets(name)
    regulator_lists(settings.transcription_factor_file, settings.cofactor_file)
    cancer_gene_roles(settings.cancer_gene_file)


def _check_models(settings: Settings) -> None:
    wanted = ("models", "cnn_models", "cnn_one_order_models")
    for name in wanted if settings.cnn_models else wanted[:1]:
        if getattr(settings, name) < settings.inter_models:
            raise BadInputError(
                f"Parameter 'inter_models' asks to compare {settings.inter_models} models, but "
                f"{name!r} is {getattr(settings, name)}: raise the second or lower the first."
            )


def _check_batches(settings: Settings) -> None:
    names = ("explain_batch", "cnn_explain_batch") if settings.cnn_models else ("explain_batch",)
    for name in names:
        if settings.mode == "training" and getattr(settings, name) < 2:
            raise BadInputError(
                f"Parameter {name!r} is {getattr(settings, name)}, but in training mode (protocol "
                f"{settings.protocol!r}) batch normalisation takes its statistics from the batch, "
                "and one sample has none: set 2 or more."
            )


def _check_sizes(settings: Settings) -> None:
    for name in SIZES:
        sizes = getattr(settings, name)
        if not sizes and name.startswith("cnn_"):
            continue  # such curves are not made
        if len(sizes) < 2 or list(sizes) != sorted(set(sizes)):
            raise BadInputError(
                f"Parameter {name!r} must hold two numbers or more in rising order, each once, "
                f"but it is {list(sizes)}."
            )
        if "reference" in name and sizes[-1] > settings.reference_pool:
            raise BadInputError(
                f"Parameter {name!r} asks for {sizes[-1]} references, but 'reference_pool' is "
                f"{settings.reference_pool}: raise the second or lower the first."
            )


def check_samples(settings: Settings, dataset: Dataset, data: Path | None) -> None:
    """Check what the samples decide: the tissues to explain, the split, the folds.

    Parameters
    ----------
    settings
        The run's settings.
    dataset
        The data set; only names, classes and donors of its samples are read.
    data
        Its folder. What cannot be read is left to whoever loads it.

    Raises
    ------
    UnknownNameError
        If there is no such tissue; the nearest is named.
    BadInputError
        If a class or a tissue has too few samples or donors.
    """
    if dataset.describe is None:
        return
    try:
        obs = dataset.describe(data, settings)
    except HelpersError:
        return
    split = sides_of(obs, settings)
    chosen_samples(split, settings, dataset)
    for protocol in settings.protocols:
        # A split by donor where donors are known falls back on one by tissue.
        beside = under(settings, protocol, donors=dataset.knows_donors)
        if beside.split not in (settings.split, "donor_where_known"):
            sides_of(obs, beside)


def check_genes(settings: Settings, dataset: Dataset, data: Path | None) -> None:
    """Check what the genes decide, before any value is read.

    Parameters
    ----------
    settings
        The run's settings.
    dataset
        The data set; only the names of its genes are read, and these only where it matters.
    data
        Its folder. What cannot be read is left to whoever loads it.

    Raises
    ------
    BadInputError
        As `check_data`.
    """
    asks = _asks_for_length(settings) or settings.cnn_gene_order == "genomic"
    if not asks or dataset.genes is None:
        return
    try:
        var = dataset.genes(data, settings)
    except HelpersError:
        return
    check_data(settings, var)


def check_data(settings: Settings, var: pd.DataFrame) -> None:
    """Check that the genes allow the gene order and the list that are asked for.

    Parameters
    ----------
    settings
        The run's settings.
    var
        What is known of the genes, by symbol.

    Raises
    ------
    BadInputError
        If the coordinate of a gene is not known, or there are too few genes for the list that is
        asked for.
    """
    used = min(len(var), settings.most_genes or len(var))
    most = max(1, used // ONE_GENE_IN)
    if _asks_for_length(settings) and used and settings.top > most:
        kept = f" ('most_genes' keeps that many of {len(var):,})" if used < len(var) else ""
        raise BadInputError(
            f"Lists of the top {settings.top} are to be made, but the data have {used:,} genes"
            f"{kept}, and a list that holds more than one in {ONE_GENE_IN} of them shares genes "
            f"with any other by chance: lower 'top' to {most}, or give more genes."
        )
    if settings.cnn_models:
        named_order(settings.cnn_gene_order, list(var.index), var)


def _asks_for_length(settings: Settings) -> bool:
    return "top" in settings.model_fields_set


def feature_layers() -> list[str]:
    """Name the layers of the CNN that give feature maps, from first to last."""
    names = [name for name, _ in CNN(1, 1, channels=(1, 1, 1)).named_children()]
    return names[names.index("conv1") : names.index("average")]
