"""Whole runs of the command line on tiny files: made, reused, killed and resumed.

One run makes all, with two workers. The others make what some chapters need, in other ways (one
worker that is killed, a Dask cluster, Python), and have to come to the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import documented
import pandas as pd
import pytest
import site_reader as site
from browser import Page, in_browser
from called import helpers
from said import said
from tiny import SETTINGS, open_tiny

from helpers.claims.inputs import TABLE_COLUMNS
from helpers.claims.learnt import unlearnt, without_cnns
from helpers.claims.ledger import check_ledger, claims, disagreements, evaluate, not_run
from helpers.claims.networks import ABOUT_CNNS
from helpers.prose.verdicts.claims import control
from helpers.protocols import NAMES
from helpers.training.learnt import LEARNT
from helpers.workspace.formats import read_table

SET = [part for item in SETTINGS.items() for part in ("--set", "{}={}".format(*item))]
CHAPTERS = [part for name in ("00", "01", "02", "06") for part in ("--only", name)]
PARTS = {"tables/identities.csv", "tables/unoptimised.csv", "tables/top_genes.csv"}
"""What these chapters need, among other things."""
TIME_LIMIT = 300
MOST_OF_A_PAGE, MOST_OF_ALL = 2_000_000, 60_000_000
"""Bytes of a page, and of a book."""
READ = ("notebooks/16_summary.html", "notebooks/08_expression_status.html", "commands.html")
"""Pages that a browser reads in every run of the tests; with ``EVERY_PAGE=1`` it reads all."""

pytestmark = pytest.mark.slow


def command(data: Path, workspace: Path, *more: str) -> list[str]:
    arguments = ["--profile", "smoke", "--dataset", "rnaseqdb", "--data", str(data)]
    arguments += ["--workspace", str(workspace), *more]
    if "--workers" not in more:
        arguments += ["--workers", "1"]
    return [sys.executable, "-m", "helpers", "run", *arguments, *SET]


def run(data: Path, workspace: Path, *more: str) -> str:
    # One thread each: the tests of a busy machine would otherwise fight for its cores.
    done = subprocess.run(
        command(data, workspace, *more),
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def results(workspace: Path) -> dict[str, bytes]:
    folders = ("tables", "figures", "models")
    files = [path for folder in folders for path in (workspace / folder).glob("*")]
    files += workspace.glob("claims.json")
    files += (path for path in (workspace / "protocols").rglob("*") if path.is_file())
    return {str(file.relative_to(workspace)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def undisturbed(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("undisturbed")
    chapters = len(list(Path("notebooks").glob("[0-9]*.ipynb")))
    assert f"and {chapters} pages" in run(tiny_data, workspace, "--workers", "2")
    return workspace


def test_a_run_leaves_all_that_the_workspace_promises(undisturbed: Path, tiny_data: Path) -> None:
    for name in ("accuracy", "reproducibility", "top_genes", "claims"):
        assert (undisturbed / "tables" / f"{name}.csv").is_file()
    for family, size in (("mlp", 3), ("cnn", 2), ("cnn_one_order", 2)):
        assert len(list((undisturbed / "models").glob(f"{family}-*.safetensors"))) == size
    scores = {path.name.split("-")[0] for path in (undisturbed / "scores").iterdir()}
    assert {"unoptimised", "optimised"} <= scores
    assert {p.suffix for p in (undisturbed / "figures").iterdir()} == {".svg", ".csv"}
    assert len(json.loads((undisturbed / "claims.json").read_text())) == 3 * 68
    provenance = json.loads((undisturbed / "provenance.json").read_text())
    assert provenance["parameters"]["max_epochs"] == SETTINGS["max_epochs"]
    assert set(provenance["data"]["files"]) == {path.name for path in tiny_data.iterdir()}
    assert provenance["wall_seconds"].keys() == provenance["artefacts"].keys()


def test_every_column_of_a_run_is_on_the_page_on_running(undisturbed: Path) -> None:
    known = documented.tables()
    for path in sorted((undisturbed / "tables").iterdir()):
        read = pd.read_parquet if path.suffix == ".parquet" else read_table
        assert set(read(path).columns) <= known[path.stem], path.stem


def test_the_book_shows_every_chapter_without_warnings(undisturbed: Path) -> None:
    for name in ("00_data", "01_training", "02_baseline_reproducibility"):
        page = (undisturbed / "html" / "notebooks" / f"{name}.html").read_text()
        assert "<figcaption>" in page
        assert "claim-box" in page
        for unwanted in ("Traceback", "Warning", "overrides", str(undisturbed)):
            shown = page.count(unwanted)
            # The parameters cell itself is shown, folded; the injected one is not.
            assert shown == (3 if unwanted == "overrides" else 0), unwanted
    assert (undisturbed / "html" / "downloads" / "figures" / "figure_1b.csv").is_file()


def test_every_link_of_the_book_leads_somewhere(undisturbed: Path) -> None:
    assert site.broken_links(undisturbed / "html") == []


def test_the_book_is_light(undisturbed: Path) -> None:
    html = undisturbed / "html"
    assert [page for page in site.pages(html) if page.stat().st_size > MOST_OF_A_PAGE] == []
    assert sum(path.stat().st_size for path in html.rglob("*") if path.is_file()) < MOST_OF_ALL
    # Figures lie there once: not in pages, in their sources and among the downloads.
    assert (
        "image/svg+xml;base64" not in (html / "notebooks" / "08_expression_status.html").read_text()
    )


def test_a_browser_has_nothing_to_complain_of(undisturbed: Path, tmp_path: Path) -> None:
    html, found = undisturbed / "html", list[str]()
    every = [str(page.relative_to(html)) for page in site.pages(html)]
    names = every if os.environ.get("EVERY_PAGE") else [name for name in every if name in READ]
    assert set(READ) <= set(every)
    with site.served(html) as address:
        visit = site.reading(address, names, (site.WIDE, site.NARROW), ("light", "dark"), found)
        in_browser(html / "intro.html", visit, tmp_path)
    assert found == []


def test_one_button_shows_the_code_of_a_page_and_hides_it_again(
    undisturbed: Path, tmp_path: Path
) -> None:
    shown = (
        "[...document.querySelectorAll('.cell.tag_hide-input .cell_input')]"
        ".filter((code) => code.checkVisibility()).length"
    )
    button = "document.querySelectorAll('article .code-button')"

    async def visit(page: Page) -> None:
        assert await page.find(f"{button}.length") == 1
        assert await page.find(shown) == 0
        # What is worth showing stays.
        assert await page.find("document.querySelectorAll('.cell:not([class*=tag_])').length") > 5
        await page.find(f"{button}[0].focus()")
        await page.press("Enter")
        assert await page.find(shown) > 5
        await page.press(" ")
        assert await page.find(shown) == 0

    in_browser(undisturbed / "html" / "notebooks" / "06_identities.html", visit, tmp_path)


def test_every_verdict_follows_from_the_tables_of_the_run(undisturbed: Path) -> None:
    folder = undisturbed / "tables"
    stored = check_ledger(read_table(folder / "claims.csv"), "claims.csv")
    for protocol in NAMES:
        # What a protocol makes as the headline does lies where the headline has it.
        apart = undisturbed / "protocols" / protocol / "tables"
        tables = {}
        for name in (*TABLE_COLUMNS, LEARNT):
            path = apart / f"{name}.csv"
            tables[name] = read_table(path if path.exists() else folder / f"{name}.csv")
        own = stored[stored["protocol"] == protocol]
        borrowed = own.set_index("id")["reason"].loc[lambda said: said.str.contains("cnns_beside")]
        assert set(borrowed.index) == (set() if protocol == "text" else {"T2", "T4", "T5"})
        alone = without_cnns(unlearnt(tables[LEARNT]))
        again = evaluate(
            list(claims()), tables, dataset="rnaseqdb", profile="smoke", protocol=protocol,
            list_share=15 / 150, untestable=borrowed.to_dict(), mlps_alone=alone,
        )  # fmt: skip
        # Reasons also hold remarks on the run, which tables do not know.
        # What a run is too small to test, its settings tell and not its tables.
        told = own[own["verdict"] != "not_testable"].assign(reason="")
        assert len(told) > 5
        same = again[again["id"].isin(told["id"])].assign(reason="")
        assert disagreements(told, same) == []
    assert not_run(stored) == []
    judged = stored[stored["verdict"] != "not_testable"]
    assert (judged["n"] > 0).all()
    assert judged["unit"].notna().all()
    for row in stored.itertuples():
        if row.verdict == "not_testable":
            assert len(row.reason) > 20, row.id
        elif row.ci_low != row.ci_low:
            assert re.search("no (95 % )?interval", row.reason), row.id
        else:
            assert row.ci_low <= row.ci_high, row.id
            assert "interval" in row.reason, row.id


def test_the_command_prints_the_ledger_and_checks_it(undisturbed: Path, tiny_data: Path) -> None:
    arguments = ["claims", "--check", "--profile", "smoke", "--dataset", "rnaseqdb"]
    arguments += ["--data", str(tiny_data), "--workspace", str(undisturbed)]
    done = helpers(*arguments, *SET, COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in claims())
    found = control(read_table(undisturbed / "tables/control.csv"))
    assert f"rnaseqdb: {said('15_claims', 'control', found)}" in done.stdout


def test_a_study_without_cnns_judges_what_rests_on_mlps_alike(
    undisturbed: Path, tiny_data: Path, tiny_workspace: Path, tmp_path: Path
) -> None:
    # One protocol: what CNNs are not there for is the same under all. That none is trained, and
    # what its pages say, is seen on the first of the small studies (test_small_studies.py).
    workspace = shutil.copytree(tiny_workspace, tmp_path / "ws")
    study = open_tiny(tiny_data, workspace, cnn_models=0, protocols="text")
    without, every = study.get("tables/claims"), read_table(undisturbed / "tables/claims.csv")
    whole = every[every["protocol"] == "text"]
    said_so = without["reason"].str.contains("has no CNNs")
    assert set(without.loc[said_so, "verdict"]) == {"not_testable"}
    assert set(without.loc[said_so, "id"]) == ABOUT_CNNS
    # What rests on MLPs alone is the same with CNNs beside it.
    same = ["B3", "B7", "E4", "K1", "T3", "O2", "O6", "O8", "O12"]
    pairs = [table[table["id"].isin(same)].reset_index(drop=True) for table in (without, whole)]
    pd.testing.assert_frame_equal(*pairs)


def test_python_makes_the_same_from_nothing(undisturbed: Path, tiny_workspace: Path) -> None:
    """The study was opened and its steps were made in a process of the tests, without workers."""
    expected = results(undisturbed)
    found = {
        name: data
        for name, data in results(tiny_workspace).items()
        if name.startswith(("tables/", "models/", "protocols/")) or name == "claims.json"
    }
    assert {"claims.json", "tables/accuracy.csv", "tables/reproducibility.csv", *PARTS} - {
        "tables/identities.csv"
    } <= set(found)
    assert found == {name: expected[name] for name in found}


def test_a_second_run_makes_nothing(undisturbed: Path, tiny_data: Path) -> None:
    before = results(undisturbed)
    done = helpers(*command(tiny_data, undisturbed, "--no-book")[3:])
    assert "Made 0 artefacts and 0 pages" in done.stdout
    assert results(undisturbed) == before


MOMENTS = (
    "models/mlp-001.safetensors",
    "scores/unoptimised-mlp-DeepLift-zero.nc",
    "notebooks/00_data.ipynb",
)
"""Files at whose appearance a run is killed: while networks learn, are explained, are shown."""


def test_a_run_that_was_killed_again_and_again_resumes_to_the_same_results(
    undisturbed: Path, tiny_data: Path, tmp_path: Path
) -> None:
    for moment in MOMENTS:
        assert not (tmp_path / moment).exists()
        process = subprocess.Popen(
            command(tiny_data, tmp_path, "--no-book", *CHAPTERS),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        limit = time.monotonic() + TIME_LIMIT
        while not (tmp_path / moment).exists():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < limit
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (tmp_path / "provenance.json").exists()
    run(tiny_data, tmp_path, "--no-book", *CHAPTERS)
    found, expected = results(tmp_path), results(undisturbed)
    assert set(found) >= PARTS
    assert found == {name: expected[name] for name in found}
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".unfinished")]


@contextmanager
def dask(folder: Path) -> Iterator[tuple[str, Callable[[], subprocess.Popen[bytes]]]]:
    """Start a Dask scheduler; yield its address and what starts a worker of one thread."""
    file = folder / "scheduler.json"
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
        "env": os.environ | {"OMP_NUM_THREADS": "1"},
    }  # fmt: skip
    program = [sys.executable, "-m", "dask"]
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    started = [subprocess.Popen([*program, "scheduler", "--port", "0", *common], **quiet)]

    def worker() -> subprocess.Popen[bytes]:
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
        started.append(subprocess.Popen([*program, "worker", *common, *options], **quiet))
        return started[-1]

    try:
        limit = time.monotonic() + TIME_LIMIT
        while not file.exists():
            assert time.monotonic() < limit
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"], worker
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def test_a_dask_cluster_gives_the_same_results_though_a_worker_dies(
    undisturbed: Path, tiny_data: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "ws"
    with dask(tmp_path) as (address, worker):
        dies, stays = worker(), worker()
        process = subprocess.Popen(
            command(tiny_data, workspace, "--no-book", "--scheduler", address, *CHAPTERS),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        limit = time.monotonic() + TIME_LIMIT
        while not (workspace / "models" / "mlp-000.safetensors").exists():
            assert process.poll() is None, "the run ended before a worker could be killed"
            assert time.monotonic() < limit
            time.sleep(0.01)
        dies.send_signal(signal.SIGKILL)
        instead = worker()
        said = process.communicate(timeout=TIME_LIMIT)[1].decode()
        assert process.returncode == 0, said
        assert stays.poll() is None
        assert instead.poll() is None
    found, expected = results(workspace), results(undisturbed)
    assert set(found) >= PARTS
    assert found == {name: expected[name] for name in found}
