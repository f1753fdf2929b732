"""What of bundles the pages get to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.claims.over_seeds import SEED_COLUMNS
from helpers.errors import BadInputError
from helpers.results.bundle import About, published, write_bundle
from helpers.results.main_tables import MAIN_TABLES
from helpers.results.rules import hash_of_rules
from helpers.study import open_study
from helpers.workspace.store import project_root


def _bundle(folder: Path, **more: Any) -> None:
    about: dict[str, Any] = {
        "dataset": "rnaseqdb", "title": "Real", "simulated": False, "profile": "quick",
        "seeds": (0, 1), "models": 3, "cnn_models": 0, "settings": {}, "revision": "a",
        "date": "2026-01-02", "data": {}, "packages": {}, "machine": "m",
        "wall_seconds": {"0": 1800.0, "1": 1800.0}, "rules": hash_of_rules(), **more,
    }  # fmt: skip
    rows = [
        (seed, "text", "B1", verdict, 0.5, 0.1, 0.9, 3, "samples")
        for seed, verdict in enumerate(["reproduced", "partly"])
    ]
    ledger = pd.DataFrame(rows, columns=list(SEED_COLUMNS))
    write_bundle(folder, About(**about), ledger, {"figure_2d": pd.DataFrame({"n": [1, 2]})})


def test_bundles_become_tables(tmp_path: Path) -> None:
    _bundle(tmp_path / "real-quick")
    study = open_study("smoke", workspace=tmp_path / "ws", bundles=str(tmp_path / "real-quick"))
    (row,) = study.get("tables/bundles").to_dict("records")
    assert (row["bundle"], row["seeds"], row["hours"]) == ("real-quick", 2, 1.0)
    assert not row["outdated"]
    (claim,) = study.get("tables/bundle_claims").to_dict("records")
    assert (claim["id"], claim["verdict"], claim["fragile"]) == ("B1", "partly", 1)
    table = study.get("tables/bundle_figure_2d")
    assert table["bundle"].tolist() == ["real-quick"] * 2
    assert study.get("tables/bundle_figure_1").empty


def test_another_bundle_makes_them_stale(tmp_path: Path) -> None:
    folder = tmp_path / "real-quick"
    _bundle(folder)
    study = open_study("smoke", workspace=tmp_path / "ws", bundles=str(folder))
    study.get("tables/bundles")
    before = study.key("tables/bundles")
    _bundle(folder, date="2026-01-03")
    again = open_study("smoke", workspace=tmp_path / "ws", bundles=str(folder))
    assert again.key("tables/bundles") != before
    assert again.get("tables/bundles")["date"].tolist() == ["2026-01-03"]


def test_an_edited_bundle_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "real-quick"
    _bundle(folder)
    path = folder / "claims_by_seed.csv"
    path.write_text(path.read_text().replace("partly", "reproduced"))
    study = open_study("smoke", workspace=tmp_path / "ws", bundles=str(folder))
    with pytest.raises(BadInputError, match="was edited"):
        study.get("tables/bundles")


def test_without_bundles_tables_are_empty(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path / "ws", bundles=())
    assert study.get("tables/bundles").empty
    assert study.get("tables/bundle_claims").empty
    assert all(study.get(f"tables/bundle_{name}").empty for name in MAIN_TABLES)


def test_what_is_kept_with_the_book_becomes_tables(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path / "ws")
    kept = {path.name for path in published(project_root())}
    assert set(study.get("tables/bundles")["bundle"]) == kept
    for name in MAIN_TABLES:
        table = study.get(f"tables/bundle_{name}")
        assert set(table["bundle"]) <= kept
        # Bundles may be older than a table.
        assert len(table) or not kept
