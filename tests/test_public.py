"""What is public is a short list, described and shown working."""

from __future__ import annotations

import doctest
import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

PAGE = Path(__file__).resolve().parents[1] / "book" / "api.md"
NEEDS = {"activities": "decoupler"}
"""Functions whose example needs a package that the book does not."""

NOTHING_TO_REFUSE = {"example_network", "save_model", "save_scores"}


def sections(text: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring, by title."""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", inspect.cleandoc(text), flags=re.MULTILINE)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(section: str) -> set[str]:
    lines = [line for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip().lstrip("*") for line in lines for name in line.split(",")}


def missing(name: str) -> list[str]:
    """List what the docstring of a public function does not say."""
    public = getattr(helpers, name)
    found = sections(public.__doc__ or "")
    if inspect.isclass(public):
        wanted, fields = {"Attributes", "Examples"}, set(public.__dataclass_fields__)
        gaps = fields - documented(found.get("Attributes", ""))
    else:
        signature = inspect.signature(public)
        wanted = {"Parameters", "Examples"} | (set() if name in NOTHING_TO_REFUSE else {"Raises"})
        if str(signature.return_annotation) != "None":
            wanted.add("Returns")
        gaps = set(signature.parameters) - documented(found.get("Parameters", ""))
    return sorted(wanted - set(found)) + sorted(gaps)


@pytest.mark.parametrize("name", helpers.__all__)
def test_docstrings_are_whole(name: str) -> None:
    assert not missing(name)


def test_a_gap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(x: int) -> int:
        """Do something.

        Parameters
        ----------
        y
            Another one.
        """
        return x

    monkeypatch.setattr(helpers, "bare", bare, raising=False)
    assert missing("bare") == ["Examples", "Raises", "Returns", "x"]


@pytest.mark.parametrize("name", helpers.__all__)
def test_examples_do_what_they_show(name: str) -> None:
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        pytest.skip(f"the example needs {NEEDS[name]}, which is optional")
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(verbose=False)
    tests = finder.find(getattr(helpers, name), name, globs={})
    assert tests
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False) == (0, sum(len(test.examples) for test in tests))


def test_the_page_shows_every_public_name_once_and_its_code_runs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(
        r"^\.\. auto(?:function|class):: helpers\.(?:\w+\.)*(\w+)$", text, re.MULTILINE
    )
    assert sorted(shown) == sorted(helpers.__all__)
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried >= 5
    assert not failed


def test_the_list_is_short() -> None:
    assert len(helpers.__all__) <= 25
    assert sorted(helpers.__all__) == sorted(set(helpers.__all__))
    assert set(helpers.__all__) <= set(dir(helpers))
    with pytest.raises(AttributeError, match="no attribute 'explain_netwrok'"):
        _ = helpers.explain_netwrok


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, helpers; print('torch' in sys.modules or 'pandas' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
