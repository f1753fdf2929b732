"""The command line as a person meets it: help, errors, exit codes."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from called import helpers

from helpers.claims.ledger import claims, evaluate
from helpers.cli import main


@pytest.mark.parametrize("command", [["run"], ["rank"], ["predict"], ["figure"], ["claims"]])
def test_help_is_everywhere(command: list[str]) -> None:
    run = helpers(*command, "--help")
    assert run.returncode == 0
    assert "Usage:" in run.stdout


def test_the_package_is_a_program() -> None:
    """All others call the command line in the tests' own process."""
    run = subprocess.run(
        [sys.executable, "-m", "helpers", "--help"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0
    assert "Usage:" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--profile", "quikc"], "no profile 'quikc': did you mean 'quick'"),
        (["run", "--dataset", "referense"], "no data set 'referense': did you mean 'reference'"),
        (["run", "--set", "model=3"], "no parameter 'model': did you mean 'models'"),
        (["run", "--set", "models"], "'models' has no value: write --set NAME=VALUE"),
        (["run", "--set", "models=few"], "'models' cannot be 'few'"),
        (["run", "--only", "traning"], "no chapter 'traning': did you mean 'training'"),
        (["run", "--set", "tissues=livr"], "no tissue 'livr': did you mean 'liver'"),
        (["run", "--dry-run", "--set", "tissues=livr"], "no tissue 'livr': did you mean 'liver'"),
        (["run", "--dry-run", "--set", "tissues=liver,liver"], "named twice in liver, liver"),
        (["run", "--dry-run", "--set", "explained_samples=7"], "has 6 samples, 7 are to be"),
        (["run", "--dry-run", "--set", "folds=7"], "7-fold cross-validation needs at least 7"),
        (["status", "--set", "tissues=livr"], "no tissue 'livr': did you mean 'liver'"),
        (["explain-artefact", "claims", "--set", "tissues=livr"], "no tissue 'livr'"),
        (["run", "--set", "profile=quick"], "no parameter 'profile'"),
        (["run", "--set", "overrides=1"], "no parameter 'overrides'"),
        (["run", "--set", "learning_rate_mlp=inf"], "cannot be 'inf': input should be a finite"),
        (["run", "--dataset", "rnaseqdb"], "--data DIR"),
        (["run", "--dataset", "rnaseqdb", "--data", "/nowhere"], "/nowhere"),
        (["run", "--scheduler", "tcp://127.0.0.1:9"], "No Dask scheduler answers at"),
        (["run", "--dataset", "/nowhere/own.h5ad", "--class-column", "a"], "own.h5ad is not there"),
        (["status", "--dataset", "own.h5ad"], "own.h5ad is not there"),
        (["status", "--class-column", "kind"], "describes a file of your own"),
        (["run", "--unit", "fpkm"], "'unit' cannot be 'fpkm'"),
        (["fetch", "rnaseq"], "no data set 'rnaseq': did you mean 'rnaseqdb'"),
        (["claims"], "68 statements are not run on reference, because their tables are missing"),
        (["claims", "--dataset", "reference", "rnaseqd"], "did you mean 'rnaseqdb'"),
        (["claims", "--dataset", "reference", "rnaseqdb"], "--workspace is given 1 times for 2"),
        (["status", "--profile", "paperr"], "did you mean 'paper'"),
        (["slides", "/nowhere/slides"], "06_identities is missing or stale"),
        (["chapter-times", "--profile", "paperr"], "did you mean 'paper'"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_code_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    extra = [] if arguments[0] == "fetch" else ["--workspace", str(tmp_path / "ws")]
    profile = (
        ["--profile", "smoke"] if arguments[0] == "run" and "--profile" not in arguments else []
    )
    monkeypatch.setattr(sys, "argv", ["helpers", *arguments, *extra, *profile])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    errors = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    arguments = ["--profile", "smoke", "--workspace", str(tmp_path / "file" / "ws")]
    monkeypatch.setattr(sys, "argv", ["helpers", "run", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "choose a writable folder with --workspace" in capsys.readouterr().err


def test_a_broken_data_file_is_named_and_nothing_is_left(tiny_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for path in tiny_data.iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    broken = data / "luad-rsem-fpkm-tcga.txt.gz"
    text = gzip.decompress(broken.read_bytes()).decode().replace("\t", "\tx", 40)
    broken.write_bytes(gzip.compress(text.encode()))
    run = helpers(
        "run", "--profile", "smoke", "--dataset", "rnaseqdb", "--data", data,
        "--workspace", tmp_path / "ws",
    )  # fmt: skip
    assert run.returncode == 2
    assert "luad-rsem-fpkm-tcga.txt.gz" in run.stderr
    assert [p.name for p in (tmp_path / "ws").rglob("*") if p.is_file()] == []


def test_status_tells_what_is_missing(tmp_path: Path) -> None:
    run = helpers("status", "--profile", "smoke", "--workspace", tmp_path, COLUMNS="120")
    assert run.returncode == 0
    assert "models/mlp" in run.stdout
    assert "notebooks/01_training.ipynb" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_at_its_start_makes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    for name in ("there", "new/deep"):
        arguments = ["--profile", "smoke", "--set", "tissues=livr", "--html", str(tmp_path / "h")]
        workspace = ["--workspace", str(tmp_path / name)]
        monkeypatch.setattr(sys, "argv", ["helpers", "run", *arguments, *workspace])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        assert [path.name for path in tmp_path.rglob("*")] == ["there"]


@pytest.mark.parametrize(
    ("workspace", "html", "said"),
    [
        ("docs", None, r"docs holds files that this book did not make \(CNAME\)"),
        ("ws", "docs", r"docs holds files that this book did not make"),
        ("ws", "ws", "would lie in each other"),
        ("ws", "ws/tables", "would lie in each other"),
        ("html/ws", "html", "would lie in each other"),
        ("ws", ".", "would lie in each other"),
    ],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_folder_of_somebody_else_is_refused_before_anything_is_made(
    workspace: str,
    html: str | None,
    said: str,
    more: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "CNAME").write_text("mine")
    arguments = ["--profile", "smoke", "--workspace", str(tmp_path / workspace), *more]
    arguments += ["--html", str(tmp_path / html)] if html else []
    monkeypatch.setattr(sys, "argv", ["helpers", "run", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert re.search(said, capsys.readouterr().err.replace("\n", " "))
    assert [path.name for path in tmp_path.rglob("*")] == ["docs", "CNAME"]


def test_fetch_says_when_there_is_nothing_to_download(tmp_path: Path) -> None:
    run = helpers("fetch", "reference", "--data", tmp_path)
    assert run.returncode == 0
    assert "nothing to download" in run.stdout


def test_two_ledgers_stand_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def ledger_of(profile: str, dataset: str, *more: object) -> pd.DataFrame:
        asked.append(dataset)
        ledger = evaluate(list(claims()), {}, dataset=dataset, profile=profile)
        return ledger.assign(verdict="partly", observed=0.125)

    monkeypatch.setattr("helpers.commands.claims._ledger_of", ledger_of)
    monkeypatch.setenv("COLUMNS", "250")
    for arguments in (
        ["--dataset", "reference", "rnaseqdb"],
        ["--dataset", "reference", "--dataset", "rnaseqdb"],
    ):
        monkeypatch.setattr(sys, "argv", ["helpers", "claims", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert "reference: verdict" in said
        assert "rnaseqdb: verdict" in said
        assert said.count("partly reproduced") == 2 * 68 + 2
    assert asked == ["reference", "rnaseqdb"] * 2
