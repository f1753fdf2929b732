"""Slides for a class, with the figures of a run: one HTML file that needs no network."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from helpers.errors import BadInputError
from helpers.workspace import atomic, fingerprints, ownership, publication

MADE_BY = "python -m helpers slides"
DECK = "deck.yaml"

_FIGURE = re.compile(
    r'<figure class="book-figure" id="(?P<name>[^"]+)">.*?<img alt="(?P<alt>[^"]*)" '
    r'src="(?P<source>[^"]+)"/>.*?<figcaption>(?P<caption>.*?)</figcaption></figure>',
    re.DOTALL,
)
_LINKS = re.compile(r'<span class="made-by">.*?</span>|<a href=.*?</a>( · )?', re.DOTALL)
_NOTE = re.compile(r'<span class="simulated-note">.*?</span>', re.DOTALL)


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes
    ----------
    title
        What it says.
    minutes
        How long it takes.
    points
        Lines of text.
    figure
        What it shows, such as ``"18_which_experiment#worked_batch"``; empty: nothing.
    notes
        What to say, for the person who speaks.
    """

    title: str
    minutes: int
    points: tuple[str, ...] = ()
    figure: str = ""
    notes: str = ""


def read_deck(path: Path | None = None) -> tuple[Slide, ...]:
    """Read a deck of slides.

    Parameters
    ----------
    path
        A YAML file, a list of slides; None: the deck of the 90-minute route.

    Raises
    ------
    BadInputError
        If it is no such file; the message names the slide.
    """
    place = path or Path(str(files("helpers.teaching").joinpath(DECK)))
    try:
        found = yaml.safe_load(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(f"{place} cannot be read as YAML: {error}.") from error
    if not isinstance(found, list) or not found:
        raise BadInputError(f"{place} must be a list of slides.")
    return tuple(_slide(entry, f"{place}, slide {n}") for n, entry in enumerate(found, 1))


def _slide(entry: Any, place: str) -> Slide:
    kinds: dict[str, type] = {
        "title": str, "minutes": int, "points": list, "figure": str, "notes": str,
    }  # fmt: skip
    if not isinstance(entry, dict) or not {"title", "minutes"} <= set(entry) <= set(kinds):
        raise BadInputError(f"{place} needs a title and minutes, and may have {', '.join(kinds)}.")
    for name, value in entry.items():
        if not isinstance(value, kinds[name]):
            raise BadInputError(f"{place}: {name} is not of the kind {kinds[name].__name__}.")
    if entry.get("figure", "#").count("#") != 1:
        raise BadInputError(f"{place}: write a figure as CHAPTER#NAME.")
    points = tuple(map(str, entry.get("points", ())))
    return Slide(**{**entry, "points": points})


def chapters_of(deck: tuple[Slide, ...]) -> list[str]:
    """Return the chapters that a deck takes figures from."""
    return list(dict.fromkeys(slide.figure.split("#")[0] for slide in deck if slide.figure))


def write_slides(
    deck: tuple[Slide, ...], pages: Mapping[str, Path], folder: Path, shown: str
) -> int:
    """Write a deck as ``index.html`` into a folder of its own.

    Parameters
    ----------
    deck
        The slides.
    pages
        Executed notebooks by the name of their chapter.
    folder
        New, empty, or made by this function before.
    shown
        Data set and profile that the figures are of.

    Returns
    -------
    int
        Number of slides.

    Raises
    ------
    BadInputError
        If a page has not the figure that a slide names.
    WorkspaceError
        If the folder holds what this function did not write; nothing is changed then.
    """
    figures = {chapter: _figures(path) for chapter, path in pages.items()}
    for slide in deck:
        chapter, _, name = slide.figure.partition("#")
        if slide.figure and name not in figures.get(chapter, {}):
            raise BadInputError(
                f"The slide {slide.title!r} shows {slide.figure}, which the page does not have."
            )
    text = deck_markup(deck, figures, shown)
    ownership.keep_apart(folder, "slides", inputs=pages.values())
    publication.refuse_changed(folder, "slides")
    ownership.claim(folder, "slides", MADE_BY)
    with atomic.scratch_folder(folder, "made") as made:
        (made / "index.html").write_text(text, encoding="utf-8")
        key = fingerprints.of_value(text)
        publication.publish(made, folder, key=key, made_by=MADE_BY, kind="slides")
    return len(deck)


def deck_markup(
    deck: tuple[Slide, ...], figures: Mapping[str, Mapping[str, str]], shown: str
) -> str:
    """Return a deck as one HTML page: a section a slide, all below each other without a script."""
    room = files("helpers.teaching")
    style, script = (room.joinpath(f"slides.{kind}").read_text("utf-8") for kind in ("css", "js"))
    sections = "".join(
        _section(number, slide, len(deck), figures) for number, slide in enumerate(deck, 1)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{html.escape(deck[0].title)}</title><style>\n{style}</style></head><body>"
        f"<main>{sections}</main>"
        f'<footer>Figures: {html.escape(shown)}. <span class="keys" hidden>Arrow keys turn the '
        "page, N shows what to say.</span></footer>"
        f"<script>\n{script}</script></body></html>\n"
    )


def _section(
    number: int, slide: Slide, slides: int, figures: Mapping[str, Mapping[str, str]]
) -> str:
    points = "".join(f"<li>{html.escape(point)}</li>" for point in slide.points)
    chapter, _, name = slide.figure.partition("#")
    figure = figures[chapter][name] if slide.figure else ""
    notes = f"<aside>{html.escape(slide.notes)}</aside>" if slide.notes else ""
    return (
        f'<section id="slide-{number}" aria-label="Slide {number} of {slides}" tabindex="-1">'
        f"<h2>{html.escape(slide.title)}</h2>"
        + (f"<ul>{points}</ul>" if points else "")
        + f"{figure}{notes}"
        f'<p class="number">{number} / {slides} · {slide.minutes} min</p></section>'
    )


def _figures(page: Path) -> dict[str, str]:
    """Return the figures of an executed notebook as HTML, by name."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    texts = ("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    found = (figure for text in texts for figure in _FIGURE.finditer(text))
    return {figure["name"]: _as_on_a_slide(figure) for figure in found}


def _as_on_a_slide(figure: re.Match[str]) -> str:
    """Return picture and caption without links; that samples are simulated is said here too."""
    note = _NOTE.search(figure[0])
    caption = _NOTE.sub("", _LINKS.sub("", figure["caption"])).strip()
    return (
        f'<figure><img alt="{figure["alt"]}" src="{figure["source"]}"/>'
        f"<figcaption>{caption} {note[0] if note else ''}</figcaption></figure>"
    )
