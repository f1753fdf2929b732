"""Where the paper, its scripts and good practice part: a further choice is one more entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from helpers.config import Settings
from helpers.datasets.registry import Dataset

PAPER, SCRIPTS, STRICT = "paper's text", "released scripts", "good practice"
SILENT = "paper's text, one of its readings"

EVERY, WITH_REFERENCE = "every explainer", "every explainer with a reference"
"""Stand for explainers of MLPs. Which they are is known where they run, not here: choices decide
how models are trained too, and a new explainer must not make these stale."""

DEFAULT = "default"
"""Member of every family here that stands for the default of all choices."""

EVERY_MODE = ("dropout", "training", "eval")


@dataclass(frozen=True)
class Option:
    """One way to decide.

    Attributes
    ----------
    name
        Its name in tables.
    title
        Its name for readers.
    says
        Which of the paper's text, the released scripts and good practice ask for it.
    changes
        Settings that it changes, and to what.
    """

    name: str
    title: str
    says: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True)
class Choice:
    """A point on which the sources part; see the table in `book/methods.md`.

    Attributes
    ----------
    name
        Its name in tables; where it is a setting, that setting.
    title
        Its name for readers.
    options
        The default first.
    explains
        Explainers of MLPs whose scores depend on it, by name, or `EVERY` or `WITH_REFERENCE`.
    single
        Kinds of reference with which a single estimate depends on it; ``"zero"`` includes
        explainers without a reference. Empty: only combined estimates do.
    trains
        Whether other networks have to be trained for it.
    needs_donors
        Whether it means anything only where one donor gave several samples.
    """

    name: str
    title: str
    options: tuple[Option, ...]
    explains: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    trains: bool = False
    needs_donors: bool = False

    def default(self, settings: Any) -> Option:
        """Return the option that a run has taken; one of its own if it has set another value."""
        for option in self.options:
            if all(getattr(settings, name) == value for name, value in option.changes.items()):
                return option
        return OTHERWISE

    def others(self, settings: Any) -> list[Option]:
        """Return the options that a run has not taken."""
        return [option for option in self.options if option != self.default(settings)]


OTHERWISE = Option("otherwise", "as set in this run", ())
"""What a run has taken that sets a choice to a value which no source names."""


def _setting(name: str, value: Any, title: str, *says: str) -> Option:
    """Return the option that gives one setting one value."""
    return Option(str(value), title, says, MappingProxyType({name: value}))


CHOICES: dict[str, Choice] = {
    choice.name: choice
    for choice in (
        Choice(
            "mode", "Network while it explains",
            (
                _setting("mode", "dropout", "dropout on, all else fixed", PAPER),
                _setting("mode", "training", "all in training mode", SCRIPTS),
                _setting("mode", "eval", "all fixed", STRICT),
            ),
            (EVERY,), ("zero",),
        ),
        Choice(
            "combine", "Combining estimates",
            (
                _setting("combine", "signed_mean", "mean of signed scores", PAPER),
                _setting("combine", "absolute_median", "median of absolute scores", SCRIPTS),
            ),
            (EVERY,), ("zero",),
        ),
        Choice(
            "rank_by", "Which scores are top",
            (
                _setting("rank_by", "absolute", "the largest in size", SILENT, SCRIPTS),
                _setting("rank_by", "signed", "the largest", SILENT),
            ),
            (EVERY,), ("zero",),
        ),
        Choice(
            "model_scale", "Models before they are averaged",
            (
                _setting("model_scale", "unit", "on one scale", SILENT),
                _setting("model_scale", "raw", "as they are", SILENT, SCRIPTS),
            ),
            (EVERY,),
        ),
        Choice(
            "deepliftshap", "DeepLiftShap",
            (
                _setting("deepliftshap", "mean_over_references", "mean over references", PAPER),
                _setting("deepliftshap", "one_reference", "one reference, copied", SCRIPTS),
            ),
            ("DeepLiftShap",),
        ),
        Choice(
            "reference_cut", "Where references are cut",
            (
                _setting("reference_cut", "zero_sd", "to [0, σ]", PAPER),
                _setting("reference_cut", "mean_sd", "to μ ± σ, absolute value", SCRIPTS),
            ),
            (WITH_REFERENCE,), ("universal",),
        ),
        Choice(
            "reference_statistics", "What references describe",
            (
                _setting("reference_statistics", "samples", "samples", PAPER),
                _setting("reference_statistics", "tissue_medians", "medians of tissues", SCRIPTS),
            ),
            (WITH_REFERENCE,), ("universal",),
        ),
        Choice(
            "reference_samples", "Samples behind the references",
            (
                _setting("reference_samples", "all", "all samples", PAPER, SCRIPTS),
                _setting("reference_samples", "training", "training samples", STRICT),
            ),
            (WITH_REFERENCE,), ("universal",),
        ),
        Choice(
            "training_noise", "Noise in training",
            (
                _setting("training_noise", 0.0, "none", PAPER),
                _setting("training_noise", 0.2, "on a fifth of a batch", SCRIPTS + " (said)"),
                _setting("training_noise", 0.8, "on four fifths", SCRIPTS + " (in effect)"),
            ),
            (EVERY,), ("zero",), trains=True,
        ),
        Choice(
            "split", "Split into training and test",
            (
                _setting("split", "tissue", "9:1 within each tissue", PAPER),
                _setting("split", "donor", "no donor on two sides", STRICT),
            ),
            (EVERY,), ("zero",), trains=True, needs_donors=True,
        ),
    )
}  # fmt: skip
"""Choices under which MLPs are explained anew."""

SMOOTHGRAD = Choice(
    "smoothgrad", "Noise of SmoothGrad",
    (
        Option("one", "σ = 1 for every gene", (PAPER, SCRIPTS)),
        Option("spread", "σ of each gene: its spread within a class", (STRICT,)),
        Option("none", "no noise, as many repeats", ()),
    ),
    (EVERY,),
)  # fmt: skip
"""Judged by what the noise gains, whether or not SmoothGrad is on under the best conditions."""

GRADCAMPP = Choice(
    "gradcampp_target", "Target of GuidedGradCam++",
    (
        _setting("gradcampp_target", "own", "own class", PAPER),
        _setting("gradcampp_target", "predicted", "predicted class", SCRIPTS),
    ),
)  # fmt: skip
"""Concerns one explainer of CNNs."""

CAM_SMOOTHING = Choice(
    "cam_smoothing", "What SmoothGrad averages",
    (
        Option("product", "product of GuidedGradCam's factors", (PAPER,)),
        Option("factors", "each of these factors", (SCRIPTS,)),
    ),
)  # fmt: skip
"""Concerns two explainers of CNNs, and only under SmoothGrad."""

RELEASED = Option("released", "as released: only GuidedGradCam++ fixed",
                  (SCRIPTS,))  # fmt: skip
"""For CNNs, the modes of the released scripts: one for GuidedGradCam++, one for the others."""

ALL_CHOICES: dict[str, Choice] = {
    **CHOICES,
    **{choice.name: choice for choice in (SMOOTHGRAD, CAM_SMOOTHING, GRADCAMPP)},
}
"""The rows of the chapter's table of choices."""


