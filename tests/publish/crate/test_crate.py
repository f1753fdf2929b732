"""A run as a research object: what it says, that a validator takes it, that a change is noticed."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rocrate
import yaml
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

from helpers.errors import HelpersError
from helpers.publish.crate.reading import read_crate
from helpers.publish.crate.reproduction import run_again
from helpers.publish.crate.writing import CRATE, FILES, METADATA, offered, pack, write_crate
from helpers.study import Study
from helpers.workspace.store import project_root

ROOT = project_root(Path(__file__))


@pytest.fixture(scope="module")
def study(tiny_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a copy of the tiny study, with its crate and one chapter."""
    folder = tmp_path_factory.mktemp("crate") / "ws"
    shutil.copytree(tiny_study.workspace.root, folder)
    profile, dataset, values, data, _, catalogue = tiny_study.address()
    copy = Study.at((profile, dataset, values, data, folder, catalogue))
    copy.ensure("tables/classes")
    assert write_crate(copy, ROOT)
    return copy


def entities(study: Study) -> dict[str, dict[str, Any]]:
    found = json.loads(study.workspace.path(METADATA).read_text())
    return {each["@id"]: each for each in found["@graph"]}


def test_a_crate_says_what_made_what(study: Study) -> None:
    found = entities(study)
    run = found["#run"]
    results = {each["@id"] for each in run["result"]}
    assert {"tables/claims.csv", "tables/top_genes.csv", "claims.json"} <= results
    assert any(name.startswith("protocols/") for name in results)
    assert found[run["instrument"]["@id"]]["programmingLanguage"] == {"@id": "#helpers"}
    assert json.loads(found["#settings"]["value"])["top"] == 15
    data = {each["name"] for name, each in found.items() if name.startswith("#data-")}
    assert data == set(study.data_fingerprint)
    assert found["#package-torch"]["softwareVersion"]
    # Folders of this machine are nobody's business.
    text = study.workspace.path(METADATA).read_text()
    assert str(study.data) not in text
    assert str(study.workspace.root) not in text


def test_it_is_written_once(study: Study) -> None:
    before = {name: study.workspace.path(name).read_bytes() for name in FILES}
    assert not write_crate(study, ROOT)
    assert before == {name: study.workspace.path(name).read_bytes() for name in FILES}


def test_the_manifest_names_every_output(study: Study) -> None:
    manifest = yaml.safe_load(study.workspace.path("codecheck.yml").read_text())
    crate = read_crate(study.workspace.root)
    assert [entry["file"] for entry in manifest["manifest"]] == sorted(crate.results)
    for entry in manifest["manifest"]:
        assert crate.results[entry["file"]] in entry["comment"]


BIOSCHEMAS = {
    name: f"https://bioschemas.org/{place}"
    for name, place in {
        "ComputationalWorkflow": "ComputationalWorkflow",
        "FormalParameter": "FormalParameter",
        "input": "ComputationalWorkflow#input",
    }.items()
}
"""What the context of RO-Crate 1.1 calls otherwise than that of 1.3."""


