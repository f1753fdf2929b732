"""A whole study on tiny files, made once for all tests of steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.study import Study, open_study


@pytest.fixture(scope="session")
def tiny_study(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Open the smoke study of `tiny_data`, with the steps that most tests read made."""
    opened = open_study(
        "smoke",
        "rnaseqdb",
        tiny_data,
        tmp_path_factory.mktemp("ws"),
        max_epochs=15,
        batch_size=16,
        top=20,
        own_tissues=4,
        cnn_max_epochs=12,
        cnn_batch_size=8,
    )
    opened.ensure("claims")
    opened.ensure("tables/top_genes")
    opened.ensure("tables/reproducibility")
    return opened
