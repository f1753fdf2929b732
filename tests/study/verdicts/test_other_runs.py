from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers.claims.ledger import claims, evaluate
from helpers.errors import HelpersError, MissingInputError
from helpers.study import open_study
from helpers.study.verdicts.other_runs import BESIDE, beside, read_stored, rules_fingerprint
from helpers.workspace.fingerprints import of_file, of_value
from helpers.workspace.formats import read_json, write_json


def finished(folder: Path, dataset: str = "rnaseqdb", profile: str = "smoke") -> Path:
    """Make the files of a finished workspace that others read."""
    ledger = evaluate(list(claims()), {}, dataset=dataset, profile=profile)
    (folder / "records" / "tables").mkdir(parents=True)
    write_json(folder / "claims.json", json.loads(ledger.to_json(orient="records")))
    found = of_file(folder / "claims.json")
    inputs = {"tables/claims": of_value({"tables/claims.csv": "key"})}
    write_json(
        folder / "records" / "claims.json.json",
        {"sha256": found, "made_from": {"inputs": inputs}},
    )
    write_json(
        folder / "records" / "tables" / "claims.csv.json",
        {"key": "key", "made_from": {"code": rules_fingerprint()}},
    )
    write_json(
        folder / "provenance.json",
        {
            "git_revision": "0123abcd", "parameters": {"models": 7},
            "artefacts": {"claims.json": found},
        },
    )  # fmt: skip
    return folder


def test_a_finished_workspace_is_read_with_its_revision(tmp_path: Path) -> None:
    run = read_stored(finished(tmp_path / "other"))
    assert (run.dataset, run.profile, run.revision, run.models) == (
        "rnaseqdb", "smoke", "0123abcd", 7,
    )  # fmt: skip
    assert run.left_out == ""
    assert len(run.ledger) == 68


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        ("claims.json", lambda rows: [{**rows[0], "verdict": "partly"}, *rows[1:]], "changed"),
        ("provenance.json", lambda found: {**found, "artefacts": {}}, "of another run"),
        (
            "records/tables/claims.csv.json",
            lambda found: found | {"made_from": {"code": "other"}},
            "rules of another revision",
        ),
        (
            "records/tables/claims.csv.json",
            lambda found: found | {"key": "later"},
            "is not that of its tables",
        ),
    ],
)
def test_a_ledger_that_cannot_be_trusted_is_left_out_with_the_reason(
    file, change, reason: str, tmp_path: Path
) -> None:
    path = finished(tmp_path / "other") / file
    write_json(path, change(read_json(path)))
    assert reason in read_stored(tmp_path / "other").left_out
    study = open_study(
        "smoke", workspace=tmp_path / "ws", compare_workspaces=str(tmp_path / "other")
    )
    assert reason in study.get("tables/other_runs").loc[0, "left_out"]
    assert study.get("tables/other_claims").empty


def test_an_unknown_word_in_another_ledger_is_named(tmp_path: Path) -> None:
    path = finished(tmp_path / "other") / "claims.json"
    rows = read_json(path)
    write_json(path, [{**rows[0], "id": "T11"}, *rows[1:]])
    with pytest.raises(HelpersError, match=r"claims.json.*'T11'"):
        read_stored(tmp_path / "other")


def test_a_folder_without_a_run_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="is not the workspace of a finished run"):
        open_study("smoke", workspace=tmp_path / "ws", compare_workspaces=str(tmp_path / "none"))


def test_what_another_run_left_makes_the_tables_stale(tmp_path: Path) -> None:
    other = finished(tmp_path / "other")

    def key() -> str:
        study = open_study("smoke", workspace=tmp_path / "ws", compare_workspaces=str(other))
        return study.key("tables/other_claims")

    before = key()
    assert key() == before
    write_json(other / "provenance.json", read_json(other / "provenance.json") | {"seed": 1})
    assert key() != before


def test_another_run_stands_beside_this_one(tmp_path: Path) -> None:
    other = finished(tmp_path / "other")
    study = open_study("smoke", workspace=tmp_path / "ws", compare_workspaces=str(other))
    runs = study.get("tables/other_runs")
    assert runs[["folder", "dataset", "models"]].to_numpy().tolist() == [["other", "rnaseqdb", 7]]
    assert runs["left_out"].isna().all()
    assert len(study.get("tables/other_claims")) == 68


def test_workspaces_beside_this_one_are_found_by_profile(tmp_path: Path) -> None:
    for name in ("reference-quick", "rnaseqdb-quick", "rnaseqdb-smoke"):
        finished(tmp_path / name)
    (tmp_path / "unfinished-quick").mkdir()
    root = tmp_path / "reference-quick"
    assert beside(root, "quick", tmp_path) == (str(tmp_path / "rnaseqdb-quick"),)
    assert beside(root, "quick", tmp_path / "elsewhere") == ()


def test_a_run_alone_has_no_others(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path)
    assert study.settings.compare_workspaces == (BESIDE,)
    assert isinstance(study.get("tables/other_runs"), pd.DataFrame)
    assert study.get("tables/other_runs").empty
    assert study.get("tables/other_claims").empty
