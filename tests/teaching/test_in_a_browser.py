"""Quizzes, sliders and slides as a reader uses them: by keyboard, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Page, in_browser

from helpers.explain.worked_example import NETWORK, REFERENCE, SAMPLE
from helpers.teaching.by_hand import sliders
from helpers.teaching.quizzes import SCRIPT, STYLE, quiz_markup, quiz_path, read_quiz
from helpers.teaching.slides import Slide, deck_markup
from helpers.workspace.store import project_root

ROOT = project_root()
QUIZZES = [
    read_quiz(quiz_path(path)) for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
]


def write(folder: Path, body: str) -> Path:
    for address in (SCRIPT, STYLE):
        name = address.rsplit("/", 1)[1]
        body = body.replace(address, (ROOT / "book" / "_static" / name).as_uri())
    page = folder / "page.html"
    page.write_text(
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title>{body}</html>',
        encoding="utf-8",
    )
    return page


@pytest.mark.slow
def test_every_quiz_is_answered_by_keyboard(tmp_path: Path) -> None:
    # One script is enough for all quizzes of a page.
    script = f'<script defer src="{SCRIPT}"></script>'
    markup = "".join(quiz_markup(quiz) for quiz in QUIZZES).replace(script, "") + script
    asked = [question for quiz in QUIZZES for question in quiz]

    async def visit(page: Page) -> None:
        answered = []
        for _ in range(sum(len(question.answers) for question in asked) + len(asked)):
            await page.press("Tab")
            if await page.find("document.activeElement.matches('.quiz-answers button')"):
                await page.press("Enter")
                answered.append(
                    await page.find(
                        "(({ parentElement: item }) => [item.textContent, "
                        "item.closest('.quiz-question').querySelector('[role=status]').textContent,"
                        "document.activeElement.getAttribute('aria-pressed')])"
                        "(document.activeElement)"
                    )
                )
        wanted = [
            [answer.text.replace("`", ""),
             f"{'Right.' if answer.right else 'Not quite.'} {answer.why}".replace("`", ""), "true"]
            for question in asked
            for answer in question.shuffled()
        ]  # fmt: skip
        assert answered == wanted
        scores = await page.find(
            "[...document.querySelectorAll('.quiz-score')].map((score) => score.textContent)"
        )
        right = [sum(question.shuffled()[0].right for question in quiz) for quiz in QUIZZES]
        assert scores == [
            f"{number} of {len(quiz)} right at the first go."
            for number, quiz in zip(right, QUIZZES, strict=True)
        ]

    in_browser(write(tmp_path, markup), visit, tmp_path)


@pytest.mark.slow
def test_sliders_and_slides_answer_keys(tmp_path: Path) -> None:
    markup = str(sliders(NETWORK, SAMPLE, REFERENCE).data)
    deck = (Slide("First", 1, ("a point",), notes="Say this."), Slide("Second", 2))
    (tmp_path / "deck.html").write_text(deck_markup(deck, {}, "made up"), encoding="utf-8")

    async def visit(page: Page) -> None:
        cell = "document.querySelector('[data-cell=deepLift1]').textContent"
        assert await page.find(cell) == "3.3"
        await page.press("Tab")
        assert await page.find("document.activeElement.name") == "x1"
        await page.press("ArrowLeft")
        # The first gene at 2.9: units 3.8 and −1.4, multipliers 3.8 / 4.8 and 0.5 / 1.9.
        assert float(await page.find(cell)) == pytest.approx(
            2.9 * (2 * 3.8 / 4.8 - 2 * 0.5 / 1.9), abs=2e-3
        )
        await page.find("document.querySelector('.by-hand button').click()")
        assert await page.find(cell) == "3.3"
        address = (tmp_path / "deck.html").as_uri()
        await page.find(f"location.href = {address!r}")
        shown = (
            "[...document.querySelectorAll('section.shown h2')].map((h) => h.textContent).join()"
        )
        for _ in range(50):
            if (
                await page.find("document.readyState + document.querySelectorAll('h2').length")
                == "complete2"
            ):
                break
        assert await page.find(shown) == "First"
        notes = "getComputedStyle(document.querySelector('aside')).display"
        assert await page.find(notes) == "none"
        await page.press("n")
        assert await page.find(notes) == "block"
        await page.press("ArrowRight")
        assert await page.find(shown) == "Second"
        await page.press("ArrowLeft")
        assert await page.find(shown) == "First"

    in_browser(write(tmp_path, markup), visit, tmp_path)
