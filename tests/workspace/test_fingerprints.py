from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.workspace import fingerprints

KEYS = st.text(max_size=5)


@given(st.dictionaries(KEYS, st.integers() | st.text(max_size=5)))
def test_the_order_of_keys_does_not_count(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert fingerprints.of_value(value) == fingerprints.of_value(turned)


def test_different_values_differ() -> None:
    values = [1, 1.5, "1", None, [1], {"a": 1}, {"a": 2}]
    assert len({fingerprints.of_value(value) for value in values}) == len(values)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose module `a` imports `b`, and `b` imports `c`; `d` stands alone."""
    files = {
        "a": "from helpers import b\n\ndef f(x):\n    return b.g(x)\n",
        "b": "from helpers.c import h\n\ndef g(x):\n    return h(x) + 1\n",
        "c": "def h(x):\n    return 2 * x\n",
        "d": "def other():\n    return 0\n",
    }
    (tmp_path / "workspace").mkdir()
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(fingerprints, "__file__", str(tmp_path / "workspace" / "fingerprints.py"))
    return tmp_path


def edit(package: Path, name: str, old: str, new: str) -> None:
    path = package / f"{name}.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_code_is_followed_along_its_imports(package: Path) -> None:
    before = fingerprints.of_code(["helpers.a"])
    edit(package, "c", "2 * x", "3 * x")
    assert fingerprints.of_code(["helpers.a"]) != before


def test_code_that_is_not_imported_does_not_count(package: Path) -> None:
    before = fingerprints.of_code(["helpers.a"])
    edit(package, "d", "return 0", "return 1")
    assert fingerprints.of_code(["helpers.a"]) == before


def test_comments_docstrings_and_layout_do_not_count(package: Path) -> None:
    before = fingerprints.of_code(["helpers.a"])
    edit(package, "c", "def h(x):\n", 'def h(x):\n    """Double."""\n    # Why not.\n\n')
    assert fingerprints.of_code(["helpers.a"]) == before


@pytest.mark.parametrize("name", ["rules.yaml", "table.js"])
def test_tables_and_scripts_beside_the_code_count(package: Path, name: str) -> None:
    before = fingerprints.of_code(["helpers.a"])
    (package / name).write_text("a: 1\n")
    assert fingerprints.of_code(["helpers.a"]) != before


def test_imports_of_a_notebook_are_found() -> None:
    source = "from helpers.figures import training as figures\nimport numpy\n"
    found = fingerprints.imported_modules(source)
    assert found == ["helpers.figures", "helpers.figures.training"]


def test_a_marked_module_does_not_count_and_is_not_followed(package: Path) -> None:
    edit(package, "b", "from helpers.c", "DECIDES_NO_NUMBER = True\n\nfrom helpers.c")
    assert fingerprints.modules_of_code(["helpers.a"]) == ["helpers.a"]
    before = fingerprints.of_code(["helpers.a"])
    edit(package, "c", "2 * x", "3 * x")
    edit(package, "b", "+ 1", "+ 2")
    assert fingerprints.of_code(["helpers.a"]) == before
    edit(package, "b", "DECIDES_NO_NUMBER = True", "DECIDES_NO_NUMBER = False")
    assert fingerprints.modules_of_code(["helpers.a"]) == ["helpers.a", "helpers.b", "helpers.c"]


def test_the_mark_of_a_package_counts_for_all_its_modules(package: Path) -> None:
    room = package / "room"
    room.mkdir()
    (room / "__init__.py").write_text('"""Carries things about."""\n\nDECIDES_NO_NUMBER = True\n')
    (room / "inner.py").write_text("VALUE = 1\n")
    edit(package, "c", "def h", "from helpers.room.inner import VALUE\n\ndef h")
    assert fingerprints.decides_no_number("helpers.room.inner")
    assert fingerprints.modules_of_code(["helpers.c"]) == ["helpers.c"]
    assert not fingerprints.decides_no_number("helpers.c")
