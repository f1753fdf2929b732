from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from helpers.publish.alone.links import for_the_book
from helpers.publish.display import FILES_TAG, SIMULATED, TABLE_TAG, show_searchable
from helpers.publish.searchable import MOST_ROWS, searchable_markup
from helpers.study import open_study

TABLE = pd.DataFrame({"gene": ["ALB", "<GPC3>"], "fdr": [0.5, 1e-9], "rank": [2, None]})


def test_cells_are_escaped_formatted_and_keep_their_value_for_sorting() -> None:
    markup = searchable_markup("genes", TABLE, {"fdr": "{:.1e}", "rank": "{:.0f}"})
    assert '<td data-value="&lt;GPC3&gt;">&lt;GPC3&gt;</td>' in markup
    assert '<td data-value="1e-09" class="number">1.0e-09</td>' in markup
    assert '<td data-value="" class="number">–</td>' in markup
    assert markup.count("<tr>") == 3


def test_it_can_be_used_with_the_keyboard_and_without_a_network() -> None:
    markup = searchable_markup("genes", TABLE)
    assert '<label for="genes-search-field">' in markup
    assert 'id="genes-search-field" type="search"' in markup
    assert markup.count('<button type="button">') == 3
    assert 'tabindex="0" role="region"' in markup
    assert 'role="status" aria-live="polite"' in markup
    assert not re.search(r"https?:|src=|href=", markup)


def test_the_page_holds_some_rows_and_the_file_all(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path)
    table = pd.DataFrame({"gene": [f"G{i}" for i in range(MOST_ROWS + 7)]})
    bundle, metadata = show_searchable(study, "genes", table, "Genes.")._repr_mimebundle_()
    assert metadata.pop(FILES_TAG).keys() == {"figures/genes.csv"}
    assert metadata == {TABLE_TAG: "genes"}
    assert bundle["text/html"].count("<tr>") == MOST_ROWS + 1
    assert f"first {MOST_ROWS} of {MOST_ROWS + 7} rows" in bundle["text/html"]
    assert 'href="../downloads/figures/genes.csv"' in for_the_book(bundle["text/html"])
    assert SIMULATED in bundle["text/html"]
    assert len(pd.read_csv(study.workspace.path("figures/genes.csv"))) == MOST_ROWS + 7


def test_real_samples_are_not_called_simulated(tmp_path: Path) -> None:
    study = open_study("smoke", workspace=tmp_path)
    shown = show_searchable(study, "cells", TABLE, "Real cells.", simulated=False)
    assert SIMULATED not in shown.markup


def test_columns_get_menus_and_cells_lead_to_places() -> None:
    markup = searchable_markup(
        "genes", TABLE, filters=["gene"], links={"gene": ["02_x.html#a&b", ""]}
    )
    assert '<label for="genes-search-0">gene</label>' in markup
    assert '<option value="&lt;GPC3&gt;">&lt;GPC3&gt;</option>' in markup
    assert '<td data-value="ALB"><a href="02_x.html#a&amp;b">ALB</a></td>' in markup
    assert markup.count("<a ") == 1


def test_a_name_cannot_end_the_script() -> None:
    name = "</script><img>'\"\\"
    markup = searchable_markup(name, TABLE)
    assert markup.count("</script>") == 1
    script = re.search(r"<script>(.*)</script>", markup, re.DOTALL)
    assert script is not None
    called = re.search(r"\}\)\((.*)\);\n$", script[1])
    assert called is not None
    assert json.loads(called[1]) == f"{name}-search"


@pytest.mark.slow
def test_search_and_sort_work_in_a_browser(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no headless browser is installed")
    probe = """<script>
      const box = document.getElementById("genes-search"), input = box.querySelector("input");
      input.value = "gpc"; input.dispatchEvent(new Event("input"));
      const status = box.querySelector("[role=status]").textContent;
      input.value = ""; input.dispatchEvent(new Event("input"));
      box.querySelectorAll("th button")[1].click();
      const first = box.querySelector("tbody td").textContent;
      const select = box.querySelector("select");
      select.value = "ALB"; select.dispatchEvent(new Event("change"));
      const left = Array.from(box.querySelectorAll("tbody tr")).filter(row => !row.hidden);
      document.title = [status, first, left.map(row => row.textContent)].join(" | ");
    </script>"""
    page = tmp_path / "page.html"
    markup = searchable_markup("genes", TABLE, filters=["gene"])
    page.write_text(f"<html><body>{markup}{probe}</body></html>")
    run = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}",
         "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "<title>1 of 2 rows shown | &lt;GPC3&gt; | ALB0.52.0</title>" in run.stdout
