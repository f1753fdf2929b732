"""What verdicts over seeds come to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.claims.judging import NOT_REPRODUCED, NOT_RUN, NOT_TESTABLE, PARTLY, REPRODUCED
from helpers.claims.ledger import COLUMNS
from helpers.claims.over_seeds import SEED_COLUMNS, claims_by_seed, over_seeds
from helpers.errors import BadInputError


def _table(verdicts: list[str], observed: list[float] | None = None) -> pd.DataFrame:
    values = observed or [0.5] * len(verdicts)
    rows = [
        (seed, "text", "B1", verdict, value, 0.1, 0.9, 3, "samples")
        for seed, (verdict, value) in enumerate(zip(verdicts, values, strict=True))
    ]
    return pd.DataFrame(rows, columns=list(SEED_COLUMNS))


def test_most_seeds_decide() -> None:
    found = over_seeds(_table([REPRODUCED, PARTLY, REPRODUCED], [0.3, 0.1, 0.2])).iloc[0]
    assert (found["verdict"], found["fragile"]) == (REPRODUCED, True)
    assert found["share"] == pytest.approx(2 / 3)
    assert (found["lowest"], found["median"], found["highest"]) == (0.1, 0.2, 0.3)
    assert found[[NOT_TESTABLE, NOT_REPRODUCED, PARTLY, REPRODUCED]].tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([REPRODUCED, PARTLY], PARTLY),
        ([REPRODUCED, NOT_REPRODUCED], NOT_REPRODUCED),
        ([PARTLY, NOT_REPRODUCED, REPRODUCED], NOT_REPRODUCED),
        ([REPRODUCED, NOT_TESTABLE], NOT_TESTABLE),
    ],
)
def test_of_equal_numbers_the_more_cautious_is_taken(verdicts: list[str], expected: str) -> None:
    assert over_seeds(_table(verdicts))["verdict"].tolist() == [expected]
    assert over_seeds(_table(verdicts[::-1]))["verdict"].tolist() == [expected]


def test_what_never_changes_is_not_fragile() -> None:
    found = over_seeds(_table([PARTLY] * 3)).iloc[0]
    assert not found["fragile"]
    assert found["share"] == 1


def test_a_value_that_no_seed_has_stays_unknown() -> None:
    found = over_seeds(_table([NOT_TESTABLE] * 2, [np.nan, np.nan])).iloc[0]
    assert np.isnan(found["median"])


def test_a_gap_is_refused_and_named() -> None:
    row = dict.fromkeys(COLUMNS, "") | {"id": "B2", "verdict": NOT_RUN}
    with pytest.raises(BadInputError, match="seed 4 has no verdict on B2"):
        claims_by_seed({4: pd.DataFrame([row])})
