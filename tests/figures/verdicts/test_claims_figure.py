from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.text import Text

from helpers.claims.ledger import CHAPTERS, claims
from helpers.figures.verdicts.claims import VERDICTS, verdicts


@pytest.mark.parametrize("runs", [["this"], ["this", "that"]])
@pytest.mark.parametrize("protocols", [["text"], ["text", "released", "strict"]])
def test_every_statement_is_a_cell_with_its_id_and_a_mark(
    runs: list[str], protocols: list[str]
) -> None:
    rows = [
        {"run": run, "protocol": protocol, "id": name,
         "verdict": [*VERDICTS][(place + shift) % len(VERDICTS)]}
        for run in runs
        for shift, protocol in enumerate(protocols)
        for place, name in enumerate(claims())
    ]  # fmt: skip
    figure = verdicts(pd.DataFrame(rows), runs)
    assert len(figure.axes) == len(runs)
    for axis in figure.axes:
        texts = [text.get_text() for text in axis.findobj(Text)]
        assert [text for text in texts if text in claims()] == list(claims())
        assert len(axis.patches) == 68 * len(protocols)
        reproduced = sum(row["verdict"] == "reproduced" for row in rows) // len(runs)
        assert texts.count("R") == reproduced
        assert texts.count("strict") == (len(CHAPTERS) if "strict" in protocols else 0)
    plt.close("all")


def test_a_cell_under_another_protocol_lies_below_that_of_its_statement() -> None:
    found = {"text": "reproduced", "released": "not_reproduced"}
    rows = [
        {"run": "this", "protocol": protocol, "id": name, "verdict": verdict}
        for protocol, verdict in found.items()
        for name in claims()
    ]
    axis = verdicts(pd.DataFrame(rows), ["this"]).axes[0]
    cells = {(patch.get_x(), round(patch.get_y(), 3)) for patch in axis.patches}
    assert len(cells) == 136
    columns = {
        verdict: sorted(p.get_x() for p in axis.patches if p.get_facecolor() == to_rgba(colour))
        for verdict, (_, _, colour, _) in VERDICTS.items()
    }
    assert columns["reproduced"] == columns["not_reproduced"]
    heights = [
        {p.get_height() for p in axis.patches if p.get_facecolor() == to_rgba(VERDICTS[name][2])}
        for name in found.values()
    ]
    assert min(heights[0]) > max(heights[1])
    plt.close("all")


def test_verdicts_differ_in_mark_and_in_lightness() -> None:
    marks = [mark for _, mark, _, _ in VERDICTS.values()]
    assert len(set(marks)) == len(VERDICTS)
    greys = sorted(
        0.2126 * r + 0.7152 * g + 0.0722 * b
        for r, g, b in (to_rgb(colour) for _, _, colour, _ in VERDICTS.values())
    )
    assert min(b - a for a, b in pairwise(greys)) > 0.02
