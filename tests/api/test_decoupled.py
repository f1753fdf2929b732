"""Activities are decoupler's, of nets that fit; without decoupler one sentence says so."""

from __future__ import annotations

import importlib

import pandas as pd
import pytest

from helpers.api import activities, explain_network
from helpers.errors import BadInputError, MissingInputError, UnknownNameError

NET = pd.DataFrame(
    {
        "source": ["HNF4A"] * 3 + ["GATA4"] * 3,
        "target": ["ALB", "APOA2", "CYP2E1", "MYH6", "NPPA", "MYL7"],
    }
)


@pytest.fixture
def table(trained) -> pd.DataFrame:
    model, adata = trained
    return explain_network(model, adata, class_column="tissue").data["class_score"].to_pandas()


def test_regulators_of_markers_are_active_where_these_are(table: pd.DataFrame) -> None:
    pytest.importorskip("decoupler", reason="decoupler is not installed: pip install decoupler")
    for method in ("ulm", "zscore"):
        found = activities(table, NET, method=method, min_targets=3)
        assert list(found) == ["class", "source", "activity", "p"]
        first = found.groupby("class")["source"].first()
        assert (first["liver"], first["heart"]) == ("HNF4A", "GATA4")


def test_without_decoupler_one_sentence_says_so(
    table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingInputError, match="pip install decoupler"):
        activities(table, NET, min_targets=3)


def test_nets_that_do_not_fit_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(BadInputError, match="no 'target'"):
        activities(table, NET.drop(columns="target"))
    with pytest.raises(BadInputError, match="5 targets among the 12 genes"):
        activities(table, NET)
    with pytest.raises(UnknownNameError, match="gsea"):
        activities(table, NET, method="gsea")