def test_a_validator_takes_it(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    # The context of JSON-LD would be fetched; the library that writes crates holds a later one.
    context = json.loads((Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text())
    context["@context"] |= BIOSCHEMAS

    def answer(*_: object, **__: object) -> Any:
        return SimpleNamespace(
            status_code=200, json=lambda: context, text=json.dumps(context), ok=True,
            headers={"Content-Type": "application/ld+json"}, from_cache=True,
        )  # fmt: skip

    monkeypatch.setattr(type(HttpRequester()), "get", answer, raising=False)

    def issues(folder: Path) -> list[str]:
        result = services.validate(
            services.ValidationSettings(
                rocrate_uri=str(folder), profile_identifier="workflow-run-crate",
                requirement_severity=models.Severity.REQUIRED,
            )
        )  # fmt: skip
        return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]

    assert issues(study.workspace.root) == []


def edited(folder: Path, name: str, change: Callable[[str], str]) -> None:
    path = folder / name
    path.write_text(change(path.read_text()))


def without(text: str, name: str) -> str:
    found = json.loads(text)
    return json.dumps({**found, "@graph": [e for e in found["@graph"] if e["@id"] != name]})


MISCHIEF: dict[str, tuple[Callable[[Path], object], str]] = {
    "table": (
        lambda f: edited(f, "tables/claims.csv", lambda t: t.replace("partly", "reproduced")),
        r"tables/claims\.csv of .* was changed",
    ),
    "lost": (lambda f: (f / "claims.json").unlink(), r"lacks claims\.json"),
    "metadata": (
        lambda f: edited(f, METADATA, lambda t: t.replace('"smoke"', '"quick"')),
        "was edited",
    ),
    "no checksum": (lambda f: edited(f, METADATA, lambda t: without(t, "#checksum")), "was edited"),
    "no JSON": (lambda f: (f / METADATA).write_text("{"), "cannot be read"),
    "a list": (lambda f: (f / METADATA).write_text("[]"), "cannot be read"),
    "none": (lambda f: (f / METADATA).unlink(), "is not a crate"),
}


@pytest.mark.parametrize("what", MISCHIEF)
def test_a_crate_that_was_changed_is_refused(study: Study, tmp_path: Path, what: str) -> None:
    mischief, sentence = MISCHIEF[what]
    packed = tmp_path / CRATE
    pack(study.workspace.root, offered(study), packed)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(packed) as crate:
        crate.extractall(folder)
    assert read_crate(folder) == read_crate(packed)
    mischief(folder)
    with pytest.raises(HelpersError, match=sentence) as caught:
        read_crate(folder)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_what_was_changed_is_not_offered(study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    shutil.copytree(study.workspace.root, folder)
    address = study.address()
    copy = Study.at((*address[:4], folder, address[5]))
    assert set(offered(copy)) > set(FILES)
    edited(folder, "tables/claims.csv", lambda text: text + "\n")
    assert offered(copy) == {}


@pytest.mark.parametrize("name", ["nowhere", "pyproject.toml"])
def test_what_is_no_crate_is_refused(name: str) -> None:
    with pytest.raises(HelpersError, match=r"There is no crate|cannot be unpacked"):
        read_crate(ROOT / name)


def test_a_run_made_anew_is_compared(study: Study, tmp_path: Path) -> None:
    whole = read_crate(study.workspace.root)
    crate = type(whole)(
        **{**vars(whole), "chapters": ("01_training", "02_baseline_reproducibility")}
    )
    folder = tmp_path / "ws"
    shutil.copytree(study.workspace.root, folder)
    address = study.address()
    again = Study.at((*address[:4], folder, address[5]))
    asked: list[list[str] | None] = []

    def runner(*_: object, only: list[str] | None, workers: int) -> None:
        asked.append(only)

    same = run_again(crate, again, ROOT, lambda *_: None, runner=runner)
    assert asked == [["01_training", "02_baseline_reproducibility"]]
    assert set(same.same) == set(crate.results)
    assert same.other == same.not_made == ()

    def another(*_: object, only: list[str] | None, workers: int) -> None:
        edited(folder, "tables/top_genes.csv", lambda text: text.replace("GENE", "gene"))
        again.workspace.path("tables/learnt.csv").unlink()

    # A file is compared by its bytes; one that the record calls changed counts as not made.
    other = run_again(crate, again, ROOT, lambda *_: None, runner=another)
    assert set(crate.results) - set(other.same) >= {"tables/top_genes.csv", "tables/learnt.csv"}
    part = run_again(crate, again, ROOT, lambda *_: None, only=["01"], runner=runner)
    assert asked[-1] == ["01_training"]
    assert part.not_made == ()
    with pytest.raises(HelpersError, match="no such chapter"):
        run_again(crate, again, ROOT, lambda *_: None, only=["03"], runner=runner)
    elsewhere = type(whole)(**{**vars(crate), "data": {"other.txt.gz": "0"}})
    with pytest.raises(HelpersError, match="not those of the crate"):
        run_again(elsewhere, again, ROOT, lambda *_: None, runner=runner)
