"""Which runs a file asks for, and what is said of one that asks for none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.errors import HelpersError
from helpers.publish.runs.matrix_file import KEYS, read_matrix
from helpers.workspace.store import project_root

WHOLE = """
profile: smoke
datasets:
  - tissues
  - {dataset: reference, name: simulated, tissues: [liver, [liver, lung]], models: 4}
tissues: [usual, [kidney, liver]]
seeds: 0-1
settings: {cnn_models: 0}
variants:
  few: {models: 3}
  many: {models: 5, top: 20}
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "matrix.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_is_crossed(tmp_path: Path) -> None:
    found = read_matrix(_write(tmp_path, WHOLE))
    assert found.profile == "smoke"
    assert len(found.cells) == 2 * 2 * 2 * 2
    cells = {cell.name: cell for cell in found.cells}
    one = cells["simulated, liver and lung, many, seed 1"]
    assert one.source == "reference"
    assert one.overrides == {
        "cnn_models": 0, "models": 5, "top": 20, "seed": 1, "tissues": ["liver", "lung"],
    }  # fmt: skip
    assert "tissues" not in cells["tissues, few, seed 0"].overrides
    assert cells["tissues, few, seed 0"].overrides["models"] == 3


def test_the_order_in_the_file_does_not_matter(tmp_path: Path) -> None:
    one = read_matrix(_write(tmp_path, "datasets: [tissues, reference]\nseeds: [2, 0]\n"))
    other = read_matrix(_write(tmp_path, "seeds: [0, 2]\ndatasets: [reference, tissues]\n"))
    assert one == other
    assert one.profile == "quick"


def test_files_are_sought_beside_the_yaml(tmp_path: Path) -> None:
    for name in ("counts.csv", "sheet.csv"):
        (tmp_path / name).write_text("a")
    text = "datasets: [{dataset: counts.csv, samples: sheet.csv, class_column: organ}]"
    (cell,) = read_matrix(_write(tmp_path, text)).cells
    assert cell.source == str(tmp_path / "counts.csv")
    assert cell.overrides["sample_sheet"] == str(tmp_path / "sheet.csv")
    assert cell.dataset == "counts.csv"


def test_the_example_of_the_book_is_read(tmp_path: Path) -> None:
    page = (project_root() / "book" / "commands_results.md").read_text("utf-8")
    section = page[page.index("(matrix)=") :]
    text = section[section.index("```yaml\n") + 8 :]
    for name in ("counts.csv", "sheet.csv"):
        (tmp_path / name).write_text("a")
    found = read_matrix(_write(tmp_path, text[: text.index("```")]))
    assert len(found.cells) == (2 * 2 + 1) * 2 * 3
    rows = dict(re.findall(r"^\| `(\w+)`(.*)$", section[: section.index("| option")], re.MULTILINE))
    assert all(f"`{key}`" in "".join(f"`{k}`{v}" for k, v in rows.items()) for key in KEYS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("datasets: [reference\nseeds: 1", r"line 2 is no YAML"),
        ("datasets: [tissues]\nseeds: 1\nseeds: 2", r"line 3 is no YAML .*'seeds' is there twice"),
        ("", r"must hold keys with values, .* nothing"),
        ("- tissues", r"must hold keys with values, .* a list"),
        ("seeds: 1", r"names no data sets: add datasets"),
        ("datasets: []", r"line 1: datasets is empty"),
        ("datasets: [3]\nseed: 1", r"has the key 'seed': it may have profile, datasets"),
        ("datasets: [referense]", r"line 1: datasets, entry 1: 'referense' is no data set"),
        ("datasets: [{data: x}]", r"datasets, entry 1 names no data set"),
        ("datasets: [tissues]\nprofile: large", r"There is no profile 'large'"),
        ("datasets: [tissues]\nseeds: 4-1", r"line 2: seeds '4-1'.*no seed in it"),
        ("datasets: [tissues]\nseeds: [0, 0]", r"line 2: seeds '0,0'.*given twice"),
        ("datasets: [tissues]\nseeds: [yes]", r"line 2: seeds: True is no seed"),
        ("datasets: [tissues]\nsettings: {model: 5}", r"line 2: settings: .*'models'"),
        ("datasets: [tissues]\nsettings: {models: many}", r"line 2: settings: .*'models' cannot"),
        ("datasets: [tissues]\nsettings: {seed: 5}", r"settings sets seed.*move it to seeds"),
        ("datasets: [tissues]\ntissues: [liver, 1]", r"line 2: tissues must be a list.*1"),
        ("datasets: [tissues]\nvariants: [few]", r"line 2: variants must hold names"),
        ("datasets: [tissues]\nvariants: {few: 5}", r"variants, few must hold settings by name"),
        ("datasets: [tissues, tissues]", r"asks for tissues, seed \d+ twice"),
        ("datasets: [tissues]\nseeds: 0-999", r"asks for 1,000 runs"),
        ("datasets: [!!python/object/apply:os.getcwd []]", r"line 1 is no YAML"),
    ],
)
def test_a_file_that_is_wrong_is_told_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(HelpersError, match=said) as caught:
        read_matrix(_write(tmp_path, text))
    assert caught.value.exit_code == 2
    assert str(tmp_path / "matrix.yaml") in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HelpersError, match=r"There is no .*nothing\.yaml"):
        read_matrix(tmp_path / "nothing.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(HelpersError, match=r"bytes\.yaml cannot be read as YAML"):
        read_matrix(tmp_path / "bytes.yaml")
