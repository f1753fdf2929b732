"""A study: one data set under one set of settings, its artefacts made once and reused."""

from __future__ import annotations

import functools
import platform
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import joblib

from helpers import config
from helpers.datasets.registry import find_dataset
from helpers.devices import one_thread
from helpers.errors import UnknownNameError, WorkspaceError, one_of
from helpers.protocols import NAMES as PROTOCOLS
from helpers.workflow.address import Address, Catalogue
from helpers.workflow.dependencies import in_order
from helpers.workflow.lending import Neighbourhood
from helpers.workflow.scheduling import Progress
from helpers.workflow.step import Context, Step
from helpers.workspace import fingerprints
from helpers.workspace.store import State, Workspace

SEPARATOR = ":"
"""Between a protocol and the name of a step: ``released:tables/accuracy`` is that table under the
protocol ``released``. A name without it is the study's own."""


class Study:
    """Makes, finds and reads artefacts; see `open_study` for its parts.

    A study has a *variant* for each further protocol (`under`): the same data and workspace, other
    choices. What a variant would make alike it shares with the headline's study; the rest lies in
    ``protocols/<name>/``. Everywhere the name of a step may be one of a variant, see `SEPARATOR`.
    """

    def __init__(
        self,
        profile: str,
        dataset: str,
        settings: config.Settings,
        data: Path | None,
        workspace: Workspace,
        catalogue: Catalogue,
        headline: Study | None = None,
    ) -> None:
        self.profile = profile
        self.dataset = find_dataset(dataset, settings)
        self.settings = settings
        self.data = data
        self.workspace = workspace
        self._beside = Neighbourhood(workspace)
        self._catalogue = catalogue
        self._headline = headline
        self._steps = {name: step.under(settings) for name, step in catalogue().items()}
        self._variants: dict[str, Study] = {}
        self._keys: dict[tuple[str, str | None], str] = {}
        self._recipes: dict[tuple[str, str | None], str] = {}
        # The same code counts for all variants, as it was when first asked for.
        self.code: fingerprints.Code = headline.code if headline else fingerprints.Code()
        self._loaded: dict[str, Any] = {}

    @functools.cached_property
    def data_fingerprint(self) -> dict[str, str]:
        """SHA-256 of each file that the data set is read from."""
        if self._headline is not None:
            return self._headline.data_fingerprint
        return dict(self.dataset.fingerprint(self.data))

    @property
    def steps(self) -> list[str]:
        """Names of all steps."""
        return list(self._steps)

    @property
    def protocol(self) -> str:
        """Name of the protocol."""
        return self.settings.protocol

    def under(self, protocol: str) -> Study:
        """Return the study of the same data under a protocol: itself, or a variant.

        Raises
        ------
        UnknownNameError
            If there is no such protocol.
        """
        one_of("protocol", protocol, PROTOCOLS)
        if protocol == self.protocol:
            return self
        if self._headline is not None:
            return self._headline.under(protocol)
        if protocol not in self._variants:
            chosen = config.under(self.settings, protocol, donors=self.dataset.knows_donors)
            self._variants[protocol] = Study(
                self.profile, self.dataset.argument, chosen, self.data, self.workspace,
                self._catalogue, self,
            )  # fmt: skip
        return self._variants[protocol]

    def owner(self, name: str) -> Study:
        """Return the study that the name of a step is of: this one, or a variant."""
        return self._placed(name)[0]

    def step(self, name: str) -> Step:
        """Return a step by name, or say which name is nearest."""
        owner, name = self._placed(name)
        if name not in owner._steps:
            raise UnknownNameError("artefact", name, owner._steps)
        return owner._steps[name]

    def title(self, name: str) -> str:
        """Return what a step is called on a progress bar."""
        owner, _ = self._placed(name)
        more = "" if owner is self else f" (protocol {owner.protocol})"
        return self.step(name).title + more

    def members(self, name: str) -> list[str]:
        """Return the members of a family of artefacts."""
        owner, name = self._placed(name)
        step = owner.step(name)
        if step.members is None:
            raise TypeError(f"{name} is a single artefact and has no members")
        return step.members(owner.settings, owner.dataset)

    def get(self, name: str) -> Any:
        """Return an artefact, made now if it is missing or stale (a family: dict by member)."""
        owner, name = self._placed(name)
        step = owner.step(name)
        if step.members is not None:
            return {member: owner.member(name, member) for member in owner.members(name)}
        if owner._headline is not None and owner._is_shared(name, None):
            return owner._headline.get(name)
        if name not in owner._loaded:
            owner._loaded[name] = owner._fetch(step, None)
        return owner._loaded[name]

    def member(self, name: str, member: str) -> Any:
        """Return one member of a family; it is not kept in memory."""
        owner, name = self._placed(name)
        one_of(f"member of {name}", member, owner.members(name))
        return owner._fetch(owner.step(name), member)

    def key(self, name: str, member: str | None = None) -> str:
        """Return the fingerprint of all that an artefact is made from.

        It covers the code of the step and of what it imports, the settings it
        declares, the versions of the computing libraries and the keys of its
        inputs, down to the bytes of the data files.
        """
        owner, name = self._placed(name)
        if owner._headline is not None and owner._is_shared(name, member):
            return owner._headline.key(name, member)
        if (name, member) not in owner._keys:
            made_from = owner._made_from(name, member)
            owner._keys[name, member] = fingerprints.of_value(made_from)
        return owner._keys[name, member]

    def file(self, name: str, member: str | None = None) -> str:
        """Return the path of an artefact, or of one member, in the workspace."""
        owner, name = self._placed(name)
        path = owner.step(name).file(member)
        if owner._headline is None or owner._is_shared(name, member):
            return path
        return f"protocols/{owner.protocol}/{path}"

    def files(self, name: str) -> dict[str, str]:
        """Return the key of each file of an artefact or family, by path in the workspace."""
        return {self.file(name, member): self.key(name, member) for member in self._parts(name)}

    def states(self, name: str) -> dict[str, State]:
        """Return the state of each file of an artefact or family."""
        return {file: self._beside.state(file, key) for file, key in self.files(name).items()}

    def borrow(self, names: Iterable[str]) -> None:
        """Take over from workspaces beside this one what they have of steps and their inputs."""
        for needed in dict.fromkeys(step for name in names for step in self.upstream(name)):
            self._beside.borrow(self.files(needed))

    def borrows(self, name: str) -> bool:
        """Tell whether an artefact is the headline's, where this protocol asks for another."""
        owner, name = self._placed(name)
        if owner._headline is None or not owner._is_borrowed(name):
            return False
        asked = {member: owner._recipe(name, member) for member in owner._parts(name)}
        return any(owner._headline._recipe(name, m) != found for m, found in asked.items())

    def reads(self, name: str) -> tuple[str, ...]:
        """Return the steps that a step reads; those that protocols share under the plain name."""
        owner, own = self._placed(name)
        found = [self._shortest(owner, needed) for needed in owner.step(own).inputs]
        if owner is not self and any(owner._is_shared(own, part) for part in owner._parts(own)):
            found.append(own)  # some of its members are the headline's
        return tuple(dict.fromkeys(found))

    def upstream(self, name: str) -> list[str]:
        """Return the steps needed for `name`, itself last, in an order that can be followed."""
        reads: dict[str, tuple[str, ...]] = {}
        waiting = [self._shortest(self, name)]
        while waiting:
            needed = waiting.pop()
            if needed not in reads:
                reads[needed] = self.reads(needed)
                waiting.extend(reads[needed])
        return in_order(reads)

    def outdated(self, names: Iterable[str]) -> dict[str, list[str | None]]:
        """Return what is missing or stale of steps and of all that they need.

        By step, in an order that can be followed: the members to make, or None for an artefact
        that has none.
        """
        found: dict[str, list[str | None]] = {}
        seen: set[str] = set()
        for needed in dict.fromkeys(step for name in names for step in self.upstream(name)):
            states = self.states(needed)
            files = {member: self.file(needed, member) for member in self._parts(needed)}
            todo = [m for m, file in files.items() if states[file] != "fresh" and file not in seen]
            seen.update(files.values())
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
            if self.step(needed).members is None:
                self._tell(progress, needed, 0, 1)
                self.get(needed)
                self._tell(progress, needed, 1, 1)
            else:
                self._make_members(needed, members, progress, distribute)
            made += len(members)
        return made

    @classmethod
    def at(cls, address: Address) -> Study:
        """Open the study that `address` came from."""
        profile, dataset, values, data, root, catalogue = address
        settings = config.Settings(**dict(values))
        return cls(profile, dataset, settings, data, Workspace(root), catalogue)

    def _make_members(
        self, name: str, members: list[str | None], progress: Progress | None, distribute: bool
    ) -> None:
        self._tell(progress, name, 0, len(members))
        if distribute:
            work = (
                joblib.delayed(make_artefact)(self.address(), name, m, self.key(name, m))
                for m in members
            )
            done = joblib.Parallel(return_as="generator_unordered")(work)
            for count, _ in enumerate(done, 1):
                self._tell(progress, name, count, len(members))
            return
        for count, member in enumerate(members, 1):
            self.make(name, member)
            self._tell(progress, name, count, len(members))

    def address(self) -> Address:
        """Return all that another process needs to open this study."""
        values = tuple(sorted(self.settings.model_dump().items()))
        root = self.workspace.root
        return self.profile, self.dataset.argument, values, self.data, root, self._catalogue

    def _tell(self, progress: Progress | None, name: str, done: int, total: int) -> None:
        if progress is not None:
            progress(self.title(name), done, total)

    def _placed(self, name: str) -> tuple[Study, str]:
        """Return the study that a name is of, and the name there."""
        protocol, separator, own = name.partition(SEPARATOR)
        return (self.under(protocol), own) if separator else (self, name)

    def _shortest(self, owner: Study, name: str) -> str:
        """Return the name of what `owner` calls `name`: a plain one for what is this study's."""
        owner, own = owner._placed(name)
        if owner is self or all(owner._is_shared(own, part) for part in owner._parts(own)):
            return own
        return f"{owner.protocol}{SEPARATOR}{own}"

    def _parts(self, name: str) -> list[str | None]:
        """Name the members of a family; of a single artefact None."""
        return [None] if self.step(name).members is None else list(self.members(name))

    def _is_borrowed(self, name: str) -> bool:
        step = self.step(name)
        return step.borrowed is not None and step.borrowed(self.settings)

    def _is_shared(self, name: str, member: str | None) -> bool:
        """Tell whether a variant's artefact is the headline's."""
        if self._headline is None or member not in self._headline._parts(name):
            return False
        if self.step(name).common or self._is_borrowed(name):
            return True
        return self._recipe(name, member) == self._headline._recipe(name, member)

    def _recipe(self, name: str, member: str | None) -> str:
        """Return the fingerprint of what the study decides about an artefact.

        It is the key without what variants have in common: data, code and libraries. So it is
        known where the data are not there.
        """
        if (name, member) not in self._recipes:
            step = self.step(name)
            dump = self.settings.model_dump(mode="json")
            own = self.dataset.settings if step.data_settings else ()
            parts = {
                "member": member,
                "settings": [dump[field] for field in (*step.settings, *step.named_files, *own)],
                "inputs": {needed: self._recipes_of(needed) for needed in step.inputs},
                "borrowed": self._borrowed_inputs(step),
            }
            self._recipes[name, member] = fingerprints.of_value(parts)
        return self._recipes[name, member]

    def _recipes_of(self, name: str) -> dict[str, str]:
        owner, own = self._placed(name)
        if owner._headline is not None and (owner.step(own).common or owner._is_borrowed(own)):
            owner = owner._headline
        return {str(member): owner._recipe(own, member) for member in owner._parts(own)}

    def _borrowed_inputs(self, step: Step) -> list[str]:
        return sorted(needed for needed in step.inputs if self.borrows(needed))

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
        borrowed = self._borrowed_inputs(step)
        if borrowed:
            parts["borrowed"] = borrowed
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
        return self.code.of([step.module, *([self.dataset.module] if step.data_settings else [])])

    def _fetch(self, step: Step, member: str | None) -> Any:
        file, key = self.file(step.name, member), self.key(step.name, member)
        place = self._beside.place(file, key)
        if place is None:
            self.make(step.name, member)
            place = self.workspace.path(file)
        return step.form.read(place)

    def make(self, name: str, member: str | None) -> None:
        """Make an artefact, or a member of a family, whatever is there."""
        owner, name = self._placed(name)
        if owner._headline is not None and owner._is_shared(name, member):
            owner = owner._headline
        owner._make(owner.step(name), member)

    def _make(self, step: Step, member: str | None) -> None:
        started = time.perf_counter()
        context = Context(self, step)
        # Sums over several threads may differ in the last digit; with one thread a result does
        # not depend on how many cores or workers a machine has.
        with one_thread():
            value = step.make(context) if member is None else step.make(context, member)
            self.workspace.write(
                self.file(step.name, member),
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
                f"A worker on {platform.node()} would make {study.file(name, member)} from "
                "other code, libraries or data: start all workers anew, in the same environment "
                "and with the same folders."
            )
        study.make(name, member)
