"""What all processes of a test run share: the first that needs it makes it, the others wait."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that is made once in a test run, however many processes share the tests.

    Nobody may change what is in it: tests that do copy it first.

    Parameters
    ----------
    factory
        pytest's own.
    name
        Name of the folder.
    make
        Called with the folder, which is empty.
    """
    base = factory.getbasetemp()
    # With pytest-xdist each process has a folder of its own in that of the test run.
    root = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    place, made = root / name, root / f"{name}.made"
    with FileLock(root / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            made.touch()
    return place
