"""The file format of scores: apart from those of data and models, which know no explainer."""

from __future__ import annotations

from pathlib import Path

import xarray

from helpers.explain.scores import load_scores, save_scores
from helpers.workspace.formats import Format

# How artefacts are kept decides none of their numbers.
DECIDES_NO_NUMBER = True


def _write_scores(path: Path, scores: xarray.DataArray) -> None:
    save_scores(path, scores)


SCORES = Format(_write_scores, load_scores)
