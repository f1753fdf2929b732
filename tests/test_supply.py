"""What is installed: all pinned with hashes, nothing unused; and how the project is cited."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
RUN, TEST, TORCH = (
    ROOT / name
    for name in ("requirements.lock", "requirements-test.lock", "requirements-torch.lock")
)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

NOT_IMPORTED = {"h5netcdf", "ipykernel", "jupyter-book"}
"""What is used without an import: an engine of xarray, a kernel, a program."""

GUESTS = {"decoupler", "scanpy"}
"""What a person may use beside this package, which imports it only then."""


def pins(path: Path) -> dict[str, str]:
    found = re.findall(
        r"^\s*(?:- )?([A-Za-z0-9][\w.-]*)==([^\s;]+)", path.read_text(), re.MULTILINE
    )
    return dict(found)


def asked(lines: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ]", line)[0].lower().replace("_", "-") for line in lines}


def test_the_locks_pin_every_dependency() -> None:
    extras = PROJECT["optional-dependencies"]
    run = pins(RUN) | pins(TORCH)
    assert asked(PROJECT["dependencies"]) | asked(extras["dask"]) <= set(run)
    assert asked(extras["test"]) <= set(run) | set(pins(TEST))
    assert not set(run) & set(pins(TEST))
    assert run["torch"] == "2.13.0"
    assert run["jupyter-book"] == "1.0.4.post1"


def test_every_pin_but_that_of_torch_has_hashes() -> None:
    for path in (RUN, TEST):
        entries = re.split(r"\n(?=\S)", path.read_text().strip())[1:]
        assert len(entries) == len(pins(path))
        for entry in entries:
            assert re.fullmatch(r"\S+( ; .+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry), entry[
                :60
            ]
    assert set(pins(TORCH)) == {"torch"}


def test_the_conda_environment_has_the_pins_of_the_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    lines = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert dict(line.split("==") for line in lines) == pins(RUN) | pins(TORCH)


def imported(folder: str) -> set[str]:
    """Return the distributions that code of a folder imports; of notebooks too."""
    sources = [path.read_text("utf-8") for path in (ROOT / folder).rglob("*.py")]
    for path in (ROOT / folder).glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        sources += ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    modules: set[str] = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    owners = metadata.packages_distributions()
    return {
        name.lower().replace("_", "-") for module in modules for name in owners.get(module, [])
    } - {"helpers"}


def test_what_runs_imports_what_is_locked_and_nothing_is_locked_unused() -> None:
    used = imported("helpers") | imported("notebooks")
    assert used - GUESTS <= set(pins(RUN)) | set(pins(TORCH))
    assert asked(PROJECT["dependencies"]) - used - NOT_IMPORTED == set()


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    uses = re.findall(r"uses: (.+)", path.read_text())
    assert uses
    for line in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line), line


def test_citation_and_codemeta_say_the_same() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    meta = json.loads((ROOT / "codemeta.json").read_text())
    assert meta["name"] == citation["title"]
    assert meta["version"] == citation["version"] == PROJECT["version"]
    licences = [address.rsplit("/", 1)[1] for address in meta["license"]]
    assert licences == citation["license"]
    assert [each["name"] for each in meta["author"]] == [a["name"] for a in citation["authors"]]
    assert meta["runtimePlatform"] == f"Python {PROJECT['requires-python']}"
    assert set(meta["softwareRequirements"]) == set(PROJECT["dependencies"])
    written = [(each["name"], each.get("@id")) for each in meta["citation"]]
    known = [
        (each["title"], f"https://doi.org/{each['doi']}" if "doi" in each else None)
        for each in citation["references"]
    ]
    assert written == known
