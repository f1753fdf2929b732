from __future__ import annotations

import logging
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.publish.messages import unknown_messages


def written(warning: warnings.WarningMessage) -> str:
    """Return a warning as Python writes it to standard error."""
    return warnings.formatwarning(
        warning.message, warning.category, warning.filename, warning.lineno
    )


def crowded() -> None:
    figure, axis = plt.subplots(figsize=(1, 1), layout="constrained")
    axis.set_yticks([0], ["x" * 200])
    figure.canvas.draw()
    plt.close(figure)


def strange_letters() -> None:
    figure, axis = plt.subplots()
    axis.set_title("\ue000")
    figure.canvas.draw()
    plt.close(figure)


def fragmented() -> None:
    table = pd.DataFrame(index=range(2))
    for k in range(150):
        table[k] = k


@pytest.mark.parametrize("cause", [crowded, strange_letters, fragmented])
def test_what_libraries_really_say_on_looks_is_harmless(cause) -> None:
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        cause()
    assert met
    assert unknown_messages("".join(map(written, met))) == []


def test_what_matplotlib_says_of_a_matplotlibrc_is_harmless(
    tmp_path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "matplotlibrc").write_text("nonsense: 1\nlines.linewidth: thick\nno colon\n")
    with caplog.at_level(logging.WARNING):
        mpl.rc_params_from_file(tmp_path / "matplotlibrc")
    assert len(caplog.messages) >= 3
    assert unknown_messages("\n".join(caplog.messages)) == []


def test_a_font_that_is_not_installed_is_harmless(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        mpl.font_manager.findfont("No Such Font")
    assert unknown_messages("\n".join(caplog.messages)) == []


@pytest.mark.parametrize(
    "text",
    [
        "a.py:3: RuntimeWarning: invalid value encountered in divide\n  x / y\n",
        "a.py:3: UserWarning: number 1 is strange\n  warn()\n",
        "careful\n",
    ],
)
def test_other_messages_are_told_by_their_first_line(text: str) -> None:
    known = "b.py:7: FutureWarning: later this will be otherwise\n  old()\n"
    assert unknown_messages(known + text + known) == [text.splitlines()[0]]
