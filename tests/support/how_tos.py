"""The how-to pages of the book: their code, ready to be run as if it lay where its caption says."""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"

_BLOCK = re.compile(
    r"^```\{code-block\} (?P<kind>\w+)\n:caption: (?P<place>[^\n]+)\n\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Page:
    """A page with code blocks, each of which says in its caption where it belongs."""

    def __init__(self, name: str) -> None:
        self.path = BOOK / f"{name}.md"
        self.blocks: dict[str, list[str]] = {}
        for found in _BLOCK.finditer(self.path.read_text(encoding="utf-8")):
            self.blocks.setdefault(found["place"], []).append(found["text"])

    def block(self, place: str) -> str:
        """Return the one block of a place."""
        (text,) = self.blocks[place]
        return text

    def module(self, place: str, patch: pytest.MonkeyPatch) -> types.ModuleType:
        """Make a module of a block, which others can import until the end of the test."""
        name = place.removesuffix(".py").replace("/", ".")
        made = types.ModuleType(name)
        made.__file__ = str(self.path)
        patch.setitem(sys.modules, name, made)
        self.run(place, vars(made))
        return made

    def run(self, place: str, names: dict[str, Any]) -> dict[str, Any]:
        """Run all blocks of a place with and into `names`."""
        for text in self.blocks[place]:
            exec(compile(text, f"{self.path.name}: {place}", "exec"), names)
        return names

    def entries(self, place: str, names: dict[str, Any]) -> dict[str, Any]:
        """Return the entries that a block adds to a dict."""
        entries: dict[str, Any] = eval(f"{{{self.block(place)}}}", names)
        return entries

    def tests(self, place: str, patch: pytest.MonkeyPatch) -> list[Callable[..., None]]:
        """Return the tests of a block, one for each case of those that have several."""
        made = self.module(place, patch)
        found: list[Callable[..., None]] = []
        for name, call in vars(made).items():
            if name.startswith("test_"):
                found += [_with(call, case) for case in _cases(call)]
        return found


def _with(call: Callable[..., None], case: dict[str, Any]) -> Callable[..., None]:
    def run(folder: Path) -> None:
        more = {"tmp_path": folder} if "tmp_path" in inspect.signature(call).parameters else {}
        call(**case, **more)

    return run


def _cases(call: Any) -> list[dict[str, Any]]:
    for mark in getattr(call, "pytestmark", []):
        names, cases = mark.args
        if isinstance(names, str):
            return [{names: case} for case in cases]
        return [dict(zip(names, case, strict=True)) for case in cases]
    return [{}]
