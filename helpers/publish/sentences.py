"""How a notebook shows sentences: facts go in, the words come from the chapter's template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IPython.display import Markdown

from helpers.prose.writing.markdown import unescaped
from helpers.prose.writing.templates import Facts, Template, read_template
from helpers.workspace.store import project_root


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

    def text(self, block: str, facts: Facts | None = None, **more: Any) -> str:
        """Return the sentences of a block as plain text, for a caption or an alternative text."""
        return unescaped(self._template.write(block, {**(facts or {}), **more}))


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
