from __future__ import annotations

import pytest

from helpers.publish.amounts import memory_text, time_text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_960, "1.0 MB"),
        (123_456_789, "123 MB"), (1.51e9, "1.5 GB"), (5e15, "5000 TB"),
    ],
)  # fmt: skip
def test_memory(amount: float, text: str) -> None:
    assert memory_text(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "under a second"), (90, "90 seconds"), (150, "2.5 minutes"), (5400, "90 minutes"),
        (9000, "2.5 hours"), (30 * 3600, "30 hours"), (86_400 * 12, "12 days"),
    ],
)  # fmt: skip
def test_time(seconds: float, text: str) -> None:
    assert time_text(seconds) == text
