"""The page on adding a kind of reference: its code does what it says, and figures draw the kind."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from how_tos import Page

from helpers.explain import references
from helpers.explain.explainers import conditions
from helpers.figures import optimisation, style
from helpers.stability.paper import PAPER_REFERENCES, of_the_paper

PAGE = Page("add_a_reference")
MODULE = "helpers/explain/references.py"


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> references.ReferenceKind:
    names = PAGE.run(MODULE, dict(vars(references)))
    (kind,) = eval(f"({PAGE.block(f'{MODULE} (REFERENCES)')})", names)
    monkeypatch.setitem(references.REFERENCES, kind.name, kind)
    monkeypatch.setitem(style.REFERENCES, kind.name, kind.colour)
    return kind


def test_all_code_of_the_page_says_where_it_belongs() -> None:
    text = PAGE.path.read_text(encoding="utf-8")
    assert f"tests/explain/{Path(__file__).name}" in text
    assert len(re.findall("^```{", text, re.MULTILINE)) == sum(map(len, PAGE.blocks.values())) == 3


@pytest.mark.usefixtures("half")
def test_the_pages_test_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tests = PAGE.tests("tests/explain/test_half.py", monkeypatch)
    assert len(tests) == 1
    for test in tests:
        test(tmp_path)


def test_it_is_compared_and_drawn_and_no_part_of_a_statement(
    half: references.ReferenceKind,
) -> None:
    assert ("DeepLift", "half") in list(conditions("mlp", references.REFERENCES))
    rows = [
        {"architecture": "mlp", "explainer": "DeepLift", "optimisation": "references",
         "reference": kind, "metric": "spearman", "n": n, "median": 0.5, "q25": 0.4, "q75": 0.6,
         "shared": 0.0, "design": "inter_model", "samples": 3}
        for kind in references.REFERENCES
        for n in (1, 2, 5)
    ]  # fmt: skip
    summary = pd.DataFrame(rows)
    figure = optimisation.references_compared(summary)
    lines = {line.get_color() for axis in figure.axes for line in axis.lines}
    assert half.colour in lines
    assert len(figure.legends[0].get_texts()) == 5
    assert set(of_the_paper(summary)["reference"]) == set(PAPER_REFERENCES)
    assert np.isfinite(summary["median"]).all()
