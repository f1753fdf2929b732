from __future__ import annotations

import html
import re

import nasty
import pytest
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser

from helpers.claims.rulebook import RULES
from helpers.figures.naming import visible
from helpers.prose.writing import wording
from helpers.prose.writing.markdown import as_written
from helpers.prose.writing.wording import COUNTS, measured, tissue_name

# As _config.yml sets the reader of pages up.
READER = create_md_parser(
    MdParserConfig(
        enable_extensions={
            "amsmath", "colon_fence", "deflist", "dollarmath", "html_image", "linkify",
            "substitution",
        },
        linkify_fuzzy_links=False,
    ),
    DocutilsRenderer,
)  # fmt: skip


def test_a_missing_agreement_is_said_in_words() -> None:
    assert wording.agreement(0.536) == "0.54"
    assert "all the same" in wording.agreement(float("nan"))


@pytest.mark.parametrize(
    ("value", "statistic", "text"),
    [
        (2353.0, "genes in the top 100", "2,353"),
        (2228.54, "genes in the top 100", "2,229"),
        (1.0, "estimates after which nothing is gained", "1"),
        (1.0, "share of explainers", "1.000"),
        (2.0, "mean fold over chance", "2.000"),
        (123.45, "mean fold over chance", "123"),
        (-0.0499, "a difference", "-0.050"),
        (-1e-16, "a difference", "0.000"),
        (float("nan"), "share of explainers", "–"),
    ],
)
def test_numbers_are_written_as_what_they_measure(value: float, statistic: str, text: str) -> None:
    assert measured(value, statistic) == text


def test_statistics_that_count_are_known_by_their_first_word() -> None:
    whole = {name for name, rule in RULES.items() if rule.statistic.startswith(COUNTS)}
    assert whole == {"T1", "O2", "O3", "O5", "O6", "O11", "O12", "K5", "K7"}


def read(markdown: str) -> str:
    """Read a paragraph as pages do, and return the text that readers see."""
    tokens = READER.parseInline(markdown)[0].children or []
    kinds = {token.type for token in tokens}
    assert kinds <= {"text", "text_special"}, kinds
    return "".join(token.content for token in tokens)


@pytest.mark.parametrize("name", nasty.NAMES)
def test_a_name_is_shown_as_it_is_written_in_markdown_and_in_html(name: str) -> None:
    seen = visible(name).replace("\u00a0", " ")
    for before, after in (("In ", " and b."), ("", ""), ("(", ")"), ("$5 ", " 6")):
        text = read(f"{before}{as_written(name)}{after}")
        for mark in ("\u2068", "\u2069"):
            text = text.replace(mark, "")
        assert text.replace("\u00a0", " ") == f"{before}{seen}{after}"
    markup = html.unescape(as_written(name)).strip("\u2068\u2069")
    assert markup.replace("\u00a0", " ") == seen
    assert not re.search(r"[<>]", as_written(name))


@pytest.mark.parametrize("name", nasty.NAMES)
def test_a_name_begins_a_line_without_being_read(name: str) -> None:
    for line in (as_written(name), f"- {as_written(name)}: 5"):
        kinds = [token.type for token in READER.parse(line)]
        assert kinds.count("paragraph_open") == 1
        assert set(kinds) <= {
            "paragraph_open", "inline", "paragraph_close", "bullet_list_open", "list_item_open",
            "list_item_close", "bullet_list_close",
        }  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_any_name_is_shown_as_it_is_written(name: str) -> None:
    text = read(f"In {as_written(name)}.").replace("\u00a0", " ")
    expected = f"In {visible(name)}.".replace("\u00a0", " ")
    for mark in ("\u2068", "\u2069"):
        text = text.replace(mark, "")
    assert text == expected


def test_plain_names_stay_readable_in_the_source() -> None:
    for name in ("TCGA_LIHC", "T_cell_1", "CD19+ B", "HLA-DRA", "5'-nucleotidase", "B (naive)"):
        assert as_written(name) == name
    assert tissue_name("thyroid_gland") == "thyroid gland"
