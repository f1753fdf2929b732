"""A study: one data set under one set of settings, its artefacts made once and reused."""

from __future__ import annotations

import functools
import platform
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import joblib

from helpers import config
from helpers.datasets.registry import find_dataset
from helpers.devices import one_thread
from helpers.errors import UnknownNameError, WorkspaceError, one_of
from helpers.workflow.ordering import in_order
from helpers.workflow.step import Context, Step
from helpers.workspace import fingerprints
from helpers.workspace.identity import lenders
from helpers.workspace.store import State, Workspace

Progress = Callable[[str, int, int], None]
"""Called with a step's title, how many members are done and how many there are to do."""


Catalogue = Callable[[], Mapping[str, Step]]
"""Returns the steps by name: a function of a module, so that another process can import it."""

Address = tuple[str, str, tuple[tuple[str, Any], ...], Path | None, Path, Catalogue]
"""All that another process needs to open a study."""


class Study:
    """Makes, finds and reads artefacts; see `open_study` for its parts."""

    def __init__(
        self,
        profile: str,
        dataset: str,
        settings: config.Settings,
        data: Path | None,
        workspace: Workspace,
        catalogue: Catalogue,
    ) -> None:
        self.profile = profile
        self.dataset = find_dataset(dataset, settings)
        self.settings = settings
        self.data = data
        self.workspace = workspace
        self._catalogue = catalogue
        self._steps = {name: step.under(settings) for name, step in catalogue().items()}
        self._keys: dict[tuple[str, str | None], str] = {}
        self._code: dict[str, str] = {}
        self._loaded: dict[str, Any] = {}

    @functools.cached_property
    def data_fingerprint(self) -> dict[str, str]:
        """SHA-256 of each file that the data set is read from."""
        return dict(self.dataset.fingerprint(self.data))

    @property
    def steps(self) -> list[str]:
        """Names of all steps."""
        return list(self._steps)

    def step(self, name: str) -> Step:
        """Return a step by name, or say which name is nearest."""
        if name not in self._steps:
            raise UnknownNameError("artefact", name, self._steps)
        return self._steps[name]

    def members(self, name: str) -> list[str]:
        """Return the members of a family of artefacts."""
        step = self.step(name)
        if step.members is None:
            raise TypeError(f"{name} is a single artefact and has no members")
        return step.members(self.settings, self.dataset)

    def get(self, name: str) -> Any:
        """Return an artefact, made now if it is missing or stale (a family: dict by member)."""
        step = self.step(name)
        if step.members is not None:
            return {member: self.member(name, member) for member in self.members(name)}
        if name not in self._loaded:
            self._loaded[name] = self._fetch(step, None)
        return self._loaded[name]

    def member(self, name: str, member: str) -> Any:
        """Return one member of a family; it is not kept in memory."""
        one_of(f"member of {name}", member, self.members(name))
        return self._fetch(self.step(name), member)

    def key(self, name: str, member: str | None = None) -> str:
        """Return the fingerprint of all that an artefact is made from.

        It covers the code of the step and of what it imports, the settings it
        declares, the versions of the computing libraries and the keys of its
        inputs, down to the bytes of the data files.
        """
        if (name, member) not in self._keys:
            self._keys[name, member] = fingerprints.of_value(self._made_from(name, member))
        return self._keys[name, member]

    def files(self, name: str) -> dict[str, str]:
        """Return the key of each file of an artefact or family, by path in the workspace."""
        step = self.step(name)
        if step.members is None:
            return {step.file(): self.key(name)}
        return {step.file(member): self.key(name, member) for member in self.members(name)}

    def places(self, name: str) -> list[str]:
        """Return the path of each file of an artefact or family in the workspace."""
        step = self.step(name)
        if step.members is None:
            return [step.file()]
        return [step.file(member) for member in self.members(name)]

    def states(self, name: str) -> dict[str, State]:
        """Return the state of each file of an artefact or family."""
        return {file: self._state(file, key) for file, key in self.files(name).items()}

    @functools.cached_property
    def _lenders(self) -> list[Workspace]:
        """Workspaces beside this one, whose artefacts are taken over where they are the same."""
        return lenders(self.workspace.root)

    def _lender(self, file: str, key: str) -> Workspace | None:
        return next((each for each in self._lenders if each.state(file, key) == "fresh"), None)

    def _state(self, file: str, key: str) -> State:
        found = self.workspace.state(file, key)
        return found if found == "fresh" or self._lender(file, key) is None else "fresh"

    def borrow(self, names: Iterable[str]) -> None:
        """Take over from the workspaces beside this one what they have of steps and their inputs.

        What a workspace holds does not depend then on whether the others stay.
        """
        if not self._lenders:
            return
        for needed in dict.fromkeys(step for name in names for step in self.upstream(name)):
            for file, key in self.files(needed).items():
                if self.workspace.state(file, key) != "fresh":
                    lender = self._lender(file, key)
                    if lender is not None:
                        self.workspace.borrow(file, lender)

    def upstream(self, name: str) -> list[str]:
        """Return the steps needed for `name`, itself last, in an order that can be followed."""
        reads: dict[str, tuple[str, ...]] = {}
        waiting = [name]
        while waiting:
            needed = waiting.pop()
            if needed not in reads:
                reads[needed] = self.step(needed).inputs
                waiting.extend(reads[needed])
        return in_order(reads)

    def outdated(self, names: Iterable[str]) -> dict[str, list[str | None]]:
        """Return what is missing or stale of steps and of all that they need.

        By step, in an order that can be followed: the members to make, or None for an artefact
        that has none.
        """
        found: dict[str, list[str | None]] = {}
        for needed in dict.fromkeys(step for name in names for step in self.upstream(name)):
            step, states = self.step(needed), self.states(needed)
            members = [None] if step.members is None else self.members(needed)
            todo = [member for member in members if states[step.file(member)] != "fresh"]
            if todo:
                found[needed] = todo
        return found

    def ensure(
        self, name: str, progress: Progress | None = None, *, distribute: bool = False
    ) -> int:
        """Make what is missing or stale of `name` and of all it needs; return how many files.

        Parameters
        ----------
        name
            A step.
        progress
            Told of every step and member that is made.
        distribute
            Send the members of all families to joblib's current backend, such as a Dask
            cluster: each worker opens the same workspace and writes its own file.
        """
        made = 0
        self.borrow([name])
        for needed, members in self.outdated([name]).items():
            step = self.step(needed)
            if step.members is None:
                self._tell(progress, step, 0, 1)
                self.get(needed)
                self._tell(progress, step, 1, 1)
            else:
                self._make_members(step, members, progress, distribute)
            made += len(members)
        return made

    @classmethod
    def at(cls, address: Address) -> Study:
        """Open the study that `address` came from."""
        profile, dataset, values, data, root, catalogue = address
        settings = config.Settings(**dict(values))
        return cls(profile, dataset, settings, data, Workspace(root), catalogue)

    def _make_members(
        self, step: Step, members: list[str | None], progress: Progress | None, distribute: bool
    ) -> None:
        self._tell(progress, step, 0, len(members))
        if distribute:
            work = (
                joblib.delayed(make_artefact)(self.address(), step.name, m, self.key(step.name, m))
                for m in members
            )
            done = joblib.Parallel(return_as="generator_unordered")(work)
            for count, _ in enumerate(done, 1):
                self._tell(progress, step, count, len(members))
            return
        for count, member in enumerate(members, 1):
            self._make(step, member)
            self._tell(progress, step, count, len(members))

    def address(self) -> Address:
        """Return all that another process needs to open this study."""
        values = tuple(sorted(self.settings.model_dump().items()))
        root = self.workspace.root
        return self.profile, self.dataset.argument, values, self.data, root, self._catalogue

    @staticmethod
    def _tell(progress: Progress | None, step: Step, done: int, total: int) -> None:
        if progress is not None:
            progress(step.title, done, total)

    def _made_from(self, name: str, member: str | None) -> dict[str, Any]:
        step = self.step(name)
        dump = self.settings.model_dump(mode="json")
        parts: dict[str, Any] = {
            "step": name,
            "member": member,
            "settings": {field: dump[field] for field in step.settings},
            "code": self._code_of(step),
            "libraries": fingerprints.library_versions(),
            "inputs": {needed: fingerprints.of_value(self.files(needed)) for needed in step.inputs},
        }
        if step.named_files:
            parts["named_files"] = {
                field: [fingerprints.of_named(entry) for entry in files(dump[field])]
                for field, files in step.named_files.items()
            }
        if step.data_settings:
            parts["dataset"] = self.dataset.name
            parts["files"] = self.data_fingerprint
            parts["settings"] |= {field: dump[field] for field in self.dataset.settings}
        return parts

    def _code_of(self, step: Step) -> str:
        if step.name not in self._code:
            modules = [step.module]
            if step.data_settings:
                modules.append(self.dataset.module)
            self._code[step.name] = fingerprints.of_code(modules)
        return self._code[step.name]

    def _fetch(self, step: Step, member: str | None) -> Any:
        file, key = step.file(member), self.key(step.name, member)
        if self.workspace.state(file, key) != "fresh":
            lender = self._lender(file, key)
            if lender is not None and self.workspace.untouched:
                return step.form.read(lender.path(file))
            if lender is not None:
                self.workspace.borrow(file, lender)
            else:
                self._make(step, member)
        return step.form.read(self.workspace.path(file))

    def make(self, name: str, member: str | None) -> None:
        """Make an artefact, or a member of a family, whatever is there."""
        self._make(self.step(name), member)

    def _make(self, step: Step, member: str | None) -> None:
        started = time.perf_counter()
        context = Context(self, step)
        # Sums over several threads may differ in the last digit; with one thread a result does
        # not depend on how many cores or workers a machine has.
        with one_thread():
            value = step.make(context) if member is None else step.make(context, member)
            self.workspace.write(
                step.file(member),
                value,
                step.form,
                key=self.key(step.name, member),
                started=started,
                made_from=self._made_from(step.name, member),
            )


@functools.lru_cache(maxsize=1)
def _opened(address: Address) -> Study:
    return Study.at(address)


# Random states and numbers of threads belong to a process: a worker with several threads makes
# one member after the other.
_one_at_a_time = threading.Lock()


def make_artefact(address: Address, name: str, member: str | None, key: str) -> None:
    """Make an artefact, or a member of a family, in this process, perhaps another machine's.

    Parameters
    ----------
    address
        The study.
    name, member
        The step, and its member if it is a family.
    key
        Its fingerprint, as the process that asks for it knows it.

    Raises
    ------
    WorkspaceError
        If it would be made from something else here.
    """
    with _one_at_a_time:
        study = _opened(address)
        if study.key(name, member) != key:
            # A worker may live longer than the data that it has opened.
            _opened.cache_clear()
            study = _opened(address)
        if study.key(name, member) != key:
            raise WorkspaceError(
                f"A worker on {platform.node()} would make {study.step(name).file(member)} from "
                "other code, libraries or data: start all workers anew, in the same environment "
                "and with the same folders."
            )
        study.make(name, member)
