"""Profiles and choices: every number and every decision of a run, as frozen data.

The defaults of `Settings` are the paper's. A profile (`helpers.profiles`) is the list of values in
which a run differs from them. A protocol (`helpers.protocols`) is a complete set of choices.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Literal

import pydantic

from helpers.errors import BadInputError, UnknownNameError, one_of
from helpers.profiles import PROFILES
from helpers.protocols import NAMES, PROTOCOLS, SETTINGS, TEXT

# Values of settings enter fingerprints themselves.
DECIDES_NO_NUMBER = True


class Settings(pydantic.BaseModel):
    """Everything a run depends on besides its data. Defaults: the paper, section "Methods"."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    seed: int = pydantic.Field(0, ge=0, lt=2**32)
    """Seed from which every random draw of the run is derived."""

    # Data
    samples_per_class: int = pydantic.Field(40, ge=3)
    """Simulated samples in each class (data sets `reference` and `planted` only)."""
    min_class_size: int = pydantic.Field(30, ge=3)
    """Classes with fewer samples are left out (real data), as the paper left out those of 21."""
    most_genes: int = pydantic.Field(0, ge=0)
    """Genes that are used at most; 0: all. Half of them are those that vary most between classes,
    the other half are spread evenly over the levels of the rest."""
    class_column: str = ""
    """Column of `obs` with the class (a file of your own only, as the next eight)."""
    layer: str = ""
    """Layer with the expression; `raw` for `adata.raw`; empty: `X`."""
    unit: Literal[
        "auto", "counts", "tpm", "log1p", "log2", "log10", "log2_0.001", "log2_0.01", "log2_0.1"
    ] = "auto"
    """What the values are; auto: found out by the rules of the page "Your own data"."""
    organ_column: str = ""
    """Column of `obs` with the organ; empty: each class is an organ of its own."""
    status_column: str = ""
    """Column of `obs` that says normal or cancer; empty: all samples are normal."""
    donor_column: str = ""
    """Column of `obs` with the donor; empty: not known."""
    gene_column: str = ""
    """Column of `var` with gene symbols, Ensembl or Entrez ids; empty: found out."""
    sample_sheet: str = ""
    """Table that says of each sample what it is; empty: the file does so itself."""
    sample_column: str = ""
    """Column of that table with the names of the samples; empty: found out."""
    tissues: tuple[str, ...] = ()
    """Normal tissues whose samples are explained; empty: the first of the data set's own."""
    own_tissues: int = pydantic.Field(4, ge=1)
    """How many of the data set's own tissues are explained where none are named."""
    explained_samples: int = pydantic.Field(10, ge=1)
    """Samples explained in each tissue, taken from the test samples first."""
    cnn_explained_samples: int = pydantic.Field(10, ge=1)
    """How many of these the CNNs explain too, at most."""

    # Training
    models: int = pydantic.Field(60, ge=2)
    """MLPs in the ensemble, which differ slightly in hyperparameters and seed."""
    max_epochs: int = pydantic.Field(100, ge=1)
    """Epochs of MLPs at most."""
    batch_size: int = pydantic.Field(256, ge=2)
    """Samples in a training batch of MLPs."""
    minimum_steps: int = pydantic.Field(100, ge=0)
    """Steps of the optimiser that a network is trained for at least: where samples are few, batches
    are smaller and epochs more than the settings say (page "Methods")."""
    learning_rate_mlp: float = pydantic.Field(0.001, gt=0)
    """Adam's initial learning rate for MLPs; each model draws its own around it."""
    weight_decay: float = pydantic.Field(0.001, ge=0)
    """L2 regularisation; each model draws its own around it."""
    hyperparameter_spread: float = pydantic.Field(0.2, ge=0, lt=1)
    """Models draw learning rate and L2 log-uniformly within this fraction of the values above."""
    reduce_after: int = pydantic.Field(5, ge=1)
    """Epochs without improvement after which the learning rate is multiplied by 0.25."""
    stop_after: int = pydantic.Field(15, ge=1)
    """Epochs without improvement after which training stops."""
    folds: int = pydantic.Field(5, ge=2)
    """Folds of the cross-validation."""
    cnn_folds: int = pydantic.Field(0, ge=0)
    """CNNs are tested on so many of the folds; 0, or more than there are: on all."""
    cnn_models: int = pydantic.Field(60, ge=0)
    """CNNs in the ensemble, each with a random gene order of its own; 0: the study has no CNNs."""
    cnn_one_order_models: int = pydantic.Field(5, ge=2)
    """CNNs that share one gene order."""
    cnn_more_orders: int = pydantic.Field(1, ge=0)
    """Further gene orders that as many CNNs share each; T4 can be tested with one or more."""
    cnn_gene_order: str = "given"
    """The order that these share: given, genomic (where the data know it) or random-<number>."""
    cnn_channels: tuple[int, int, int] = (64, 128, 256)
    """Feature maps of the three convolutions."""
    learning_rate_cnn: float = pydantic.Field(0.0006, gt=0)
    """Adam's learning rate for CNNs: the initial one of a plateau, the peak of a cycle."""
    cnn_schedule: Literal["plateau", "one_cycle"] = "plateau"
    """Learning rate cut when improvement stops (paper), or one rise and fall over the epochs."""
    cnn_max_epochs: int = pydantic.Field(100, ge=1)
    """Epochs at most; of a cycle, exactly."""
    cnn_batch_size: int = pydantic.Field(256, ge=2)
    """Samples in a training batch of CNNs."""
    cnn_precision: str = "float32_channels_last"
    """How CNNs hold numbers in training: float32, float32_channels_last, bfloat16_channels_last."""

    # Explanation and reproducibility
    replicates: int = pydantic.Field(5, ge=2)
    """Explanations of one sample by one model (intra-model design)."""
    inter_models: int = pydantic.Field(5, ge=2)
    """Models that are compared with each other (inter-model design)."""
    top: int = pydantic.Field(100, ge=1)
    """Genes in a list of top genes."""
    integration_steps: int = pydantic.Field(50, ge=1)
    """Steps of IntegratedGradients (Captum's default)."""
    curve_samples: int = pydantic.Field(10, ge=1)
    """How many of the explained samples of a tissue curves are made of, at most."""
    cnn_curve_samples: int = pydantic.Field(10, ge=1)
    """The same for CNNs."""
    curve_sizes: tuple[pydantic.PositiveInt, ...] = tuple(range(1, 51))
    """Points of the curves over repeats, with and without noise; the largest is the pool."""
    cnn_curve_sizes: tuple[pydantic.PositiveInt, ...] = tuple(range(1, 51))
    """The same for CNNs."""
    reference_sizes: tuple[pydantic.PositiveInt, ...] = tuple(range(1, 101))
    """Points of the curves over references."""
    cnn_reference_sizes: tuple[pydantic.PositiveInt, ...] = tuple(range(1, 101))
    """The same for CNNs."""
    reference_pool: int = pydantic.Field(2000, ge=2)
    """References of each random kind, from which every model draws its own."""
    repeated_reference_sizes: tuple[pydantic.PositiveInt, ...] = (1, 5, 10, 20, 40)
    """Points of the curves over references that are each explained several times."""
    cnn_repeated_reference_sizes: tuple[pydantic.PositiveInt, ...] = (1, 5, 10, 20)
    """The same for CNNs."""
    repeats_per_reference: int = pydantic.Field(20, ge=2)
    """How many times each of them is explained."""
    aggregate_sizes: tuple[pydantic.PositiveInt, ...] = tuple(range(1, 21))
    """Points of the curves over models; those above the number of models are left out."""
    smoothgrad_noise: float = pydantic.Field(1.0, gt=0)
    """Standard deviation of SmoothGrad's noise, log2 units."""
    engine: Literal["exact", "captum"] = "exact"
    """What explains where many estimates are combined: the exact engine where it can, or Captum."""
    optimum: Literal["paper", "ours"] = "paper"
    """Conditions of optimised explanations: those the paper found, or those of this run."""
    references: int = pydantic.Field(60, ge=1)
    """References averaged over by DeepLift, DeepLiftShap and IntegratedGradients in top genes."""
    repeats: int = pydantic.Field(40, ge=1)
    """Repeats averaged over by the other explainers in top genes."""
    cnn_integration_steps: int = pydantic.Field(50, ge=1)
    """Steps of IntegratedGradients on CNNs."""
    cnn_repeated_steps: int = pydantic.Field(50, ge=1)
    """The same where many estimates are combined."""
    cnn_references: int = pydantic.Field(20, ge=1)
    """The number of `references` for CNNs."""
    cnn_repeats: int = pydantic.Field(20, ge=1)
    """The number of `repeats` for CNNs."""

    # Audit of choices and control (chapter 13)
    sensitivity_models: int = pydantic.Field(10, ge=2)
    """MLPs that are explained under each option of a choice, and trained where it needs others."""
    sensitivity_estimates: int = pydantic.Field(40, ge=2)
    """Estimates in each optimised explanation under an option: repeats, or references."""
    mask_sizes: tuple[pydantic.PositiveInt, ...] = (1, 2, 5, 10, 20, 50)
    """Numbers of dropout masks at which explainers are compared on equal terms."""

    # Networks that know nothing (chapter 20)
    control_shuffles: int = pydantic.Field(20, ge=0, le=100)
    """Shuffles of the labels, on each of which an ensemble of MLPs learns; with fewer than 19 no
    p-value can be 0.05 or less."""
    control_models: int = pydantic.Field(0, ge=0)
    """MLPs of each of these ensembles, at most; 0: as many as lists of top genes are averaged
    over."""
    control_stop_after: int = pydantic.Field(15, ge=1)
    """Epochs without improvement after which training on shuffled labels stops; the setting
    `stop_after` holds where it is smaller."""
    control_beside: Literal["own", "headline"] = "own"
    """Control of the protocols beside the headline: trained as they ask, or the headline's."""

    # The network's state during explanation (chapter "Which experiment did the paper report?")
    state_models: int = pydantic.Field(10, ge=2)
    """MLPs that are explained in every state of the network."""
    state_estimates: int = pydantic.Field(20, ge=1)
    """Estimates in each explanation in a state: passes, or references."""
    state_samples: int = pydantic.Field(10, ge=1)
    """Samples of a tissue that are explained in every state, at most."""
    norm_models: int = pydantic.Field(5, ge=2)
    """MLPs that are trained with LayerNorm, and with none, in place of BatchNorm."""

    # Ground truth: planted genes (chapter 19)
    planted_classes: int = pydantic.Field(0, ge=0)
    """Classes of the data with planted genes, at most; 0: as many as there are."""
    planted_models: int = pydantic.Field(20, ge=2)
    """MLPs that are trained on them and explained."""
    planted_cnn_models: int = pydantic.Field(5, ge=0)
    """CNNs, likewise; none where the study has no CNNs."""
    planted_shuffled_models: int = pydantic.Field(5, ge=2)
    """MLPs that are trained on shuffled labels of these data."""
    planted_sizes: tuple[pydantic.PositiveInt, ...] = (1, 2, 3, 5, 10, 20)
    """Numbers of models averaged; those above the number of models are left out."""

    # Faithfulness, and where disagreement comes from (chapters 20 and 21)
    faithful_models: int = pydantic.Field(10, ge=1)
    """MLPs that genes are taken away from, at most."""
    faithful_cnn_models: int = pydantic.Field(5, ge=0)
    """CNNs, likewise; none where the study has no CNNs."""
    faithful_sizes: tuple[pydantic.PositiveInt, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    """Numbers of genes that are taken away; at most half of those measured."""
    roar_sizes: tuple[pydantic.PositiveInt, ...] = (10, 30, 100, 300, 1000)
    """Numbers of genes of each explained tissue that are removed before MLPs are trained anew."""
    roar_models: int = pydantic.Field(3, ge=1)
    """MLPs that are trained anew for each of these."""
    roar_explainers: tuple[str, ...] = ()
    """Explainers whose genes are removed; empty: all of MLPs."""
    roar_classes: int = pydantic.Field(20, ge=0)
    """Classes that are told apart then, those nearest to the explained ones first; 0: all."""
    variance_models: int = pydantic.Field(8, ge=2)
    """MLPs in the design that tells sources of disagreement apart."""
    variance_cnn_models: int = pydantic.Field(5, ge=0)
    """CNNs of each kind there; none where the study has no CNNs; 2 or more, or none."""
    variance_levels: int = pydantic.Field(4, ge=2)
    """Dropout masks, references and noise copies there, each crossed with all others."""

    # Biology of top genes
    groups: Literal["paper", "ours"] = "paper"
    """Groups I, II and III of explainer and architecture: the paper's, or this run's clusters."""
    specific_tpm: float = pydantic.Field(1.0, ge=0)
    """TissueEnrich: TPM from which a gene counts as expressed in a tissue."""
    specific_fold: float = pydantic.Field(5.0, gt=1)
    """TissueEnrich: how many times as much as elsewhere a tissue-specific gene is expressed."""
    specific_most: int = pydantic.Field(7, ge=2)
    """TissueEnrich: tissues in a group of a group-enriched gene, at most."""
    housekeeping_list: str = ""
    """File with a published list of housekeeping genes to compare with; empty: none."""
    matched_draws: int = pydantic.Field(1000, ge=1)
    """Random lists of matched expression with which each list of top genes is compared."""
    # Annotations: names of what comes with the package, or files of yours
    gene_set_libraries: tuple[str, ...] = pydantic.Field(("go_mf", "go_bp"), min_length=1)
    """Gene sets that top genes are tested for: go_mf, go_bp, GMT files, enrichr:<library>."""
    transcription_factor_file: str = ""
    """AnimalTFDB's table of transcription factors, beside those of GO; empty: GO alone."""
    cofactor_file: str = ""
    """AnimalTFDB's table of cofactors, beside those of GO; empty: GO alone."""
    cancer_gene_file: str = ""
    """OncoKB's cancerGeneList.tsv; empty: the driver genes of Bailey et al. 2018."""
    marker_file: str = ""
    """Marker genes of your own: a table of class and gene, or a list of genes; empty: none."""

    # Cancer
    tumour_samples: int = pydantic.Field(10, ge=2)
    """Samples of each tumour class whose own top genes are compared, at most."""

    # Ledger
    compare_workspaces: tuple[str, ...] = ("beside",)
    """Workspaces whose ledgers are shown too: folders; beside: those of this profile in _build."""
    bundles: tuple[str, ...] = ("published",)
    """Bundles of results shown beside this run: folders; published: those kept with the book."""

    # Protocols (page "Methods"); the defaults of the choices below are those of the text
    protocol: str = TEXT
    """The complete set of choices that this run follows: text, released or strict."""
    protocols: tuple[str, ...] = NAMES
    """Protocols under which statements are judged; the run's own is the headline."""
    cnn_protocols: tuple[str, ...] = NAMES
    """Those under which CNNs are explained too."""
    cnns_beside: Literal["own", "headline"] = "own"
    """CNNs of the protocols beside the headline: trained as they ask, or those of the headline."""
    beside: tuple[tuple[str, int | tuple[int, ...]], ...] = ()
    """Sizes that the protocols beside the headline have in place of the run's own: pairs of a
    setting and its value; curves of CNNs without a point are not made."""

    # Choices where the paper, its scripts and good practice part (page "Methods")
    mode: Literal["dropout", "training", "eval"] = "dropout"
    """Network during explanation: dropout on, BatchNorm fixed; all in training mode; all fixed."""
    explain_batch: int = pydantic.Field(256, ge=1)
    """Samples explained as one batch, at most; it matters in mode `training` alone."""
    cnn_explain_batch: int = pydantic.Field(256, ge=1)
    """The same for CNNs, where it is smaller."""
    batch_composition: Literal["tissue", "mixed"] = "tissue"
    """What fills such a batch beside the explained samples: their tissue, or all tissues."""
    combine: Literal["signed_mean", "absolute_median"] = "signed_mean"
    """How replicates are combined: mean of signed scores, or median of absolute ones."""
    rank_by: Literal["absolute", "signed"] = "absolute"
    """Which scores are top: the largest in size, or the largest."""
    model_scale: Literal["unit", "raw"] = "unit"
    """Scores of models before they are averaged: on one scale, or as they are."""
    deepliftshap: Literal["mean_over_references", "one_reference"] = "mean_over_references"
    """DeepLIFT averaged over references, or one reference copied over the batch (scripts)."""
    gradcampp_target: Literal["own", "predicted"] = "own"
    """Class that GuidedGradCam++ explains: the sample's own, or the predicted one (scripts)."""
    gradcampp_mode: Literal["as_others", "eval"] = "as_others"
    """Network while GuidedGradCam++ explains: as for the others, or all fixed (scripts)."""
    cam_smoothing: Literal["product", "factors"] = "product"
    """What SmoothGrad averages of GuidedGradCam: scores, or its two factors apart (scripts)."""
    cam_layer: str = ""
    """Layer that GuidedGradCam and GuidedGradCam++ look at; empty: the last convolution."""
    reference_cut: Literal["mean_sd", "zero_sd"] = "zero_sd"
    """Universal and specific references cut to [0, σ], or to μ ± σ and made absolute (scripts)."""
    reference_statistics: Literal["samples", "tissue_medians"] = "samples"
    """What μ and σ describe: samples, or the medians of tissues, with 0.01 added to σ (scripts)."""
    reference_samples: Literal["training", "all"] = "all"
    """Samples from which μ and σ of the references are estimated."""
    smoothgrad_spread: Literal["fixed", "gene"] = "fixed"
    """SmoothGrad's noise: the same for every gene, or in proportion to its spread in a class."""
    training_noise: float = pydantic.Field(0.0, ge=0, le=1)
    """Share of a training batch that gets N(0, 1) noise; scripts: 0.2 said, 0.8 in effect."""
    split: Literal["tissue", "tissue_90_5_5", "donor", "donor_where_known"] = "tissue"
    """9:1 within each tissue; 90, 5 and 5 % (scripts); or no donor on both sides: refused, or as
    `tissue`, where donors are not known."""

    @property
    def architectures(self) -> tuple[str, ...]:
        """Name the architectures of the study's networks."""
        return ("mlp", "cnn") if self.cnn_models else ("mlp",)


def settings(profile: str = "quick", /, **overrides: Any) -> Settings:
    """Build the settings of a profile and a protocol, with single values replaced.

    Parameters
    ----------
    profile
        A key of `PROFILES`.
    **overrides
        Fields of `Settings`; strings are converted, those of several values at their commas. A
        value that has a comma stands in quotation marks: ``"T cell, naive",liver``. Where a name is
        meant, a number is the text that it looks like: papermill passes ``10`` as a number.
        ``protocol`` sets all choices at once; others that are named stand on top of it.

    Raises
    ------
    UnknownNameError
        If the profile, a field or a protocol does not exist.
    BadInputError
        If a value is of the wrong type or out of range.
    """
    one_of("profile", profile, PROFILES)
    for name in overrides:
        if name not in Settings.model_fields:
            raise UnknownNameError("parameter", name, Settings.model_fields)
    values = {name: _converted(name, value) for name, value in overrides.items()}
    protocol = one_of("protocol", str(values.get("protocol", TEXT)), NAMES)
    return _checked({**PROFILES[profile], **PROTOCOLS[protocol], **values})


def under(chosen: Settings, protocol: str, *, donors: bool = True) -> Settings:
    """Return the settings of a protocol beside the headline.

    Parameters
    ----------
    chosen
        The run's settings.
    protocol
        One of `helpers.protocols.NAMES`.
    donors
        Whether the data can tell donors apart; if not, a split by donor is one by tissue.
    """
    values: dict[str, Any] = {**PROTOCOLS[protocol], **_no_more_than(chosen)}
    values |= {"protocol": protocol, "protocols": (protocol,), "beside": ()}
    if protocol not in chosen.cnn_protocols:
        values["cnn_models"] = 0
    if not donors and values["split"] == "donor_where_known":
        values["split"] = "tissue"
    return _checked({**chosen.model_dump(), **values})


def beyond_profile(chosen: Settings, profile: str) -> dict[str, Any]:
    """Return the settings that differ from a profile's, by name, as JSON has them.

    Parameters
    ----------
    chosen
        The run's settings.
    profile
        One of `PROFILES`.
    """
    own, usual = (each.model_dump(mode="json") for each in (chosen, settings(profile)))
    return {name: value for name, value in own.items() if value != usual[name]}


def _converted(name: str, value: Any) -> Any:
    """Return what a text stands for where a field has several values, and a name as text."""
    field = Settings.model_fields[name]
    if name == "beside" and isinstance(value, str):
        try:
            return tuple(json.loads(value).items())
        except (ValueError, AttributeError):
            raise BadInputError(
                f"Parameter 'beside' must name settings and sizes, as in {{\"curve_samples\": 1}}, "
                f"but it is {value!r}."
            ) from None
    if field.annotation in (str, tuple[str, ...]):
        value = [as_name(v) for v in value] if isinstance(value, list | tuple) else as_name(value)
    if isinstance(field.default, tuple):
        if isinstance(value, str):
            return separated(value)
        if isinstance(value, int) and name != "beside":
            return (value,)
    return value


def as_name(value: Any) -> Any:
    """Return a number or a truth value as the text that it was written as, all else as it is."""
    return str(value) if isinstance(value, bool | int | float) else value


def _checked(values: dict[str, Any]) -> Settings:
    """Build settings, and say in one sentence what is wrong with them."""
    try:
        made = Settings(**values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInputError(
            f"Parameter {field!r} cannot be {first['input']!r}: {first['msg'].lower()}."
        ) from None
    for name in (made.protocol, *made.protocols, *made.cnn_protocols):
        one_of("protocol", name, NAMES)
    for name, _ in made.beside:
        sizes = [field for field in Settings.model_fields if field not in _NO_SIZES]
        one_of("size of the protocols beside", name, sizes)
    return made


def _no_more_than(chosen: Settings) -> dict[str, Any]:
    """Return the sizes of the protocols beside the headline, none above the run's own."""
    found: dict[str, Any] = {}
    for name, size in chosen.beside:
        own = getattr(chosen, name)
        # An own size of 0 stands for all there are.
        found[name] = min(size, own) if isinstance(size, int) and own else size
    return found


_NO_SIZES = {*SETTINGS, "protocol", "protocols", "cnn_protocols", "cnns_beside", "beside"}
_NO_SIZES -= {"explain_batch"}
"""What `beside` cannot set: a protocol is complete, and its choices are its own but for sizes."""


def separated(text: str) -> tuple[str, ...]:
    """Cut a text at its commas, but for those between quotation marks; spaces around are lost."""
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    return tuple(part.strip() for row in rows for part in row if part.strip())
