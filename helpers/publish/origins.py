"""Where a number comes from: the step that made it, and what that step reads."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from helpers.errors import UnknownNameError
from helpers.publish.chapters import Chapter
from helpers.publish.places import steps_shown
from helpers.study import Study
from helpers.workflow.step import Step
from helpers.workspace.store import State


@dataclass(frozen=True)
class Origin:
    """How an artefact is made.

    Attributes
    ----------
    name, title
        The step, and what it is called on a progress bar.
    files
        Its files in the workspace and their states.
    seconds
        How long making those that are there took; None if none has a record.
    function, module, line
        What makes it, and where that is written.
    says
        First line of its docstring, or of its module's.
    inputs
        The steps that it reads, and the states of their files.
    settings
        The settings that it reads, with their values.
    read_by
        Steps that read it.
    shown
        Where the book shows it: ``chapter#anchor``, a table without an anchor as its chapter.
    """

    name: str
    title: str
    files: dict[str, State]
    seconds: float | None
    function: str
    module: str
    line: int
    says: str
    inputs: dict[str, list[State]]
    settings: dict[str, Any]
    read_by: list[str]
    shown: list[str]


def origin_of(
    study: Study, name: str, steps: Iterable[str], chapters: Iterable[Chapter] = ()
) -> Origin:
    """Return how an artefact of a study is made; nothing is made.

    Parameters
    ----------
    study
        The study.
    name
        A step, such as ``"tables/accuracy"``; a file of it, such as ``"tables/accuracy.csv"``; or
        what a chapter shows, such as ``"figures/accuracy"``: then the step that it shows the most.
    steps
        The names of all steps.
    chapters
        The chapters of the book.

    Raises
    ------
    UnknownNameError
        If there is no such artefact; the nearest name is told.
    """
    steps, chapters = list(steps), list(chapters)
    step = study.step(_step_of(study, name, steps, chapters))
    function, path, line = _place(step.make)
    module = inspect.getmodule(function)
    files = study.states(step.name)
    records = [study.workspace.record(file) for file in files]
    seconds = [record.seconds for record in records if record is not None]
    values = study.settings.model_dump(mode="json")
    fields = [*step.settings, *step.named_files]
    fields += study.dataset.settings if step.data_settings else []
    return Origin(
        name=step.name,
        title=step.title,
        files=files,
        seconds=sum(seconds) if seconds else None,
        function=function.__qualname__.replace(".<locals>", ""),
        module=path,
        line=line,
        says=(inspect.getdoc(function) or inspect.getdoc(module) or "").split("\n")[0],
        inputs={needed: list(study.states(needed).values()) for needed in step.inputs},
        settings={field: values[field] for field in dict.fromkeys(fields)},
        read_by=[other for other in steps if step.name in study.step(other).inputs],
        shown=list(dict.fromkeys(_shown(step.name, chapters))),
    )


def _shown(step: str, chapters: Iterable[Chapter]) -> Iterator[str]:
    for chapter in chapters:
        for anchor, made_by in steps_shown(chapter):
            if step in made_by:
                yield f"{chapter.name}#{anchor}" if anchor else chapter.name


def _step_of(study: Study, name: str, steps: list[str], chapters: list[Chapter]) -> str:
    """Return the step that a name means: its own, or that of a file, a member or a figure."""
    if name in steps:
        return name
    for step in map(study.step, steps):
        if name in study.files(step.name) or _is_member(study, step, name):
            return step.name
    folder, _, anchor = name.removesuffix(".svg").removesuffix(".csv").rpartition("/")
    figures = {
        shown: made_by[0]
        for chapter in chapters
        for shown, made_by in steps_shown(chapter)
        if shown and made_by
    }
    if folder == "figures":
        for pattern, made_by in figures.items():
            if fnmatch(anchor, pattern):
                return made_by
    raise UnknownNameError("artefact", name, [*steps, *(f"figures/{shown}" for shown in figures)])


def _is_member(study: Study, step: Step, name: str) -> bool:
    folder, _, member = name.rpartition("/")
    return step.members is not None and folder == step.name and member in study.members(step.name)


def _place(make: Callable[..., Any]) -> tuple[Callable[..., Any], str, int]:
    """Return a function without what is wrapped around it, its file and its line."""
    while isinstance(make, functools.partial):
        make = make.func
    function = inspect.unwrap(make)
    path = Path(inspect.getsourcefile(function) or "")
    package = Path(__file__).parents[2]
    shown = path.relative_to(package) if path.is_relative_to(package) else path
    return function, shown.as_posix(), inspect.getsourcelines(function)[1]


def origin_lines(origin: Origin) -> list[tuple[str, str]]:
    """Return the origin of an artefact as rows of a label and a text."""
    names = list(origin.files)
    made = f"made in {origin.seconds:,.1f} s" if origin.seconds is not None else "never made here"
    if len(names) == 1:
        files = f"{names[0]}: {origin.files[names[0]]}, {made}"
    else:
        files = f"{len(names)} files, {names[0]} … {names[-1]}: {_counted(origin.files.values())}"
        files += f", {made}"
    return [
        ("artefact", f"{origin.name} ({origin.title})"),
        ("file" if len(names) == 1 else "files", files),
        ("made by", f"{origin.function}, {origin.module}, line {origin.line}"),
        ("about", origin.says),
        (
            "inputs",
            "\n".join(f"{name}: {_counted(states)}" for name, states in origin.inputs.items())
            or "none: it begins with the data set",
        ),
        (
            "settings",
            "\n".join(f"{name} = {value}" for name, value in origin.settings.items()) or "none",
        ),
        ("read by", ", ".join(origin.read_by) or "no other step"),
        ("shown in", "\n".join(origin.shown) or "no figure or table of the book"),
    ]


def _counted(states: Iterable[State]) -> str:
    found = list(states)
    if len(found) == 1:
        return found[0]
    counts = [(found.count(state), state) for state in ("fresh", "stale", "missing")]
    return ", ".join(f"{number} {state}" for number, state in counts if number)
