from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest

from helpers.publish.chapters import find_chapters
from helpers.publish.site.layout import PACKED, drop_maps, lay_out, offer, with_linked_figures
from helpers.workspace.store import project_root

PICTURE = base64.b64encode(b"<svg/>").decode()


def figure(name: str) -> str:
    return (
        f'<figure class="book-figure" id="{name}"><div class="scroll"><img alt="a &quot;b&quot;" '
        f'src="data:image/svg+xml;base64,{PICTURE}"/></div><figcaption>c</figcaption></figure>'
    )


def test_figures_that_are_offered_are_linked_and_others_stay() -> None:
    markup = with_linked_figures(figure("one") + figure("two"), ["figures/two.svg"])
    assert markup.count("base64,") == 1
    assert markup.startswith(figure("one"))
    assert 'alt="a &quot;b&quot;" src="../downloads/figures/two.svg"/>' in markup
    # A picture that is no figure of ours is left alone.
    other = f'<img src="data:image/svg+xml;base64,{PICTURE}"/>'
    assert with_linked_figures(other, ["figures/two.svg"]) == other


@pytest.mark.parametrize("numbered", [True, False])
def test_a_page_has_the_number_of_its_chapter_its_figures_beside_it_and_a_quiz(
    tmp_path: Path, *, numbered: bool
) -> None:
    (chapter,) = find_chapters(project_root(), ["04"])
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A title\n\n# Another"},
        {
            "cell_type": "code", "id": "b", "metadata": {}, "source": "", "execution_count": 1,
            "outputs": [{"output_type": "display_data", "metadata": {},
                         "data": {"text/html": figure("one")}}],
        },
    ]  # fmt: skip
    page = tmp_path / "04_references.ipynb"
    page.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    (tmp_path / "made").mkdir()
    lay_out(page, tmp_path / "made", chapter, ["figures/one.svg"], numbered=numbered)
    made = json.loads((tmp_path / "made" / page.name).read_text("utf-8"))
    title = "".join(made["cells"][0]["source"])
    assert title == ("# 4 · A title\n\n# Another" if numbered else "# A title\n\n# Another")
    assert "base64" not in json.dumps(made)
    assert "../downloads/figures/one.svg" in json.dumps(made)
    assert "quiz" in json.dumps(made["cells"][-1])
    # The executed notebook can still be read by itself.
    assert PICTURE in page.read_text()


@pytest.mark.parametrize(
    ("size", "linked", "name", "packed"),
    [
        (PACKED, False, "a.csv", True),
        (PACKED - 1, False, "a.csv", False),
        (PACKED, True, "a.csv", False),
        (PACKED, False, "a.svg", False),
    ],
)
def test_a_large_table_that_no_page_links_is_packed_always_alike(
    tmp_path: Path, size: int, name: str, *, linked: bool, packed: bool
) -> None:
    file = tmp_path / name
    file.write_bytes(b"x" * size)
    place = offer(file, tmp_path / "to" / name, linked=linked)
    assert place.name == (f"{name}.gz" if packed else name)
    found = place.read_bytes()
    assert (gzip.decompress(found) if packed else found) == file.read_bytes()
    assert offer(file, tmp_path / "again" / "b" / name, linked=linked).read_bytes() == found


def test_only_maps_of_scripts_and_styles_are_dropped(tmp_path: Path) -> None:
    names = ["_static/a.js", "_static/x/a.js.map", "downloads/a.map"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    drop_maps(tmp_path)
    assert [(tmp_path / name).exists() for name in names] == [True, False, True]
