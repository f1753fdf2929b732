"""Profiles and choices: every number and every decision of a run, as frozen data.

The defaults of `Settings` are the paper's. A profile is the list of values in
which a run differs from them, so reading `PROFILES` tells what was shrunk.
"""

from __future__ import annotations

from typing import Any, Literal

import pydantic

from helpers.errors import BadInputError, UnknownNameError, one_of


class Settings(pydantic.BaseModel):
    """Everything a run depends on besides its data. Defaults: the paper, section "Methods"."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seed: int = pydantic.Field(0, ge=0)
    """Seed from which every random draw of the run is derived."""

    # Data
    samples_per_class: int = pydantic.Field(40, ge=3)
    """Simulated samples in each class (data set `reference` only)."""
    min_class_size: int = pydantic.Field(10, ge=3)
    """Classes with fewer samples are left out (real data)."""
    tissues: tuple[str, ...] = ()
    """Normal tissues whose samples are explained; empty: the data set's four."""
    explained_samples: int = pydantic.Field(10, ge=1)
    """Samples explained in each tissue, taken from the test samples first."""

    # Training
    models: int = pydantic.Field(60, ge=2)
    """MLPs in the ensemble, which differ slightly in hyperparameters and seed."""
    max_epochs: int = pydantic.Field(100, ge=1)
    """Epochs at most."""
    batch_size: int = pydantic.Field(256, ge=2)
    """Samples in a training batch."""
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

    # Explanation and reproducibility
    replicates: int = pydantic.Field(5, ge=2)
    """Explanations of one sample by one model (intra-model design)."""
    inter_models: int = pydantic.Field(5, ge=2)
    """Models that are compared with each other (inter-model design)."""
    top: int = pydantic.Field(100, ge=1)
    """Genes in a list of top genes."""
    integration_steps: int = pydantic.Field(50, ge=1)
    """Steps of IntegratedGradients (Captum's default)."""
    references: int = pydantic.Field(60, ge=1)
    """References averaged over by DeepLift, DeepLiftShap and IntegratedGradients in top genes."""
    repeats: int = pydantic.Field(40, ge=1)
    """Repeats averaged over by the other explainers in top genes."""
    aggregate_integration_steps: int = pydantic.Field(50, ge=1)
    """Steps of IntegratedGradients for each of the `references` in top genes."""

    # Choices where the paper, its scripts and good practice part (page "Methods")
    mode: Literal["dropout", "training", "eval"] = "dropout"
    """Network during explanation: dropout on, BatchNorm fixed; all in training mode; all fixed."""
    combine: Literal["signed_mean", "absolute_median"] = "signed_mean"
    """How replicates are combined: mean of signed scores, or median of absolute ones."""
    deepliftshap: Literal["mean_over_references", "one_reference"] = "mean_over_references"
    """DeepLIFT averaged over references, or one reference copied over the batch (scripts)."""
    reference_cut: Literal["mean_sd", "zero_sd"] = "mean_sd"
    """Universal and specific references cut to μ ± σ and made absolute (scripts), or to [0, σ]."""
    reference_samples: Literal["training", "all"] = "training"
    """Samples from which μ and σ of the references are estimated."""
    training_noise: float = pydantic.Field(0.0, ge=0, le=1)
    """Share of a training batch that gets N(0, 1) noise; scripts: 0.2 said, 0.8 in effect."""
    split: Literal["tissue", "donor"] = "tissue"
    """9:1 within each tissue, or the same with no donor on both sides (where donors are known)."""


PROFILES: dict[str, dict[str, Any]] = {
    "smoke": {
        "samples_per_class": 6,
        "explained_samples": 1,
        "models": 3,
        "max_epochs": 2,
        "folds": 2,
        "replicates": 2,
        "inter_models": 2,
        "integration_steps": 5,
        "references": 5,
        "repeats": 5,
        "aggregate_integration_steps": 2,
    },
    "quick": {
        "samples_per_class": 30,
        "explained_samples": 5,
        "models": 20,
        "max_epochs": 15,
        "aggregate_integration_steps": 8,
    },
    "paper": {},
}


def settings(profile: str = "quick", **overrides: Any) -> Settings:
    """Build the settings of a profile, with single values replaced.

    Parameters
    ----------
    profile
        A key of `PROFILES`.
    **overrides
        Fields of `Settings`; strings are converted, ``tissues`` may be comma-separated.

    Raises
    ------
    UnknownNameError
        If the profile or a field does not exist.
    BadInputError
        If a value is of the wrong type or out of range.
    """
    one_of("profile", profile, PROFILES)
    for name in overrides:
        if name not in Settings.model_fields:
            raise UnknownNameError("parameter", name, Settings.model_fields)
    if isinstance(overrides.get("tissues"), str):
        overrides["tissues"] = tuple(
            t.strip() for t in overrides["tissues"].split(",") if t.strip()
        )
    try:
        return Settings(**{**PROFILES[profile], **overrides})
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInputError(
            f"Parameter {field!r} cannot be {first['input']!r}: {first['msg'].lower()}."
        ) from None