@dataclass(frozen=True)
class Member:
    """One option that is not the default, or (with neither) the default of all choices."""

    choice: Choice | None
    option: Option | None

    @property
    def name(self) -> str:
        """Its name among the members of a family."""
        if self.choice is None or self.option is None:
            return DEFAULT
        return f"{self.choice.name}-{self.option.name}"

    @property
    def explains(self) -> tuple[str, ...]:
        """Explainers that have to be run anew, as a choice names them."""
        return (EVERY,) if self.choice is None else self.choice.explains

    @property
    def single(self) -> tuple[str, ...]:
        """Kinds of reference with which single estimates have to be made anew."""
        return ("zero", "universal") if self.choice is None else self.choice.single

    @property
    def trains(self) -> bool:
        """Whether it has networks of its own."""
        return self.choice is not None and self.choice.trains


def tried(choice: Choice, settings: Any, dataset: Dataset) -> list[Option]:
    """Return the options that a run has not taken and can try.

    Simulated samples have a donor each.
    """
    if choice.needs_donors and dataset.simulated:
        return []
    return choice.others(settings)


CHOICE_SETTINGS = tuple(CHOICES)
"""Settings on which it depends which options are tried."""


def members(settings: Settings, dataset: Dataset) -> list[str]:
    """Name the default and every other option that can be tried."""
    names = [
        Member(choice, option).name
        for choice in CHOICES.values()
        for option in tried(choice, settings, dataset)
    ]
    return [DEFAULT, *names]


def member_of(name: str) -> Member:
    """Return a member by its name."""
    return _MEMBERS[name]


_MEMBERS = {
    member.name: member
    for member in (
        Member(None, None),
        *(Member(choice, option) for choice in CHOICES.values() for option in choice.options),
    )
}


@dataclass(frozen=True)
class Chosen:
    """The settings of a step, with those of an option in place of some."""

    declared: Any
    changes: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        """Return the option's value of a setting, or that of the run."""
        return self.changes[name] if name in self.changes else getattr(self.declared, name)


def chosen_settings(declared: Any, member: Member) -> Chosen:
    """Return a run's settings as an option changes them: that one choice, and nothing else."""
    return Chosen(declared, {} if member.option is None else member.option.changes)


def option_names(settings: Any) -> dict[tuple[str, str], str]:
    """Return (choice, option) → a name for readers, in the order of the tables.

    Parameters
    ----------
    settings
        Of the run, whose own options are marked.
    """
    found: dict[tuple[str, str], str] = {}
    for choice in ALL_CHOICES.values():
        if choice is SMOOTHGRAD:
            own, options = choice.options[0], choice.options
        else:
            own = choice.default(settings)
            options = tuple(dict.fromkeys((own, *choice.options)))
        if choice.name == "mode":
            options = (*options, RELEASED)
        for option in options:
            mark = " (default)" if option == own else ""
            found[choice.name, option.name] = f"{choice.title}: {option.title}{mark}"
    return found


def choice_names() -> dict[str, str]:
    """Return choice → a name for readers."""
    return {choice.name: choice.title for choice in ALL_CHOICES.values()}


def what_sources_say() -> list[dict[str, str]]:
    """Return a row for each option: choice, option, and who asks for it."""
    return [
        {
            "choice": choice.title,
            "option": option.title,
            "asked for by": ", ".join(option.says) or "for comparison",
            "setting": ", ".join(f"{name}={value}" for name, value in option.changes.items()),
        }
        for choice in ALL_CHOICES.values()
        for option in choice.options
    ]
