"""Colours of the book's style sheet can be read, on light ground and on dark (WCAG 2.2, AA)."""

from __future__ import annotations

import re

import pytest

from helpers.workspace.store import project_root

READABLE = 4.5
"""Contrast that AA asks of text."""

GROUNDS = {"light": "#ffffff", "dark": "#14181e"}
"""What the theme lays below text."""

CSS = (project_root() / "book/_static/book.css").read_text("utf-8")


def declared(scheme: str) -> dict[str, str]:
    """Our variables: those of the dark scheme replace those of the light one."""
    blocks = re.findall(r"(?m)^(:root|html\[data-theme=\"dark\"\]) \{([^}]*)\}", CSS)
    found: dict[str, str] = {}
    for where, block in blocks:
        if where == ":root" or scheme == "dark":
            found |= dict(re.findall(r"--book-([\w-]+): ([^;]+);", block))
    return found


def channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def contrast(one: list[float], other: list[float]) -> float:
    def light(colour: list[float]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", GROUNDS)
def test_colours_of_text_are_read_on_the_page_and_on_their_own_tint(scheme: str) -> None:
    colours = declared(scheme)
    tint = float(colours.pop("tint").rstrip("%")) / 100
    assert len(colours) == 5
    ground = channels(GROUNDS[scheme])
    for name, colour in colours.items():
        own = channels(colour)
        tinted = [tint * c + (1 - tint) * g for c, g in zip(own, ground, strict=True)]
        assert contrast(own, ground) >= READABLE, name
        assert contrast(own, tinted) >= READABLE, name


def test_contrast_of_black_and_white_is_the_largest() -> None:
    assert contrast(channels("#000000"), channels("#ffffff")) == pytest.approx(21)
    assert contrast(channels("#777777"), channels("#ffffff")) == pytest.approx(4.48, abs=0.01)


def test_colours_within_our_rules_follow_the_scheme() -> None:
    rules = re.sub(r"(?m)^(:root|html\[data-theme=\"dark\"\]) \{[^}]*\}|/\*.*?\*/", "", CSS)
    fixed = re.findall(r"(?<![\w-])color: (?!var\(|inherit|transparent)([^;]+);", rules)
    assert not fixed
