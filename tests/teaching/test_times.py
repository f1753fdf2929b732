"""Times of chapters, added up by hand."""

from __future__ import annotations

import math

from helpers.teaching.times import chapter_times


def test_what_chapters_share_counts_for_both_and_for_none_alone() -> None:
    found = chapter_times(
        {"01_x": "x.ipynb", "02_y": "y.ipynb", "03_z": "z.ipynb"},
        {"01_x": ["a", "b", "b"], "02_y": ["b", "c", "borrowed"], "03_z": ["b"]},
        {"x.ipynb": 1.0, "y.ipynb": 2.0, "a": 10.0, "b": 100.0, "c": 1000.0},
    ).set_index("chapter")
    assert list(found.loc["01_x"]) == [1, 110, 10]
    assert list(found.loc["02_y"]) == [2, 1100, 1000]
    assert all(map(math.isnan, found.loc["03_z"]))
