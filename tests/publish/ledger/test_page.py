"""The ledger as a page shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.claims.judging import VERDICTS
from helpers.claims.ledger import claims, evaluate
from helpers.claims.rulebook import RULES
from helpers.publish.ledger.page import COLUMNS, WEIGHTY, ledger_markup
from helpers.workspace.store import project_root


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    """Every verdict in turn, by the text, and *partly* throughout by good practice."""
    empty = evaluate(list(claims()), {}, dataset="reference", profile="smoke")
    own = empty.assign(
        verdict=np.resize(list(VERDICTS), len(empty)), observed=0.5, n=9, unit="<genes>"
    )
    return pd.concat([own, own.assign(protocol="strict", verdict="partly")], ignore_index=True)


@pytest.fixture(scope="module")
def markup(ledger: pd.DataFrame) -> str:
    others = ledger.assign(folder="real", dataset="rnaseqdb")
    return ledger_markup(ledger, others, project_root())


def test_every_statement_has_a_row_that_an_address_can_name(markup: str) -> None:
    assert re.findall(r'<tr id="(\w+)"', markup) == list(claims())
    assert markup.count("<tr ") == 2 * len(claims())
    assert all(f'<a href="#{name}">{name}</a>' in markup for name in claims())
    assert all(f"<strong>{claim.short}</strong>" in markup for claim in claims().values())
    where = RULES["B3"].produced_by.replace("#", ".html#")
    assert f'href="{where}"' in markup
    assert 'href="02_baseline_reproducibility.html#claim-B3"' in markup


def test_a_row_says_what_it_is_chosen_by(markup: str) -> None:
    row = re.search(r'<tr id="B3"[^>]*>', markup)
    assert row is not None
    for given in (
        'data-section="B"', 'data-verdict-strict="partly"', "data-weighty",
        'data-set="reference, smoke (this run)"',
    ):  # fmt: skip
        assert given in row[0]
    assert markup.count("data-weighty") == 2 * len(WEIGHTY)
    assert 'data-set="rnaseqdb, smoke (real)"' in markup


def test_without_a_script_it_is_whole_and_names_are_escaped(markup: str) -> None:
    assert re.search(r"<form [^>]*hidden>", markup)
    assert not re.search(r"<tr[^>]* hidden", markup)
    assert "<genes>" not in markup
    assert "&lt;genes&gt;" in markup
    for label in COLUMNS:
        assert markup.count(f'data-label="{label}"') == 2 * len(claims())


@pytest.mark.slow
def test_filters_and_addresses_work_in_a_browser(markup: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no headless browser is installed")
    script = (project_root() / "book/_static/ledger.js").read_text("utf-8")
    probe = """
      const form = document.querySelector("form"), said = [];
      const count = () => said.push(form.querySelector("[role=status]").textContent.split(" ")[0]);
      const set = (name, value) => {
        form.reset();
        form.elements[name].value = value;
        form.dispatchEvent(new Event("input"));
        count();
      };
      said.push(document.querySelector("#E2 details").open, document.activeElement.id);
      set("section", "K"); set("verdict", "partly"); set("set", "rnaseqdb, smoke (real)");
      set("words", "gpc3");
      form.reset(); form.elements.weighty.checked = true;
      form.dispatchEvent(new Event("input")); count();
      form.reset(); form.elements.protocol.value = "strict"; form.elements.verdict.value = "partly";
      form.dispatchEvent(new Event("input")); count();
      form.elements.verdict.value = "reproduced"; form.dispatchEvent(new Event("input")); count();
      document.title = said.join(" ");
    """
    page = tmp_path / "page.html"
    page.write_text(
        f"<html><head><script>{script}</script></head><body>"
        f'<figure id="ledger">{markup}</figure><script>'
        f'document.addEventListener("DOMContentLoaded", () => {{{probe}}});</script></body></html>',
        encoding="utf-8",
    )
    run = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}",
         "--dump-dom", f"{page.as_uri()}#E2"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    verdicts = np.resize(list(VERDICTS), len(claims()))
    found = [
        2 * sum(name.startswith("K") for name in claims()),
        2 * int((verdicts == "partly").sum()),
        len(claims()),
        2,
        2 * len(WEIGHTY),
        2 * len(claims()),
        0,
    ]
    title = re.search(r"<title>(.*?)</title>", run.stdout)
    assert title is not None
    assert title[1] == " ".join(["true", "E2", *map(str, found)])
