"""Fingerprints of data, parameters and code, from which freshness is decided.

Code is followed along its imports: the fingerprint of a module covers every
module of this package that it can reach. Comments, docstrings and layout do
not count, since they cannot change a result.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.errors import MissingInputError

PACKAGE = "helpers"

MARK = "DECIDES_NO_NUMBER"
"""Name that a module sets to True if what it does is no part of any fingerprint.

Such modules carry values and files about but decide none of the numbers, or (settings) enter a
fingerprint as parameters. Set in the `__init__` of a package, it counts for all its modules.
"""

# A new version of one of these may change results in the last digit or more.
COMPUTING_LIBRARIES = ("captum", "numba", "numpy", "pandas", "scikit-learn", "scipy", "torch")


def of_value(value: Any) -> str:
    """Return the SHA-256 of anything that JSON can express, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_named(entry: Path | str) -> list[str]:
    """Return the name of a file and the SHA-256 of its bytes; of a text, the text itself.

    Raises
    ------
    MissingInputError
        If there is no such file.
    """
    if isinstance(entry, str):
        return [entry]
    try:
        return [entry.name, of_file(entry)]
    except OSError as error:
        raise MissingInputError(
            f"{entry}, which a setting names, cannot be read ({error.strerror}): correct the name."
        ) from None


def of_code(modules: Iterable[str]) -> str:
    """Return the SHA-256 of the named modules and of all they import from this package."""
    return Code().of(modules)


class Code:
    """The package's code at one moment: each module and folder is looked at once."""

    def __init__(self) -> None:
        self._modules: dict[str, _Parsed | None] = {}
        self._tables: dict[Path, dict[str, str]] = {}
        self._found: dict[tuple[str, ...], str] = {}

    def of(self, modules: Iterable[str]) -> str:
        """Return the SHA-256 of the named modules and of all they import from this package."""
        wanted = tuple(sorted(modules))
        if wanted not in self._found:
            reached = self.reached(wanted)
            parts = {name: parsed.bare for name, parsed in sorted(reached.items())}
            for folder in sorted({at.folder for at in reached.values() if at.folder}):
                parts |= self._tables_in(folder)
            self._found[wanted] = of_value(parts)
        return self._found[wanted]

    def reached(self, modules: Iterable[str]) -> dict[str, _Parsed]:
        """Follow imports from the named modules to all that count with them."""
        reached: dict[str, _Parsed] = {}
        waiting = list(modules)
        while waiting:
            name = waiting.pop()
            parsed = None if name in reached else self._look_at(name)
            if parsed is not None:
                reached[name] = parsed
                waiting.extend(parsed.imports)
        return reached

    def _look_at(self, name: str) -> _Parsed | None:
        """Return what a module is, or None if it decides no number."""
        if name not in self._modules:
            self._modules[name] = None if decides_no_number(name) else _parsed(name)
        return self._modules[name]

    def _tables_in(self, folder: Path) -> dict[str, str]:
        """Return the hash of each table and script in a folder of modules, which may read it."""
        if folder not in self._tables:
            found = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".js"})
            self._tables[folder] = {path.name: of_file(path) for path in found}
        return self._tables[folder]


def of_modules(modules: Iterable[str]) -> str:
    """Return the SHA-256 of what the named modules do, whatever they import."""
    return of_value({name: _parsed(name).bare for name in sorted(modules)})


def modules_of_code(modules: Iterable[str]) -> list[str]:
    """Return the modules that `of_code` covers: the named ones and all they import, sorted."""
    return sorted(Code().reached(modules))


def imported_modules(source: str) -> list[str]:
    """Return the modules of this package that a piece of Python source imports."""
    return _imports(ast.parse(source), PACKAGE)


def decides_no_number(module: str) -> bool:
    """Tell whether a module, or a package that it is in, carries the mark `MARK`."""
    parts = module.split(".")
    return any(_parsed(".".join(parts[:end])).marked for end in range(2, len(parts) + 1))


@functools.cache
def library_versions(names: tuple[str, ...] = COMPUTING_LIBRARIES) -> dict[str, str]:
    """Return the installed version of each library, without importing it."""
    return {name: importlib.metadata.version(name) for name in names}


def _module_file(name: str) -> Path | None:
    package, *rest = name.split(".")
    if package != PACKAGE:
        return None
    base = Path(__file__).parents[1].joinpath(*rest)
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@dataclass(frozen=True)
class _Parsed:
    """The fingerprint of what a module does, what it imports, whether it counts, where it lies."""

    bare: str
    imports: tuple[str, ...] = ()
    marked: bool = False
    folder: Path | None = None


def _parsed(name: str) -> _Parsed:
    path = _module_file(name)
    if path is None:
        return _Parsed("")
    stat = path.stat()
    return _parsed_file(name, path, stat.st_mtime_ns, stat.st_size)


# Every step follows the same modules, so each is parsed once. Forked processes inherit it.
@functools.lru_cache(maxsize=1024)
def _parsed_file(name: str, path: Path, modified: int, size: int) -> _Parsed:
    """Parse a module as it was when last modified."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = tuple(_imports(tree, name))
    marked = any(_is_mark(node) for node in tree.body)
    bare = hashlib.sha256(_bare(tree).encode()).hexdigest()
    return _Parsed(bare, imports, marked, path.parent)


def _is_mark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node) == f"{MARK} = True"


def _imports(tree: ast.AST, module: str) -> list[str]:
    """List imported modules of this package.

    The `__init__` of a package counts only where it is imported by name: ours hold
    nothing but names of what their modules define, or gather all that there are.
    """
    names = (*_named(tree), *_gathered(tree, module))
    return [name for name in names if name != module and _module_file(name)]


def _named(tree: ast.AST) -> list[str]:
    """List the names of this package's modules, or of what is in them, that a text imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return sorted(name for name in found if name.split(".")[0] == PACKAGE)


def _gathered(tree: ast.AST, package: str) -> list[str]:
    """List the modules of a package that gathers them with `pkgutil.iter_modules`."""
    calls = (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
    path = _module_file(package)
    if path is None or "pkgutil.iter_modules(__path__)" not in calls:
        return []
    found = path.parent.glob("*.py")
    return sorted(f"{package}.{file.stem}" for file in found if file != path)


def _bare(tree: ast.AST) -> str:
    """Write the code of a module without comments and docstrings, which `tree` loses."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                node.body = body[1:] or [ast.Pass()]
    return ast.unparse(tree)
