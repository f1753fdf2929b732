from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from helpers.claims.ledger import claims
from helpers.figures.claims import VERDICTS, verdicts


@pytest.mark.parametrize("runs", [["this"], ["this", "that"]])
def test_every_statement_is_a_cell_with_its_id_and_a_mark(runs: list[str]) -> None:
    rows = [
        {"run": run, "id": name, "verdict": [*VERDICTS][place % len(VERDICTS)]}
        for run in runs
        for place, name in enumerate(claims())
    ]
    figure = verdicts(pd.DataFrame(rows), runs)
    assert len(figure.axes) == len(runs)
    for axis in figure.axes:
        texts = [text.get_text() for text in axis.findobj(Text)]
        assert [text for text in texts if text in claims()] == list(claims())
        assert len(axis.patches) == 68
        assert texts.count("R") == 14
    plt.close("all")


def test_verdicts_differ_in_mark_and_in_lightness() -> None:
    marks = [mark for _, mark, _, _ in VERDICTS.values()]
    assert len(set(marks)) == len(VERDICTS)
    greys = sorted(
        0.2126 * r + 0.7152 * g + 0.0722 * b
        for r, g, b in (to_rgb(colour) for _, _, colour, _ in VERDICTS.values())
    )
    assert min(b - a for a, b in pairwise(greys)) > 0.02
