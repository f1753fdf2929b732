"""How a notebook shows sentences: facts go in, the words come from the chapter's template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from IPython.display import Markdown

from helpers.errors import BadInputError
from helpers.prose.writing.markdown import unescaped, without_tables
from helpers.prose.writing.templates import Facts, Template, read_template
from helpers.workspace.store import project_root

ANSWER, TAKEAWAYS = "answer", "takeaways"
"""Blocks that every chapter has: the sentence it opens with, and what it ends with."""

NOTHING = "This run has nothing to show here."

LUNCH = 3
"""Things that one can carry to lunch."""

_ENTITY = re.compile(r"&#?\w+;|<[^>]*>")
_WITHIN = re.compile(r"\d[.,]\d|\b(?:e\.g|i\.e|vs|Fig)\.")
_NEXT = re.compile(r"[.!?]\**[)”]?\s+\S")


class Sentences:
    """The sentences of a chapter, shown block by block.

    Parameters
    ----------
    template
        The chapter's template.
    """

    def __init__(self, template: Template) -> None:
        self._template = template

    def __call__(self, block: str, facts: Facts | None = None, **more: Any) -> Markdown | None:
        """Show the sentences of a block; nothing where there is nothing to say.

        Parameters
        ----------
        block
            Its name in the template.
        facts, **more
            What they say, by name.

        Raises
        ------
        BadInputError
            If there is no such block, or a fact is missing; the message names file and line.
        """
        text = self._template.write(block, {**(facts or {}), **more})
        # A page would show an empty output by the name of its type.
        return Markdown(text) if text.strip() else None

    def answer(self, facts: Facts | None = None, **more: Any) -> Markdown:
        """Show the answer that a chapter opens with: one sentence with a number in it.

        Parameters
        ----------
        facts, **more
            What the block ``answer`` says, by name.

        Raises
        ------
        BadInputError
            If it is not one sentence, or has no number; the message names the template.
        """
        text = self._template.write(ANSWER, {**(facts or {}), **more})
        plain = _ENTITY.sub("", text)
        if not re.search(r"\d", plain):
            raise BadInputError(
                f"{self._template.path}, block {ANSWER}: the finding has no number ({plain!r}). "
                "Say in it how much, how many, or of how many nothing can be said."
            )
        if "\n" in plain or _NEXT.search(_WITHIN.sub("", plain)):
            raise BadInputError(
                f"{self._template.path}, block {ANSWER}: a chapter opens with one sentence, and "
                f"these are several ({plain!r}). Leave the rest to the blocks below it."
            )
        return Markdown(f"**In one sentence.** {text}")

    def takeaways(self, facts: Facts | None = None, **more: Any) -> Markdown:
        """Show what a reader takes home: three items, true whatever the run found.

        Parameters
        ----------
        facts, **more
            What the block ``takeaways`` says, by name.

        Raises
        ------
        BadInputError
            If there are not three; the message names the template.
        """
        text = self._template.write(TAKEAWAYS, {**(facts or {}), **more})
        items = [line for line in text.split("\n") if line.startswith("- ")]
        if len(items) != LUNCH or len(items) != len(text.strip().split("\n")):
            raise BadInputError(
                f"{self._template.path}, block {TAKEAWAYS}: a chapter ends with {LUNCH} items, "
                f"each a line that begins with a hyphen, and here are {len(items)} ({text!r})."
            )
        return Markdown(text)

    def text(self, block: str, facts: Facts | None = None, **more: Any) -> str:
        """Return the sentences of a block as plain text, for a caption or an alternative text."""
        return unescaped(self._template.write(block, {**(facts or {}), **more}))

    def message(self, block: str, facts: Facts | None = None, **more: Any) -> str:
        """Return what a figure says, for a reader who cannot see it.

        That is the plain text of a block, without its tables; where a run has nothing to say,
        `NOTHING`.
        """
        return without_tables(self.text(block, facts, **more)).strip() or NOTHING


def sentences(chapter: str, root: Path | None = None) -> Sentences:
    """Return the sentences of a chapter.

    Parameters
    ----------
    chapter
        File name of its notebook without the ending, such as ``"01_training"``.
    root
        Folder of the project; None: the one that the working directory is in.

    Raises
    ------
    MissingInputError
        If the chapter has no template.
    """
    return Sentences(read_template((root or project_root()) / "notebooks", chapter))
