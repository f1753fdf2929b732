"""Bundles: what is written is read, and what was edited is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest

from helpers.claims.over_seeds import SEED_COLUMNS
from helpers.errors import BadInputError, HelpersError, MissingInputError, WorkspaceError
from helpers.results.bundle import (
    ABOUT,
    LARGEST,
    LEDGER,
    About,
    bundles_in,
    published,
    read_bundle,
    write_bundle,
)
from helpers.results.rules import hash_of_rules
from helpers.workspace.store import project_root


def _about(**more: object) -> About:
    about = About(
        dataset="reference", title="Simulated", simulated=True, profile="smoke", seeds=(0, 1),
        models=3, cnn_models=0, settings={"cnn_models": 0, "tissues": ["liver"]},
        revision="abc", date="2026-01-02", data={}, packages={"numpy": "2"}, machine="one",
        wall_seconds={"0": 1.0, "1": 2.0}, rules=hash_of_rules(),
    )  # fmt: skip
    return dataclasses.replace(about, **more)


def _ledger() -> pd.DataFrame:
    rows = [
        (seed, "text", "B1", "partly", 0.123456, float("nan"), 0.5, 3, "samples") for seed in (0, 1)
    ]
    return pd.DataFrame(rows, columns=list(SEED_COLUMNS))


TABLES = {"figure_1": pd.DataFrame({"tissue": ["x"], "value": [1 / 3]})}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    write_bundle(folder, _about(), _ledger(), TABLES)
    found = read_bundle(folder)
    assert found.about == _about()
    assert not found.outdated
    assert found.ledger["observed"].tolist() == [0.1235, 0.1235]
    assert found.tables["figure_1"]["value"].tolist() == [0.3333]
    assert found.ledger.drop(columns="observed").equals(_ledger().drop(columns="observed"))


def test_a_bundle_replaces_itself_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    write_bundle(folder, _about(), _ledger(), TABLES)
    (folder / "notes.txt").write_text("mine")
    write_bundle(folder, _about(seeds=(0,)), _ledger(), {})
    assert read_bundle(folder).about.seeds == (0,)
    assert (folder / "notes.txt").read_text() == "mine"
    assert not (folder / "tables").exists()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.csv").write_text("a")
    with pytest.raises(WorkspaceError, match=r"mine\.csv"):
        write_bundle(tmp_path / "b", _about(), _ledger(), TABLES)
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["mine.csv"]


@pytest.mark.parametrize("name", [LEDGER, "tables/figure_1.csv"])
def test_a_file_that_was_edited_is_named(tmp_path: Path, name: str) -> None:
    write_bundle(tmp_path, _about(), _ledger(), TABLES)
    path = tmp_path / name
    path.write_text(path.read_text().replace("0.1235", "0.9999").replace("0.3333", "0.9999"))
    with pytest.raises(BadInputError, match="was edited after the bundle was made"):
        read_bundle(tmp_path)


def test_what_it_says_of_itself_cannot_be_edited(tmp_path: Path) -> None:
    write_bundle(tmp_path, _about(), _ledger(), TABLES)
    found = json.loads((tmp_path / ABOUT).read_text())
    found["simulated"] = False
    (tmp_path / ABOUT).write_text(json.dumps(found))
    with pytest.raises(BadInputError, match=r"bundle\.json was edited"):
        read_bundle(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"checksum": 1}'])
def test_another_file_of_that_name_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / ABOUT).write_text(text)
    with pytest.raises(HelpersError, match="make it again"):
        read_bundle(tmp_path)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    write_bundle(tmp_path, _about(), _ledger(), TABLES)
    (tmp_path / LEDGER).unlink()
    with pytest.raises(BadInputError, match=f"lacks {LEDGER}"):
        read_bundle(tmp_path)
    with pytest.raises(MissingInputError, match="not a bundle"):
        read_bundle(tmp_path / "nothing")


def test_a_large_bundle_is_not_written(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": ["x" * LARGEST]})
    with pytest.raises(BadInputError, match="more than 300,000"):
        write_bundle(tmp_path / "b", _about(), _ledger(), {"figure_1": table})
    assert not list(tmp_path.iterdir())


def test_other_rules_make_it_outdated(tmp_path: Path) -> None:
    write_bundle(tmp_path, _about(rules="others"), _ledger(), {})
    assert read_bundle(tmp_path).outdated


@pytest.mark.parametrize("folder", published(project_root()), ids=lambda path: path.name)
def test_published_bundles_are_whole_small_and_judged_by_todays_rules(folder: Path) -> None:
    found = read_bundle(folder)
    assert found.about.name == folder.name.removesuffix("-mlp")
    assert not found.outdated, f"{folder.name}: rules have changed; make it again or remove it"


def test_all_published_bundles_together_are_small() -> None:
    files = [path for each in published(project_root()) for path in each.rglob("*")]
    assert sum(path.stat().st_size for path in files if path.is_file()) <= 2_000_000


def test_a_folder_without_bundles_has_none(tmp_path: Path) -> None:
    assert bundles_in(tmp_path / "nowhere") == []
