"""What a site shows outside its pages: the address that opens it, and a preview of a link."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

PREVIEW = "_static/preview.png"
"""The picture that a link to the book shows."""

ICON = "_static/icon.svg"
OPENING = "In one sentence. "
"""How a chapter's answer begins."""

LONGEST = 200
"""Letters of a description at most."""

_MOVED = re.compile(r"url='?([^'\"]+)'?\"")


def setup(app: Any) -> dict[str, Any]:
    """Let Sphinx call this module once it is configured, and for every page."""
    app.connect("config-inited", link_the_repository)
    app.connect("html-page-context", complete, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def link_the_repository(app: Any, config: Any) -> None:
    """Show a link to the repository on every page if its address is known.

    Parameters
    ----------
    app
        Sphinx, not used.
    config
        The configuration; `repository` in ``_config.yml`` is among the theme's options.
    """
    options = config.html_theme_options
    options["use_repository_button"] = bool(options.get("repository_url"))


def complete(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Complete what a page's template is filled with.

    Links to the page get a preview. Scripts that would start a kernel on another machine are left
    out: jupyter-book loads them twice, whether or not they are used.

    Parameters
    ----------
    app
        Sphinx, with the configuration of the book.
    name
        The page, without ending.
    template
        Its template, not used.
    context
        What the template is filled with; changed in place.
    doctree
        The page's content; None for pages that Sphinx makes, such as that of the search.
    """
    scripts = context.get("script_files", [])
    context["script_files"] = [script for script in scripts if not _of_a_kernel(script)]
    styles = context.get("css_files", [])
    context["css_files"] = [style for style in styles if "thebe" not in str(style)]
    if doctree is None:
        return
    title = re.sub(r"<[^>]*>", "", str(context.get("title", "")))
    metatags = social(
        html.unescape(title),
        description(str(context.get("body", ""))),
        app.config.html_title,
        app.config.html_baseurl,
        name,
    )
    context["metatags"] = context.get("metatags", "") + metatags


def _of_a_kernel(script: Any) -> bool:
    body = getattr(script, "attributes", {}).get("body") or ""
    return "thebe" in str(getattr(script, "filename", script)) or "THEBE" in body


def description(body: str) -> str:
    """Return the first sentence or two of a page; of a chapter, its answer.

    Parameters
    ----------
    body
        The page's content as HTML.
    """
    _, _, answer = body.partition("tag_answer")
    _, _, shown = answer.partition("cell_output")
    found = re.search(r"<p>(.*?)</p>", shown or body, re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]*>", "", found[1])) if found else ""
    words = " ".join(text.split()).removeprefix(OPENING)
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rsplit(' ', 1)[0]} …"


def social(title: str, text: str, book: str, address: str, name: str) -> str:
    """Write the tags from which others make the preview of a link.

    Parameters
    ----------
    title
        The page's title.
    text
        What it says, in a sentence or two.
    book
        The book's title.
    address
        Where the book lies (``html.baseurl`` in ``_config.yml``); empty if nobody has said.
        Without it there is no preview's picture, for that needs a whole address.
    name
        The page, without ending.
    """
    tags = {"og:type": "article", "og:site_name": book, "og:title": title, "og:description": text}
    if address:
        base = address.rstrip("/")
        tags |= {"og:url": f"{base}/{name}.html", "og:image": f"{base}/{PREVIEW}"}
    written = [
        f'<meta property="{key}" content="{html.escape(value, quote=True)}" />'
        for key, value in tags.items()
    ]
    written.append(f'<meta name="description" content="{html.escape(text, quote=True)}" />')
    written.append('<meta name="twitter:card" content="summary_large_image" />')
    return "\n".join(written) + "\n"


def name_the_opening(made: Path, book: str) -> None:
    """Give the page at the book's bare address, which leads on to the first, what pages have.

    Parameters
    ----------
    made
        Folder of the rendered book.
    book
        The book's title.
    """
    index = made / "index.html"
    found = _MOVED.search(index.read_text(encoding="utf-8"))
    if found is None:
        return
    first = made / found[1]
    tags = re.findall(
        r'<meta (?:property="og:|name="(?:description|twitter))[^>]*>',
        first.read_text(encoding="utf-8"),
    )
    title, to = html.escape(book), html.escape(found[1], quote=True)
    index.write_text(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8" /><title>{title}</title>\n'
        f'<link rel="icon" href="{ICON}" />\n{"".join(tags)}\n'
        f'<meta http-equiv="Refresh" content="0; url={to}" /></head>\n'
        f'<body><p><a href="{to}">{title}</a></p></body></html>\n',
        encoding="utf-8",
    )
