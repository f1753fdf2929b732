"""Templates turn facts into sentences, and say where they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from helpers.errors import BadInputError, MissingInputError
from helpers.figures.naming import visible
from helpers.prose.writing.markdown import code, escaped, one_list, paragraphs, unescaped
from helpers.prose.writing.templates import Template, read_template


def template(folder: Path, body: str, name: str = "01_x") -> Template:
    path = folder / f"{name}.md.j2"
    path.write_text(f"{{% block words %}}\n{body}\n{{% endblock %}}\n", encoding="utf-8")
    return Template(path)


def written(folder: Path, body: str, **facts: object) -> str:
    return template(folder, body).write("words", facts)


@pytest.mark.parametrize(
    ("body", "facts", "text"),
    [
        ("{{ share | percent }}", {"share": 0.978}, "97.8\u202f%"),
        ("{{ share | percent(0) }}", {"share": 0.978}, "98\u202f%"),
        ("{{ share | percent }}", {"share": float("nan")}, "unknown"),
        ("{{ x | number }}", {"x": -0.001}, "0.00"),
        ("{{ x | number(1) }}", {"x": -2490.58}, "−2,490.6"),
        ("{{ x | signed }}", {"x": -0.126}, "−0.13"),
        ("{{ x | signed }}", {"x": 0.126}, "+0.13"),
        ("{{ x | short(2) }}", {"x": 1.234e-9}, "1.2e−09"),
        ("{{ n }}", {"n": 27417}, "27,417"),
        ("{{ n | counted('class') }}", {"n": 1}, "1 class"),
        ("{{ n | plural('is', 'are') }}", {"n": 1}, "is"),
        ("{{ n | plural('is', 'are') }}", {"n": ["a", "b"]}, "are"),
        ("{{ low | percent(0) | upto(high | percent(0)) }}", {"low": 0.1, "high": 0.2},
         "10\u202f% to 20\u202f%"),
        ("{{ low | upto(high) }}", {"low": 3, "high": 3}, "3"),
        ("{{ names | listed }}", {"names": ["a", "b", "c"]}, "a, b and c"),
        ("{{ names | tissues }}", {"names": ["thyroid_gland"]}, "thyroid gland"),
        ("{{ name | code }}", {"name": "a_b"}, "`a_b`"),
        ("{{ note | markdown }}", {"note": "[a](b.html)"}, "[a](b.html)"),
        ("{% if x is known %}{{ x | number }}{% else %}none{% endif %}", {"x": float("nan")},
         "none"),
        ("{{ row.items }} {{ row.keys }}", {"row": {"items": 2, "keys": 3}}, "2 3"),
    ],
)  # fmt: skip
def test_facts_are_written_by_filters(
    tmp_path: Path, body: str, facts: dict[str, object], text: str
) -> None:
    assert written(tmp_path, body, **facts) == text


def test_a_list_of_texts_is_joined_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    body = "Rows: {% listed row in rows %}\n{% if row.n %}\n{{ row.name }} ({{ row.n }})\n"
    body += "{% endif %}\n{% endlisted %}; and more."
    rows = [{"name": name, "n": n} for n, name in enumerate("abcd")]
    assert written(tmp_path, body, rows=rows) == "Rows: b (1), c (2) and d (3); and more."
    body = "{% listed row in rows %}\n{{ row.name }}\n{% endlisted %}\nand more."
    assert written(tmp_path, body, rows=rows[:2]) == "a and b and more."


def test_lines_of_a_paragraph_are_joined_and_empty_lines_part_paragraphs(tmp_path: Path) -> None:
    body = (
        "One{% if more %} and{% endif %}\nthe same.\n{% if more %}\nMore.\n{% endif %}\nLast.\n\n"
        "{% for note in notes %}\n- {{ note }}\n  goes on\n{% endfor %}\n"
    )
    assert written(tmp_path, body, more=True, notes=["x", "y"]) == (
        "One and the same. More. Last.\n\n- x goes on\n- y goes on"
    )
    assert written(tmp_path, body, more=False, notes=[]) == "One the same. Last."
    body = "One\n{% if more %}and{% endif %}\ntwo.\n\n\n{% if more %}\nThree.\n{% endif %}"
    assert written(tmp_path, body, more=False) == "One two."
    assert written(tmp_path, body, more=True) == "One and two.\n\nThree."
    assert written(tmp_path, "{% if more %}More{% endif %}\nwords.", more=True) == "More words."


def test_a_macro_is_not_escaped_twice(tmp_path: Path) -> None:
    body = "{% macro named(x) %}*{{ x }}*{% endmacro %}{{ named('a*b') }}"
    assert written(tmp_path, body) == "*a&#42;b*"


@pytest.mark.parametrize(
    ("body", "facts", "message"),
    [
        ("fine\n{{ medain }}", {"median": 1}, "line 3 .block words.: 'medain' is undefined. Facts "
         "of this block: median"),
        ("{{ row.medain }}", {"row": {"median": 1}}, "line 2 .*: there is no fact 'medain', only "
         "median"),
        ("fine\nfine\n{{ x }}", {"x": 0.5}, "line 4 .*: 0.5 needs a filter"),
        ("{{ x }}", {"x": None}, "line 2 .*: None is no text"),
        ("{{ x }}", {"x": True}, "line 2 .*: True is no text"),
        ("{{ x }}", {"x": ["a"]}, "line 2 .*: these are several facts"),
        ("{{ x | percent }}", {"x": "a"}, "line 2 "),
        ("{{ x | percnt }}", {"x": 1}, "line 2: No filter named 'percnt'"),
        ("{% if x %}", {"x": 1}, "line 3: "),
        ("{% include 'y.md.j2' %}", {}, "includes y.md.j2, which is not in"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_told_with_file_and_line(
    tmp_path: Path, body: str, facts: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInputError, match=message) as caught:
        written(tmp_path, body, **facts)
    assert str(tmp_path / "01_x.md.j2") in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_unknown_fact_is_told_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "more.md.j2").write_text("one\n\n{{ medain }}", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"more\.md\.j2, line 3 .*'medain' is undefined"):
        written(tmp_path, "{% include 'more.md.j2' %}")


def test_an_unknown_block_and_a_missing_template_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"has no block 'wrods': it has words\."):
        template(tmp_path, "x").write("wrods")
    with pytest.raises(MissingInputError, match=r"02_y\.md\.j2 is missing"):
        read_template(tmp_path, "02_y")


def test_a_template_is_read_with_all_that_it_includes(tmp_path: Path) -> None:
    (tmp_path / "more.md.j2").write_text("{{ x", encoding="utf-8")
    found = template(tmp_path, "{% include 'more.md.j2' %}")
    with pytest.raises(BadInputError, match=r"more\.md\.j2, line 1: "):
        found.files()
    (tmp_path / "more.md.j2").write_text("{{ x }}", encoding="utf-8")
    assert [path.name for path in found.files()] == ["01_x.md.j2", "more.md.j2"]


def test_an_edited_sentence_is_read_anew(tmp_path: Path) -> None:
    found = template(tmp_path, "old")
    assert found.write("words") == "old"
    template(tmp_path, "newer")
    assert found.write("words") == "newer"


NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1)


APART = dict.fromkeys(map(ord, "\u2068\u2069"))


@example("\u2066")
@example("\u05d0a")
@given(NAMES)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    # A letter before it: what begins a line may begin a list, whatever is escaped.
    tokens = MarkdownIt("commonmark").parseInline(f"x{escaped(name)}x")[0].children or []
    assert [token.type for token in tokens if token.type != "text_special"] == ["text"]
    # But for marks of direction: those of a name are left out, and ours keep it apart.
    shown = visible(name)
    assert "".join(token.content for token in tokens).translate(APART) == f"x{shown}x"
    assert unescaped(escaped(name)).translate(APART) == shown


@given(NAMES)
def test_code_is_shown_as_it_is(name: str) -> None:
    tokens = MarkdownIt("commonmark").parseInline(code(name))[0].children or []
    assert [token.content for token in tokens] == [name]


def test_names_lose_line_breaks_only() -> None:
    assert escaped("a\n<b>") == "a &#60;b&#62;"
    assert one_list([]) == ""
    assert paragraphs(" \x1e a\n b \n \x1ec\x1d- d") == "a b\n\nc\n- d"
