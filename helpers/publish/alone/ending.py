"""The end of a notebook that somebody executes alone: where its results are."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from helpers.publish.alone.links import from_here
from helpers.publish.chapters import Chapter
from helpers.publish.display import Shown
from helpers.study import Study
from helpers.workspace.store import project_root

_LINK = re.compile(r'\]\(([\w./-]+?)(?:#[\w-]*)?\)|href="([\w./-]+?)(?:#[\w-]*)?"')


def where_results_are(study: Study, name: str) -> Shown:
    """Say at the end of a notebook where its results are, and where the pages that it links.

    Parameters
    ----------
    study
        The study.
    name
        Name of the chapter, such as ``"01_training"``.
    """
    root = study.workspace.root
    inside = [path for path in ("tables", "figures", "models") if (root / path).is_dir()]
    folders = ", ".join(f'<a href="{from_here(root / each)}">{each}</a>' for each in inside)
    lines = [
        f'Results of this notebook: <a href="{from_here(root)}">{html.escape(str(root))}</a>'
        + (f" ({folders})" if folders else "")
    ]
    pages = [f'<a href="{from_here(page)}">{page.name}</a>' for page in linked_pages(name)]
    if pages:
        lines.append(
            "Links between pages are those of the book, which "
            f"<code>python -m helpers run</code> renders. Their sources: {', '.join(pages)}"
        )
    return Shown("".join(f"<p>{line}</p>" for line in lines), said=f"Results: {root}")


def linked_pages(name: str) -> list[Path]:
    """Return the sources of the pages that a chapter links, as far as they are in the project."""
    root = project_root()
    chapter = Chapter(name, root / "notebooks" / f"{name}.ipynb")
    return sorted({page for page in _targets(chapter, root) if page.is_file()})


def _targets(chapter: Chapter, root: Path) -> Iterator[Path]:
    texts = [cell.source for cell in chapter.cells() if cell.cell_type == "markdown"]
    texts += [(chapter.path.parent / file).read_text("utf-8") for file in chapter.sentences()]
    for text in texts:
        for found in _LINK.finditer(text):
            target = Path(found[1] or found[2])
            if target.parts[:1] == ("..",):
                yield root / "book" / f"{target.stem}.md"
            elif target.suffix in {".ipynb", ".html"}:
                yield root / "notebooks" / f"{target.stem}.ipynb"
