from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.publish.site.front import (
    LONGEST,
    complete,
    description,
    link_the_repository,
    name_the_opening,
    social,
)
from helpers.publish.site.preview import preview


def script(name: str | None, body: str | None = None) -> Any:
    return SimpleNamespace(filename=name, attributes={"body": body})


def test_no_script_of_a_kernel_is_left_and_each_other_is() -> None:
    kept = [script("_static/page.js"), script(None, "let a = 1"), "_static/plain.js"]
    thebe = [script(None, 'const THEBE_JS_URL = "x"'), script("_static/sphinx-thebe.js")]
    context = {"script_files": [*kept[:2], *thebe, kept[2], *thebe], "title": "A", "body": ""}
    app = SimpleNamespace(config=SimpleNamespace(html_title="B", html_baseurl=""))
    complete(app, "a", "page.html", context, None)
    assert context["script_files"] == kept
    assert "metatags" not in context
    context |= {"title": "A <em>&amp;</em> b", "body": "<p>Some <b>text</b>.</p>"}
    complete(app, "a", "page.html", context, object())
    assert 'property="og:title" content="A &amp; b"' in str(context["metatags"])
    assert 'name="description" content="Some text."' in str(context["metatags"])


@pytest.mark.parametrize("known", ["https://example.org/you/book", ""])
def test_pages_link_the_repository_where_its_address_is_known(known: str) -> None:
    config = SimpleNamespace(html_theme_options={"repository_url": known})
    link_the_repository(None, config)
    assert config.html_theme_options["use_repository_button"] is bool(known)


def test_a_chapter_is_described_by_its_answer() -> None:
    body = (
        '<p>What you learn.</p><div class="cell tag_answer"><p>code</p>'
        '<div class="cell_output"><p><strong>In one sentence.</strong> It\n holds &lt; '
        "<strong>ever</strong>.</p></div></div>"
    )
    assert description(body) == "It holds < ever."
    assert description("<p>What you learn.</p><p>More.</p>") == "What you learn."
    assert description("nothing") == ""
    long = description(f"<p>{'word ' * 100}</p>")
    assert long.endswith("word …")
    assert len(long) <= LONGEST + 2


def test_a_preview_has_a_picture_only_where_its_whole_address_is_known() -> None:
    without = social("A", 'say "x"', "B", "", "notebooks/a")
    assert "og:image" not in without
    assert "say &quot;x&quot;" in without
    with_address = social("A", "x", "B", "https://example.org/book/", "notebooks/a")
    assert 'content="https://example.org/book/_static/preview.png"' in with_address
    assert 'content="https://example.org/book/notebooks/a.html"' in with_address


def test_the_bare_address_leads_on_and_has_the_previews_of_the_first_page(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    tags = social("A", "x", "B", "", "notebooks/a")
    (tmp_path / "notebooks" / "a.html").write_text(f"<head>{tags}</head>")
    index = tmp_path / "index.html"
    index.write_text('<meta http-equiv="Refresh" content="0; url=notebooks/a.html" />\n')
    name_the_opening(tmp_path, "B & C")
    made = index.read_text()
    assert 'content="0; url=notebooks/a.html"' in made
    assert "<title>B &amp; C</title>" in made
    assert "og:description" in made
    assert 'rel="icon"' in made
    # A first page that lies at the bare address is whole as it is.
    index.write_text("<html>whole</html>")
    name_the_opening(tmp_path, "B")
    assert index.read_text() == "<html>whole</html>"


def test_the_preview_keeps_its_words_within_the_picture() -> None:
    figure = preview("Explaining models of the transcriptome", "What it is. " * 4, "data " * 40)
    renderer = FigureCanvasAgg(figure).get_renderer()
    whole = figure.bbox
    boxes = [text.get_window_extent(renderer) for text in figure.texts]
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 for box in boxes)
    assert all(upper.y0 >= lower.y1 for upper, lower in itertools.pairwise(boxes))
