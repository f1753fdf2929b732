"""Tables are read as they were written, whatever names look like."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.workspace.formats import (
    FLAG_COLUMNS,
    TABLE,
    TEXT_COLUMNS,
    read_table,
    table_format,
    write_table,
)

LOOK_ALIKES = [
    "0", "10", "007", "1e3", "1_000", "0x1F", "+1", "-1.50", ".5", "1.", "inf", "-inf", "nan",
    "NaN", "NA", "N/A", "<NA>", "None", "null", "True", "False", "TRUE", "t", "2024-01-31",
    "01/02/03", "12:30", "1 day", " lead", "trail ", " ", "#1", "=1+1", "'", '"', '""', "a,b",
    "a;b", "a\tb", "a\nb", "a\r\nb", "a\rb", "\r", "\n", "\\", "\\N", "$x$", "ß", "細胞", "🧬",
    "\ufeffx", "a\u2028b", "a\x85b", "\x0c", "\x1f",
]  # fmt: skip


def there_and_back(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    TABLE.write(folder / "table.csv", table)
    return TABLE.read(folder / "table.csv")


@pytest.mark.parametrize("column", ["sample", "tissue", "class", "donor", "organ", "gene"])
@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_name_alone_in_its_column_is_the_text_that_it_was(
    column: str, name: str, tmp_path: Path
) -> None:
    table = pd.DataFrame({column: [name, name], "n": [1, 2]})
    pd.testing.assert_frame_equal(there_and_back(table, tmp_path), table)


def test_names_of_all_kinds_are_the_texts_that_they_were(tmp_path: Path) -> None:
    table = pd.DataFrame({"tissue": LOOK_ALIKES, "gene": LOOK_ALIKES[::-1]})
    table["value"] = [1 / (3 + k) for k in range(len(table))]
    table["aggregated"] = [k % 2 == 0 for k in range(len(table))]
    pd.testing.assert_frame_equal(there_and_back(table, tmp_path), table, check_exact=True)


# What a file with samples can hold: no halves of characters, and no NUL.
names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
)


@given(st.lists(names, min_size=1, max_size=8))
def test_any_text_is_the_text_that_it_was(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    table = pd.DataFrame({"sample": texts, "n": range(len(texts))})
    back = there_and_back(table, tmp_path_factory.getbasetemp())
    assert back["sample"].tolist() == texts
    assert back["n"].tolist() == list(range(len(texts)))


def test_an_empty_field_is_missing_also_among_text(tmp_path: Path) -> None:
    table = pd.DataFrame({"gene": ["NA", None, "TP53"], "value": [1.0, None, 3.0]})
    back = there_and_back(table, tmp_path)
    assert back.isna().to_numpy().tolist() == [[False, False], [True, True], [False, False]]


def test_a_table_without_rows_keeps_its_kinds_of_columns(tmp_path: Path) -> None:
    back = there_and_back(pd.DataFrame(columns=["tissue", "aggregated", "value"]), tmp_path)
    assert back.dtypes.astype(str).tolist() == ["object", "bool", "float64"]
    # With text in place of flags, this would choose no columns at all.
    assert list(back[back["aggregated"]]) == ["tissue", "aggregated", "value"]


def test_text_that_no_schema_names_is_refused(tmp_path: Path) -> None:
    table = pd.DataFrame({"nickname": ["10"]})
    with pytest.raises(TypeError, match=r"columns nickname hold text: add them to TEXT_COLUMNS"):
        TABLE.write(tmp_path / "table.csv", table)
    form = table_format("nickname")
    form.write(tmp_path / "table.csv", table)
    pd.testing.assert_frame_equal(form.read(tmp_path / "table.csv"), table)
    # What is only downloaded, such as the data of a figure, needs no schema.
    write_table(tmp_path / "figure.csv", table)
    assert read_table(tmp_path / "figure.csv")["nickname"].tolist() == [10]


def test_no_column_is_both_text_and_true_or_false() -> None:
    assert not TEXT_COLUMNS & FLAG_COLUMNS
