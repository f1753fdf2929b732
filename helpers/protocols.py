"""Three experiments: the paper's text, its released scripts, and good practice.

A *protocol* is a complete set of choices. Where the text is silent it takes the reading that the
page "Methods" calls the headline; the other reading is tried in the sensitivity analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

# Settings enter a fingerprint as parameters.
DECIDES_NO_NUMBER = True

TEXT, RELEASED, STRICT = "text", "released", "strict"

TITLES = {TEXT: "the paper's text", RELEASED: "the released scripts", STRICT: "good practice"}
"""Protocol → its name for readers."""

NAMES = tuple(TITLES)


@dataclass(frozen=True)
class Decision:
    """One point on which an experiment has to decide.

    Attributes
    ----------
    setting
        The field of `helpers.config.Settings` that decides it.
    title
        What is decided, for readers.
    text, released, strict
        Its value under each protocol.
    says
        What text and scripts say, with the place in each; lines are those of version 2.0.0.
    silent
        Whether the paper's text leaves it open.
    """

    setting: str
    title: str
    text: Any
    released: Any
    strict: Any
    says: str
    silent: bool = False


DECISIONS: tuple[Decision, ...] = (
    Decision(
        "mode", "Network while it explains", "dropout", "training", "eval",
        "Text: dropout is on, which makes replicates differ. Scripts: eval() is called only where "
        "accuracy is measured (mlp 234), so all of the network is in training mode.",
    ),
    Decision(
        "explain_batch", "Samples explained as one batch, at most", 256, 256, 256,
        "Text: silent, and without effect unless BatchNorm follows the batch. Scripts: "
        "net_batch_size, 256 by default (mlp 277–400).",
        silent=True,
    ),
    Decision(
        "batch_composition", "What else is in such a batch", "tissue", "tissue", "tissue",
        "Text: silent, and without effect as above. Scripts: a file holds samples of one tissue, "
        "in order, not shuffled (mlp 277–400).",
        silent=True,
    ),
    Decision(
        "combine", "Combining estimates", "signed_mean", "absolute_median", "signed_mean",
        "Text: scores are averaged. Scripts: absolute values, then the median (mlp 645–650).",
    ),
    Decision(
        "rank_by", "Which scores are top", "absolute", "absolute", "absolute",
        "Text: the top 100; largest, or largest in size, it does not say. Scripts: what is saved "
        "has no sign (mlp 645–668).",
        silent=True,
    ),
    Decision(
        "model_scale", "Scale of models before they are averaged", "unit", "raw", "unit",
        "Text: silent. Scripts: none; with raw scores one network can outweigh all others.",
        silent=True,
    ),
    Decision(
        "deepliftshap", "DeepLiftShap", "mean_over_references", "one_reference",
        "mean_over_references",
        "Text: DeepLIFT averaged over references. Scripts: one reference is copied over the "
        "batch, so that it is DeepLift (mlp 277–400).",
    ),
    Decision(
        "reference_cut", "Where references are cut", "zero_sd", "mean_sd", "zero_sd",
        "Text: between 0 and σ. Scripts: between μ − σ and μ + σ, absolute value taken (prepare "
        "104–142).",
    ),
    Decision(
        "reference_statistics", "What μ and σ of references describe", "samples",
        "tissue_medians", "samples",
        "Text: samples. Scripts: of universal references the tissues' medians, and 0.01 is added "
        "to σ (prepare 104–142).",
    ),
    Decision(
        "reference_samples", "Samples behind the references", "all", "all", "training",
        "Text: all samples. Scripts: all, test samples among them. What test samples taught "
        "cannot be tested on them.",
    ),
    Decision(
        "training_noise", "Share of a training batch that gets noise", 0.0, 0.8, 0.0,
        "Text: none. Scripts: 0.2 is stated, but it is the share without noise (mlp 192–199).",
    ),
    Decision(
        "split", "Split into training, validation and test", "tissue", "tissue_90_5_5",
        "donor_where_known",
        "Text: 9:1 within each tissue. Scripts: 90, 5 and 5 % (prepare 252–257). Samples of one "
        "donor on two sides make a test too easy.",
    ),
    Decision(
        "smoothgrad_noise", "Noise of SmoothGrad", 1.0, 1.0, 1.0,
        "Text: N(0, 1). Scripts: Captum's default, which is the same.",
    ),
    Decision(
        "smoothgrad_spread", "What that noise is relative to", "fixed", "fixed", "gene",
        "Text and scripts: the same for every gene, whatever its spread.",
    ),
    Decision(
        "cam_smoothing", "What SmoothGrad averages of GuidedGradCam", "product", "factors",
        "product",
        "Text: the scores. Scripts: the two factors of GuidedGradCam apart (cnn 561–608).",
    ),
    Decision(
        "gradcampp_target", "Class that GuidedGradCam++ explains", "own", "predicted", "own",
        "Text: the sample's own. Scripts: the predicted one (cnn 657).",
    ),
    Decision(
        "gradcampp_mode", "Network while GuidedGradCam++ explains", "as_others", "eval",
        "as_others",
        "Text: as for the others. Scripts: evaluation mode for it alone (cnn 631).",
    ),
)  # fmt: skip
"""Every point on which text, scripts and good practice may part."""

SETTINGS = tuple(decision.setting for decision in DECISIONS)
"""The settings that a protocol decides."""

PROTOCOLS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {name: MappingProxyType({d.setting: getattr(d, name) for d in DECISIONS}) for name in NAMES}
)
"""Protocol → the value of each of `SETTINGS`."""


def overridden(chosen: Any) -> dict[str, Any]:
    """Return the choices of a run that are not those of its protocol, and their values.

    Parameters
    ----------
    chosen
        Settings of the run: ``protocol`` and all of `SETTINGS`.
    """
    asked = PROTOCOLS[chosen.protocol]
    return {
        name: getattr(chosen, name) for name in SETTINGS if getattr(chosen, name) != asked[name]
    }


def in_order(names: Iterable[str], first: str) -> list[str]:
    """Return protocols, the headline first and the others in the order of the table."""
    others = set(names) - {first}
    return [first, *(name for name in NAMES if name in others)]
