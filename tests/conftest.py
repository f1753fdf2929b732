"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real GTEx/TCGA files; the test is skipped where it does not exist."""
    if not SHARED.is_dir():
        pytest.skip(f"real GTEx/TCGA files are not at {SHARED}")
    return SHARED
