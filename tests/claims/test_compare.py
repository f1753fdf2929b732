"""Where runs part, and what goes with it."""

from __future__ import annotations

import pandas as pd

from helpers.claims.compare import RUN_COLUMNS, agreements, differences


def _runs(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame([(f"run {i}", *row) for i, row in enumerate(rows)], columns=[*RUN_COLUMNS])


def test_a_difference_between_seeds_alone_is_of_the_seed() -> None:
    runs = _runs(
        (0, "a", "text", "quick", "B1", "reproduced", 0.1),
        (1, "a", "text", "quick", "B1", "partly", 0.2),
        (0, "b", "text", "quick", "B1", "reproduced", 0.1),
        (0, "a", "text", "quick", "B2", "partly", 0.1),
        (1, "a", "text", "quick", "B2", "partly", 0.1),
    )
    (found,) = differences(runs)
    assert (found.id, found.goes_with) == ("B1", ("seed",))
    assert found.verdicts == {"reproduced": 2, "partly": 1}
    assert agreements(runs) == ["B2"]


def test_each_factor_is_found() -> None:
    base = (0, "a", "text", "quick")
    for at, factor in enumerate(("seed", "dataset", "protocol", "size")):
        other = tuple("other" if i == at else value for i, value in enumerate(base))
        runs = _runs((*base, "B1", "reproduced", 0.1), (*other, "B1", "not_reproduced", 0.2))
        assert differences(runs)[0].goes_with == (factor,)


def test_nothing_is_said_where_two_things_differ_at_once() -> None:
    runs = _runs(
        (0, "a", "text", "quick", "B1", "reproduced", 0.1),
        (1, "b", "text", "quick", "B1", "partly", 0.1),
    )
    assert differences(runs)[0].goes_with == ()


def test_seeds_that_differ_in_the_same_way_on_both_sides_are_not_the_data_sets_doing() -> None:
    runs = _runs(
        *(
            (seed, dataset, "text", "quick", "B1", verdict, 0.1)
            for dataset in "ab"
            for seed, verdict in enumerate(["reproduced", "partly"])
        )
    )
    assert differences(runs)[0].goes_with == ("seed",)
