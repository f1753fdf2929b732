"""A step of the study: how one artefact, or one of a family, is made from others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from helpers.config import Settings
from helpers.datasets.registry import Dataset
from helpers.errors import HelpersError
from helpers.workspace.formats import Format


class UndeclaredError(HelpersError, LookupError, AttributeError):
    """A step reads an input or a setting that it has not declared."""

    def __init__(self, step: Step, what: str, name: str, entry: str) -> None:
        place = step.module.replace(".", "/") + ".py"
        super().__init__(
            f"{place}: the step {step.name!r} reads the {what} {name!r} without declaring it: add "
            f"it to the step's {entry!r}, so that a change of it makes the step stale."
        )


@dataclass(frozen=True)
class Step:
    """One entry of the table of steps.

    Attributes
    ----------
    name
        How other steps and the notebooks ask for it, such as ``"tables/accuracy"``.
    path
        Where it lies in the workspace; a family has ``{member}`` in it.
    form
        How it is written and read.
    make
        Called with a `Context` (and the member's name, for a family).
    title
        What it is called on a progress bar.
    inputs
        Names of the steps whose artefacts it may read.
    more_inputs
        Further inputs that it needs under given settings only.
    settings
        Fields of `Settings` that it may read. Only these make it stale.
    members
        The members of a family under given settings and data set.
    data_settings
        Whether it also depends on the data set's own settings and files (the first step).
    named_files
        Further fields of `Settings` that it may read, which name files outside the workspace: for
        each a function from its value to these files. Their names and bytes make the step stale,
        the folder that they lie in does not; a text in place of a path stands for itself.
    parallel
        Whether its members take long enough to be worth processes of their own.
    common
        Whether all protocols have the headline's artefact, whatever their own settings.
    borrowed
        Whether a protocol beside the headline, with these settings, makes do with the headline's
        artefact, though it would ask for another: those who read it can tell. None: never.
    """

    name: str
    path: str
    form: Format
    make: Callable[..., Any]
    title: str
    inputs: tuple[str, ...] = ()
    more_inputs: Callable[[Settings], tuple[str, ...]] | None = None
    settings: tuple[str, ...] = ()
    members: Callable[[Settings, Dataset], list[str]] | None = None
    data_settings: bool = False
    parallel: bool = False
    common: bool = False
    borrowed: Callable[[Settings], bool] | None = None
    named_files: Mapping[str, Callable[[Any], list[Path | str]]] = field(default_factory=dict)

    def under(self, settings: Settings) -> Step:
        """Return the step with all inputs that it has under these settings."""
        if self.more_inputs is None:
            return self
        return replace(self, inputs=(*self.inputs, *self.more_inputs(settings)), more_inputs=None)

    @property
    def module(self) -> str:
        """Name of the module with the code that makes it."""
        make = self.make
        while isinstance(make, partial):
            make = make.func
        return make.__module__

    def file(self, member: str | None = None) -> str:
        """Return the path of the artefact, or of one member, in the workspace."""
        return self.path.format(member=member)


class _Declared:
    """Settings, cut down to the fields a step has declared."""

    def __init__(self, settings: Settings, fields: tuple[str, ...], step: Step) -> None:
        self._values = {name: getattr(settings, name) for name in fields}
        self._step = step

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            if name.startswith("_"):  # Python itself asks whether there is such a method
                raise AttributeError(name) from None
            raise UndeclaredError(self._step, "setting", name, "settings") from None


class Source(Protocol):
    """What a `Context` asks for artefacts, settings and data: a study."""

    profile: str
    dataset: Dataset
    settings: Settings
    data: Path | None

    def get(self, name: str) -> Any:
        """Return an artefact."""

    def members(self, name: str) -> list[str]:
        """Return the names of a family's members."""

    def member(self, name: str, member: str) -> Any:
        """Return one member of a family."""

    def borrows(self, name: str) -> bool:
        """Tell whether an artefact is the headline's, where this protocol asks for another."""


class Context:
    """What a step's `make` sees: its declared inputs and settings, and nothing else.

    A step that reads something undeclared fails at once; otherwise a change of
    that thing would leave a stale artefact looking fresh.
    """

    def __init__(self, study: Source, step: Step) -> None:
        self._study = study
        self._step = step
        fields = (*step.settings, *step.named_files)
        if step.data_settings:
            fields = (*fields, *study.dataset.settings)
        self.settings: Any = _Declared(study.settings, fields, step)
        self.dataset = study.dataset
        self.profile = study.profile
        self.data = study.data

    def __getitem__(self, name: str) -> Any:
        """Return the artefact of an input step."""
        return self._study.get(self._checked(name))

    def get(self, name: str) -> Any:
        """Return the artefact of an input step, as a study does."""
        return self[name]

    def members(self, name: str) -> list[str]:
        """Return the names of an input family's members."""
        return self._study.members(self._checked(name))

    def member(self, name: str, member: str) -> Any:
        """Return one member of an input family."""
        return self._study.member(self._checked(name), member)

    def each(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield the members of an input family one at a time, so that one lies in memory."""
        for member in self.members(name):
            yield member, self.member(name, member)

    def borrows(self, name: str) -> bool:
        """Tell whether an input is the headline's, where this protocol asks for another."""
        return self._study.borrows(self._checked(name))

    def _checked(self, name: str) -> str:
        if name not in self._step.inputs:
            raise UndeclaredError(self._step, "artefact", name, "inputs")
        return name
