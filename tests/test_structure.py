"""The house as it is drawn: what knows what, how much lies side by side, and how it is called."""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from helpers.study import open_study
from helpers.study.catalogue import STEPS
from helpers.workflow.dependencies import in_order
from helpers.workspace import fingerprints

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "helpers"

SIDE_BY_SIDE = 18
"""Modules that one can still take in at a glance."""

ENDINGS = re.compile(
    r"(?<=\w{4})(?:s|es|d|ed|e|er|ers|ing|al|ial|ence|ences|ance|ion|ions|ation|ations|isation|ised)$"
)
"""What a word can end in without meaning another thing."""

SAME_STEM = {("reference", "references"), ("explainers", "explanation")}
"""The name of a data set, and samples to compare with; the methods, and what they are asked for."""

MANY = ("datasets",)
"""Folders with more: a format is a module."""


FEW_PARAMETERS = 15
"""From here on, parameters that belong together are one frozen dataclass."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports of this package, for its types alone or within a function too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found = inner if inner in MODULES else node.module
                if found in MODULES:
                    yield found


def test_no_modules_import_each_other_not_even_for_their_types() -> None:
    needs = {name: set(imported(tree)) - {name} for name, tree in TREES.items()}
    assert sum(map(len, needs.values())) > 500
    assert set(in_order(needs)) == set(MODULES)


CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = {
    container: [set(re.findall(r"\w+", layer)) for layer in contract["layers"]]
    for contract in CONTRACTS["contracts"]
    for container in contract["containers"]
}
"""Containers of import-linter's contracts, each with its layers from the highest to the lowest."""


def above(module: str) -> set[str]:
    """Return the modules and packages that lie in layers above that of a module."""
    found: set[str] = set()
    for container, order in LAYERS.items():
        if not module.startswith(f"{container}."):
            continue
        own = module.removeprefix(f"{container}.").split(".")[0]
        for layer in order:
            if own in layer:
                break
            found |= {f"{container}.{name}" for name in layer}
    return found


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the strings that code uses: docstrings may send a reader anywhere."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def modules_named(text: str) -> Iterator[str]:
    """Yield what a text names of this package: ``helpers.study`` or ``study/opening.py``."""
    for found in re.findall(r"(?<![\w./])\w+(?:[./]\w+)+", text):
        name = re.sub(r"\.py$", "", found).replace("/", ".")
        whole = name if name.startswith("helpers.") else f"helpers.{name}"
        parts = whole.split(".")
        longest = max(
            (end for end in range(2, len(parts) + 1) if ".".join(parts[:end]) in MODULES),
            default=0,
        )
        if longest > 2 or (longest and whole == name):
            yield ".".join(parts[:longest])


def test_names_of_modules_are_found_in_text() -> None:
    text = "see helpers.study.opening.open_study, study/checks.py and `workflow.step`; a/b.csv"
    assert list(modules_named(text)) == [
        "helpers.study.opening", "helpers.study.checks", "helpers.workflow.step",
    ]  # fmt: skip
    assert list(modules_named("helpers.biology")) == ["helpers.biology"]
    assert not list(modules_named("tables/claims, study.settings or claims.json"))


@pytest.mark.parametrize("module", MODULES)
def test_nothing_names_a_room_above_in_a_string(module: str) -> None:
    higher = above(module)
    for text in strings(TREES[module]):
        for name in modules_named(text):
            known = {part for part in higher if name == part or name.startswith(f"{part}.")}
            assert not known, f"{module} names {name}, which lies above it"


def test_no_folder_holds_more_than_one_can_take_in() -> None:
    counts = Counter(
        path.parent.relative_to(PACKAGE).as_posix()
        for path in MODULES.values()
        if path.name != "__init__.py"
    )
    crowded = {name: count for name, count in counts.items() if count > SIDE_BY_SIDE}
    assert crowded.keys() <= set(MANY)


def stem(name: str) -> str:
    while (shorter := ENDINGS.sub("", name)) != name:
        name = shorter
    return name.replace("explan", "explain")


def test_no_two_modules_have_names_that_differ_by_an_ending() -> None:
    assert stem("explaining") == stem("explanation") == stem("explainers") == "explain"
    assert stem("estimates") == stem("estimating")
    names = sorted({path.stem for path in MODULES.values()} - {"__init__", "__main__"})
    alike = {(a, b) for a, b in itertools.combinations(names, 2) if stem(a) == stem(b)}
    assert alike <= SAME_STEM


def test_no_function_has_more_parameters_than_one_can_take_in() -> None:
    found = {
        f"{module}.{node.name}"
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]) >= FEW_PARAMETERS
        # Typer reads the options of a command from the parameters of its function.
        and not any(".command(" in ast.unparse(decorator) for decorator in node.decorator_list)
    }
    assert not found


@pytest.mark.parametrize("module", MODULES)
def test_scripts_and_styles_have_files_of_their_own(module: str) -> None:
    for text in strings(TREES[module]):
        assert not re.search(r"addEventListener|=> ?\{|\bfunction ?\(|\{[^}]*\bcolor: ?#", text)


def rooms_reached(modules: Iterable[str]) -> set[str]:
    """Return the rooms of what modules import, marked as deciding no number or not."""
    reached, waiting = set[str](), list(modules)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(imported(TREES[name]))
    return {name.split(".")[1] for name in reached if "." in name}


TRAINED = [name for name, step in STEPS.items() if step.path.startswith("models/")]
VALIDATED = [name for name, step in STEPS.items() if step.path.startswith("folds/")]


@pytest.mark.parametrize("name", [*TRAINED, *VALIDATED, "tables/cross_validation"])
def test_editing_an_explainer_retrains_nothing(name: str, tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path)
    modules = [STEPS[needed].module for needed in study.upstream(name)]
    assert {"study", "training", "models"} <= rooms_reached(modules)
    assert not rooms_reached(modules) & {"explain", "stability", "biology", "claims"}
    assert {part.split(".")[1] for part in fingerprints.modules_of_code(modules)} == {
        "datasets", "devices", "models", "study", "training",
    }  # fmt: skip


def test_counting_masks_does_not_depend_on_biology() -> None:
    assert "biology" not in rooms_reached([STEPS["tables/mask_counts"].module])


def test_every_step_is_made_by_code_of_this_package() -> None:
    assert {step.module for step in STEPS.values()} <= MODULES.keys()


def test_what_decides_no_number_is_known() -> None:
    # A mark on a module that computes would let stale results pass for fresh.
    marked = [name for name in MODULES if fingerprints.decides_no_number(name)]
    outside = [name for name in marked if name.split(".")[1] not in {"workspace", "workflow"}]
    assert outside == [
        "helpers.config", "helpers.datasets.entry", "helpers.datasets.registry", "helpers.errors",
        "helpers.profiles",
        "helpers.protocols",
        "helpers.study.catalogue",
        "helpers.study.designs.scores", "helpers.study.formats", "helpers.study.opening",
    ]  # fmt: skip
    assert {"helpers.workspace.store", "helpers.workflow.study"} <= set(marked)
