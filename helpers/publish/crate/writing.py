"""Write a research object beside the results of a run.

The crate follows the profile Workflow Run Crate 0.5 (https://w3id.org/ro/wfrun/workflow/0.5), which
rests on RO-Crate 1.1; the manifest follows CODECHECK 1.0 (https://codecheck.org.uk/spec/config/1.0).
"""

from __future__ import annotations

import datetime
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from helpers.devices import device
from helpers.publish.crate.contents import Contents, Result, contents_of
from helpers.study import Study
from helpers.workspace import fingerprints
from helpers.workspace.formats import BYTES, JSON

METADATA, MANIFEST, WORKFLOW = "ro-crate-metadata.json", "codecheck.yml", "workflow.json"
FILES = (WORKFLOW, MANIFEST, METADATA)
"""What is written, in this order: the last of them says that the others are whole."""

CRATE = "crate.zip"
"""What a book calls its crate for download."""

CHECKSUM = "#checksum"
"""Entity with the fingerprint of everything else in the metadata."""

VERSION = "0.5"
PROFILES = {
    f"https://w3id.org/ro/wfrun/process/{VERSION}": "Process Run Crate",
    f"https://w3id.org/ro/wfrun/workflow/{VERSION}": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PAPER = "https://doi.org/10.1016/j.gpb.2022.07.003"
TITLE = (
    "Assessment and Optimization of Explainable Machine Learning Models Applied to "
    "Transcriptomic Data"
)
AUTHORS = ("Yongbing Zhao", "Jinfeng Shao", "Yan W. Asmann")
PEOPLE = "The contributors to this book"

_TYPES = {".csv": "text/csv", ".json": "application/json", ".svg": "image/svg+xml"}
_CONTEXT = {
    "sha256": "https://schema.org/sha256",
    "environment": "https://w3id.org/ro/terms/workflow-run#environment",
}
"""Terms that the context of RO-Crate 1.1 does not know."""


def write_crate(study: Study, root: Path) -> bool:
    """Write the research object of a workspace, if it is missing or anything has changed since.

    Parameters
    ----------
    study, root
        The study, and the folder of the project.

    Returns
    -------
    bool
        Whether anything was written.
    """
    contents = contents_of(study, root, str(device()))
    key = fingerprints.of_value([asdict(contents), fingerprints.of_code([__name__])])
    if all(study.workspace.state(name, key) == "fresh" for name in FILES):
        return False
    now = datetime.datetime.now(tz=datetime.UTC).replace(microsecond=0)
    workflow = {"steps": contents.steps, "results": {f: r.made_by for f, r in _sorted(contents)}}
    study.workspace.write(WORKFLOW, workflow, JSON, key=key)
    study.workspace.write(MANIFEST, manifest(contents, now).encode(), BYTES, key=key)
    own = {}
    for name in (WORKFLOW, MANIFEST):
        path = study.workspace.path(name)
        own[name] = Result(fingerprints.of_file(path), path.stat().st_size, "", "")
    study.workspace.write(METADATA, metadata(contents, own, now), JSON, key=key)
    return True


def offered(study: Study) -> dict[str, str]:
    """Return the files of a workspace's crate and their SHA-256; none if one has changed since."""
    path = study.workspace.path(METADATA)
    record = study.workspace.record(METADATA)
    if record is None or not path.is_file():
        return {}
    graph = json.loads(path.read_text("utf-8"))["@graph"]
    files = {each["@id"]: each["sha256"] for each in graph if "File" in _listed(each["@type"])}
    files[METADATA] = record.sha256
    whole = all(study.workspace.holds(file, sha256) for file, sha256 in files.items())
    return dict(sorted(files.items())) if whole else {}


def pack(workspace: Path, files: Iterable[str], target: Path) -> None:
    """Put files of a workspace into one for download; the same content gives the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in files:
            about = zipfile.ZipInfo(name)  # as old as such a file can be
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            packed.writestr(about, (workspace / name).read_bytes())


def manifest(contents: Contents, now: datetime.datetime) -> str:
    """Return ``codecheck.yml``: what a person who checks the run should find."""
    described = {
        "version": "https://codecheck.org.uk/spec/config/1.0/",
        "source": f"revision {contents.revision}",
        "paper": {
            "title": TITLE,
            "authors": [{"name": name} for name in AUTHORS],
            "reference": PAPER,
        },
        "manifest": [
            {"file": file, "comment": f"{result.title}; SHA-256 {result.sha256}"}
            for file, result in _sorted(contents)
        ],
        "summary": f"{_described(contents)} Made on {now.date().isoformat()} by `{command()}`; "
        "`python -m helpers verify` makes everything anew and compares. Nobody has checked it yet.",
    }
    return yaml.safe_dump(described, sort_keys=False, allow_unicode=True, width=100)


def command() -> str:
    """Return the command that makes a crate."""
    return "python -m helpers run"


def metadata(contents: Contents, own: dict[str, Result], now: datetime.datetime) -> dict[str, Any]:
    """Return the metadata of a crate as JSON-LD.

    Parameters
    ----------
    contents
        What it says.
    own
        The workflow and the manifest, by path.
    now
        When the run ended.
    """
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms |= _CONTEXT
    add = _adder(crate)
    results = {
        file: crate.add_file(dest_path=file, properties=_file(file, result, result.title))
        for file, result in contents.results.items()
    }
    listed = crate.add_file(
        dest_path=MANIFEST,
        properties=_file(MANIFEST, own[MANIFEST], "Manifest of all outputs")
        | {"encodingFormat": "application/yaml"},
    )
    workflow = crate.add_file(
        dest_path=WORKFLOW,
        properties=_file(WORKFLOW, own[WORKFLOW], "The steps of the study")
        | {"@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"]},
    )
    run = _run(add, contents, workflow, now)
    run["result"] = [results[f] for f, r in contents.results.items() if r.made_by in contents.steps]
    actions = [run, *_notebooks(add, contents, results, now)]
    root = crate.root_dataset
    root["name"] = f"Explaining models of the transcriptome: {contents.dataset}, {contents.profile}"
    root["description"] = _described(contents)
    root["datePublished"] = now.isoformat()
    root["license"] = add(LICENCE, "CreativeWork", name="CC BY 4.0", description="Licence of text "
                          "and figures; the code is under the MIT licence.")  # fmt: skip
    root["author"] = add("#contributors", "Organization", name=PEOPLE)
    root["isBasedOn"] = add(PAPER, "ScholarlyArticle", name=TITLE)
    root["conformsTo"] = [
        add(address, "CreativeWork", name=name, version=address.rsplit("/", 1)[1])
        for address, name in PROFILES.items()
    ]
    crate.metadata["conformsTo"] = [
        {"@id": "https://w3id.org/ro/crate/1.1"},
        {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
    ]
    root["mainEntity"] = workflow
    root["mentions"] = actions
    root["hasPart"] = [workflow, listed, *results.values()]
    sealed = add(CHECKSUM, "PropertyValue", name="Fingerprint of all else in this file", value="")
    root["identifier"] = sealed
    made = crate.metadata.generate()
    return seal(made)


def seal(made: dict[str, Any]) -> dict[str, Any]:
    """Return metadata with the fingerprint of all else in its entity `CHECKSUM`."""
    graph = [{**e, "value": ""} if e.get("@id") == CHECKSUM else e for e in made["@graph"]]
    # As it will be read back.
    open_ = json.loads(json.dumps({**made, "@graph": graph}))
    found = fingerprints.of_value(open_)
    graph = [{**e, "value": found} if e["@id"] == CHECKSUM else e for e in open_["@graph"]]
    return {**open_, "@graph": graph}


def _adder(crate: ROCrate) -> Callable[..., Any]:
    def add(identity: str, kind: str, /, **properties: Any) -> Any:
        return crate.add(ContextEntity(crate, identity, properties={"@type": kind, **properties}))

    return add


def _file(file: str, result: Result, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"{name} ({file})",
        "encodingFormat": _TYPES.get(Path(file).suffix, "application/octet-stream"),
        "sha256": result.sha256,
        "contentSize": str(result.size),
    }


def _run(add: Callable[..., Any], contents: Contents, workflow: Any, now: Any) -> Any:
    """Return the action that stands for all steps, with what it was given."""
    package = add(
        "#helpers", "ComputerLanguage", name="Steps of the package helpers",
        version=contents.revision, description="helpers/workflow/step.py says what a step is.",
    )  # fmt: skip
    workflow["programmingLanguage"] = package
    workflow["version"] = contents.revision
    workflow["license"] = "MIT"
    workflow["softwareRequirements"] = [
        add(f"#package-{name}", "SoftwareApplication", name=name, softwareVersion=version)
        for name, version in contents.packages.items()
    ]
    given: list[Any] = []
    values = {
        "dataset": contents.dataset,
        "profile": contents.profile,
        "settings": contents.settings,
    }
    workflow["input"] = []
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        slot = add(f"#parameter-{name}", "FormalParameter", name=name, additionalType="Text")
        found = add(f"#{name}", "PropertyValue", name=name, value=text, exampleOfWork=slot)
        slot["workExample"] = found
        workflow.append_to("input", slot)
        given.append(found)
    given += [
        add(f"#data-{number}", "CreativeWork", name=name, sha256=sha256,
            description="Input data; not a part of this crate.")
        for number, (name, sha256) in enumerate(sorted(contents.data.items()), 1)
    ]  # fmt: skip
    return add(
        "#run", "CreateAction", name="The run", instrument=workflow, object=given,
        description=f"{_described(contents)} Computed on {contents.device}.",
        endTime=now.isoformat(), actionStatus="http://schema.org/CompletedActionStatus",
    )  # fmt: skip


def _notebooks(
    add: Callable[..., Any], contents: Contents, results: dict[str, Any], now: Any
) -> list[Any]:
    """Return the executions of chapters, each with its notebook as the instrument."""
    made_by = {result.made_by: file for file, result in contents.results.items()}
    found = []
    for name, notebook in contents.notebooks.items():
        source = add(
            f"#notebook-{name}", "SoftwareSourceCode", name=f"notebooks/{name}.ipynb",
            version=contents.revision, sha256=notebook.sha256,
        )  # fmt: skip
        read = [results[made_by[step]] for step in notebook.reads if step in made_by]
        found.append(add(
            f"#execute-{name}", "CreateAction", name=f"Chapter {name}", instrument=source,
            description=f"Execution of the notebook {name}.", object=read,
            result=[results[file] for file in notebook.drew], endTime=now.isoformat(),
            actionStatus="http://schema.org/CompletedActionStatus",
        ))  # fmt: skip
    return found


def _described(contents: Contents) -> str:
    samples = "simulated samples" if contents.simulated else "samples"
    return f"{contents.title}: {samples}, profile {contents.profile}, revision {contents.revision}."


def _sorted(contents: Contents) -> list[tuple[str, Result]]:
    return sorted(contents.results.items())


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
