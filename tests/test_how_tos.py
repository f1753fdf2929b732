"""The worked examples of the how-to pages do what the pages say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import pytest
import yaml
from how_tos import BOOK, Page

from helpers.claims.ledger import claims, parse_claims
from helpers.claims.rulebook import all_rules, check_rules, judged
from helpers.claims.rules import training as training_rules
from helpers.datasets import registry
from helpers.figures import style
from helpers.planning.dataset_size import data_size
from helpers.publish.chapters import find_chapters
from helpers.study import Study, open_study
from helpers.study.catalogue import STEPS
from helpers.workflow.study import Study as Engine

HOW_TOS = sorted(path.stem for path in BOOK.glob("add_*.md"))


def run_tests(page: Page, place: str, patch: pytest.MonkeyPatch, folder: Path) -> None:
    tests = page.tests(place, patch)
    assert tests
    for number, test in enumerate(tests):
        own = folder / str(number)
        own.mkdir()
        test(own)


@pytest.mark.parametrize("name", HOW_TOS)
def test_a_page_is_in_the_book_and_contributors_are_sent_to_it(name: str) -> None:
    contents = yaml.safe_load((BOOK / "_toc.yml").read_text())
    files = {entry["file"] for part in contents["parts"] for entry in part["chapters"]}
    assert name in files
    assert f"(book/{name}.md)" in (BOOK.parent / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("name", ["add_a_chapter", "add_a_data_set", "add_a_statement"])
def test_all_code_of_a_page_says_where_it_belongs(name: str) -> None:
    page = Page(name)
    text = page.path.read_text()
    assert "tests/test_how_tos.py" in text
    assert len(re.findall("^```{", text, re.MULTILINE)) == sum(map(len, page.blocks.values())) > 2


def test_a_data_set_from_the_page_is_loaded_planned_and_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page("add_a_data_set")
    module = page.module("helpers/datasets/mice.py", monkeypatch)
    (tmp_path / "tests").mkdir()
    run_tests(page, "tests/datasets/test_mice.py", monkeypatch, tmp_path / "tests")
    names = vars(registry) | vars(module)
    for name, entry in page.entries("helpers/datasets/registry.py", names).items():
        monkeypatch.setitem(registry.DATASETS, name, entry)
    folder = tmp_path / "mice"
    folder.mkdir()
    page.module("tests/datasets/test_mice.py", monkeypatch).write_mice(folder)
    study = open_study(
        "smoke", "mice", folder, tmp_path / "ws", min_class_size=5, top=10, most_genes=0
    )
    size = data_size(study)
    assert (size.samples, size.genes, size.classes, size.largest) == (24, 30, 4, 6)
    classes = study.get("tables/classes")
    assert classes.set_index("class")["samples"].to_dict() == {
        "brain": 6, "heart": 6, "kidney": 6, "liver": 6,
    }  # fmt: skip
    key = study.key("data/expression")
    (folder / "tpm.csv").write_text((folder / "tpm.csv").read_text() + "\n")
    assert (
        open_study(
            "smoke", "mice", folder, tmp_path / "ws", min_class_size=5, top=10, most_genes=0
        ).key("data/expression")
        != key
    )


def test_a_statement_from_the_page_is_judged(
    tiny_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, place = Page("add_a_statement"), "helpers/claims/rules/training.py"
    statements = parse_claims(page.block("helpers/claims/ledger.yaml"), page.path)
    names = page.run(place, dict(vars(training_rules)))
    rules = page.entries(f"{place} (TRAINING_RULES)", names)
    assert set(statements) == set(rules)
    assert not set(rules) & set(claims())
    check_rules([*all_rules(), *rules.items()], {*claims(), *statements})
    for name, rule in rules.items():
        monkeypatch.setitem(training_rules.TRAINING_RULES, name, rule)
    run_tests(page, "tests/claims/rules/test_close_to_training.py", monkeypatch, tmp_path)
    for name, rule in rules.items():
        tables = {table: tiny_study.get(f"tables/{table}") for table in rule.tables}
        found = judged(rule, tables, tiny_study.dataset.name, name=name, list_share=0.1)
        assert found.verdict in {"reproduced", "not_reproduced"}
        assert found.reason


def test_a_chapter_from_the_page_is_computed_drawn_and_found(
    tiny_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, notebook = Page("add_a_chapter"), "notebooks/30_calibration.ipynb"
    page.module("helpers/training/calibration.py", monkeypatch)
    run_tests(page, "tests/training/test_calibration.py", monkeypatch, tmp_path)
    made = page.module("helpers/study/training/calibration.py", monkeypatch)
    page.module("helpers/figures/calibration.py", monkeypatch)

    prose = page.module("helpers/prose/calibration.py", monkeypatch)

    (tmp_path / "notebooks").mkdir()
    template = notebook.replace(".ipynb", ".md.j2")
    (tmp_path / template).write_text(page.block(template))
    cells = [nbformat.v4.new_code_cell(text) for text in page.blocks[notebook]]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / notebook)
    (chapter,) = find_chapters(tmp_path)
    assert chapter.artefacts() == ["tables/calibration"]

    steps = STEPS | {step.name: step for step in made.STEPS}
    study = Engine(
        tiny_study.profile, tiny_study.dataset.argument, tiny_study.settings, tiny_study.data,
        tiny_study.workspace, lambda: steps,
    )  # fmt: skip
    monkeypatch.setattr("helpers.study.open_study", lambda *given, **named: study)
    monkeypatch.setattr("helpers.publish.sentences.project_root", lambda: tmp_path)
    parameters: dict[str, Any] = {
        "profile": "smoke", "dataset": "rnaseqdb", "data": "", "workspace": "", "tissues": "",
        "overrides": {},
    }  # fmt: skip
    with matplotlib.rc_context():
        shown = page.run(notebook, parameters)
    for ending in ("svg", "csv"):
        assert study.workspace.path(f"figures/calibration.{ending}").is_file()
    table = study.get("tables/calibration")
    assert table["samples"].sum() == len(study.get("tables/predictions"))
    assert set(table["architecture"]) == set(style.ARCHITECTURES)
    said = shown["say"].text("calibration", prose.calibration(table))
    assert re.fullmatch(r"(Over [\d,]+ predictions, (MLP|CNN)s are .* points\.\s*){2}", said), said
    (entry,) = yaml.safe_load(page.block("book/_toc.yml"))
    assert f"{entry['file']}.ipynb" == notebook
