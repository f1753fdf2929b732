"""Exercises: what is refused, what students get, what instructors get."""

from __future__ import annotations

import ast
import builtins
import json
import re
from pathlib import Path

import nbformat
import papermill
import pytest

from helpers.errors import BadInputError, WorkspaceError
from helpers.teaching.exercises import CHECK, SOLUTION, read_exercises
from helpers.teaching.lessons import INSTRUCTOR, STUDENT, lesson, write_lessons
from helpers.teaching.soundness import refuse_unsound
from helpers.workspace.cleaning import remove_made
from helpers.workspace.ownership import MARKER
from helpers.workspace.store import project_root

NOTEBOOKS = sorted((project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))
WITHOUT = {"16_summary", "17_changed_rules"}
"""Pages about all chapters."""

ASKED = (
    "# A chapter\n\n## Exercises\n\nTwo of them.\n\n**1.1** How much? (`much`)\n\n"
    "**1.2** Why? (`why`)"
)
CELLS = {
    "words 1.1": "<details><summary>Solution 1.1</summary>\n\nBecause *so*.\n\n</details>",
    "code 1.1": "# Solution 1.1\nmuch = start + 1",
    "check 1.1": '# Check 1.1\ncheck("1.1", much, near(start + 1), "Add.")',
    "words 1.2": "<details><summary>Solution 1.2</summary>\n\nIt depends.\n\n</details>",
    "code 1.2": '# Solution 1.2\nwhy = "so"',
    "check 1.2": '# Check 1.2\ncheck("1.2", why, lambda text: text == "so", "Two letters.")',
}


def chapter(folder: Path, cells: dict[str, str] = CELLS, asked: str = ASKED) -> Path:
    new = nbformat.v4
    start = "from helpers.teaching.answers import check, near\n\nstart = 1"
    made = [new.new_markdown_cell(asked, id="asked"), new.new_code_cell(start, id="start")]
    for name, source in cells.items():
        kind = name.split()[0]
        make = new.new_markdown_cell if kind == "words" else new.new_code_cell
        tags = {"check": ["remove-cell", CHECK]}.get(kind, [SOLUTION])
        own = name.replace(" ", "-").replace(".", "-")
        made.append(make(source, metadata={"tags": tags}, id=own))
    path = folder / "01_x.ipynb"
    nbformat.write(new.new_notebook(cells=made), path)
    return path


def test_a_chapter_is_taken_apart(tmp_path: Path) -> None:
    parts = read_exercises(chapter(tmp_path))
    assert [cell.source for cell in parts.before] == ["# A chapter", parts.before[1].source]
    assert parts.introduction == "Two of them."
    first, second = parts.exercises
    assert (first.number, first.question, first.words) == (
        "1.1",
        "How much? (`much`)",
        "Because *so*.",
    )
    assert (first.answers, second.answers) == (("much",), ("why",))
    assert second.code == (CELLS["code 1.2"],)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("words 1.2", "exercise 1.2 has no solution in words"),
        ("code 1.1", "exercise 1.1 has no solution in code"),
        ("check 1.2", "exercise 1.2 has no checking cell"),
    ],
)
def test_an_exercise_without_a_solution_is_named(
    tmp_path: Path, missing: str, message: str
) -> None:
    path = chapter(tmp_path, {name: text for name, text in CELLS.items() if name != missing})
    with pytest.raises(BadInputError, match=message) as refused:
        refuse_unsound([path])
    assert "01_x.ipynb" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code 1.3": "# Solution 1.3\nx = 1"}, "there is a solution 1.3, and no such exercise"),
        ({"check 1.1": "# Check 1.1\nprint(much)"}, "does not call check"),
        ({"check 1.1": '# Check 1.1\ncheck("1.1", much + 1, near(1), "")'}, "does not call check"),
        ({"check 1.1": "# Check 1.1\ncheck("}, "exercise 1.1 is no Python"),
        ({"code 1.1": "much = 2"}, "does not begin with the number of an exercise"),
        ({"words 1.1": "# Solution 1.1"}, "does not begin with the number of an exercise"),
        ({"code 1.1": "# Check 1.1\nmuch = 2"}, "needs the tag 'check'"),
    ],
)
def test_what_is_wrong_with_an_exercise_is_named(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        read_exercises(chapter(tmp_path, {**CELLS, **changes}))


def run(notebook: object) -> list[str]:
    """Execute the code of a notebook; return what its checking cells show."""
    known: dict[str, object] = {}
    shown = []
    for cell in notebook.cells:  # type: ignore[attr-defined]
        if cell.cell_type == "code":
            *body, last = ast.parse(cell.source).body
            exec(compile(ast.Module(body, []), "cell", "exec"), known)
            if isinstance(last, ast.Expr):
                shown.append(eval(ast.unparse(last), known).data)
            else:
                exec(compile(ast.Module([last], []), "cell", "exec"), known)
    return shown


def test_students_get_no_solution_and_instructors_all(tmp_path: Path) -> None:
    path = chapter(tmp_path)
    parts = read_exercises(path)
    student, instructor = (lesson(path, parts, edition) for edition in (STUDENT, INSTRUCTOR))
    text = "\n".join(cell.source for cell in student.cells)
    assert "Because" not in text
    assert "start + 1\nwhy" not in text
    assert "# Solution" not in text
    assert "much = ...\n" in f"{text}\n"
    assert run(student) == [f"Exercise {n} waits for your answer." for n in ("1.1", "1.2")]
    assert run(instructor) == [f"Exercise {n}: right." for n in ("1.1", "1.2")]
    assert "**Solution 1.1.** Because *so*." in [cell.source for cell in instructor.cells]
    for notebook in (student, instructor):
        nbformat.validate(notebook)
        ids = [c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata]
        assert len(ids) == len(set(ids)) == 6


def test_lessons_are_written_anew_and_removed_but_nothing_of_others(tmp_path: Path) -> None:
    path, folder = chapter(tmp_path), tmp_path / "class"
    assert write_lessons([path], folder) == {"01_x": 2}
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert files == {MARKER, "student/01_x.ipynb", "instructor/01_x.ipynb"}
    first = (folder / "student" / "01_x.ipynb").read_bytes()
    (folder / "plan.txt").write_text("mine")
    write_lessons([path], folder)
    assert (folder / "student" / "01_x.ipynb").read_bytes() == first
    (folder / "student" / "01_x.ipynb").write_text("answers of a student")
    with pytest.raises(WorkspaceError, match="changed by somebody else"):
        write_lessons([path], folder)
    assert (folder / "student" / "01_x.ipynb").read_text() == "answers of a student"
    assert sorted(remove_made(folder)) == ["plan.txt", "student/01_x.ipynb"]


def test_a_foreign_folder_and_the_project_are_refused(tmp_path: Path) -> None:
    path = chapter(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(WorkspaceError, match="did not make"):
        write_lessons([path], tmp_path / "mine")
    with pytest.raises(WorkspaceError, match="project's own files"):
        write_lessons([path], project_root() / "notebooks")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_exercise_of_the_book_is_whole_and_asks_for_judgement(path: Path) -> None:
    refuse_unsound([path])
    parts = read_exercises(path)
    assert bool(parts.exercises) == (path.stem not in WITHOUT)
    for exercise in parts.exercises:
        assert all(f"`{name}`" in exercise.question for name in exercise.answers)
        # What can be counted first, then what cannot; and words that answer that.
        *counted, judged = re.split(r"(?<=[.?])\s+", exercise.question)
        assert counted
        assert judged.endswith("?")
        assert len(exercise.words.split()) >= 30


def names_of(source: str) -> tuple[set[str], set[str]]:
    """Return the names that code reads and those that it gives."""
    nodes = list(ast.walk(ast.parse(source)))
    named = [node for node in nodes if isinstance(node, ast.Name)]
    given = {node.id for node in named if not isinstance(node.ctx, ast.Load)}
    given |= {a.arg for node in nodes if isinstance(node, ast.arguments) for a in node.args}
    given |= {
        (alias.asname or alias.name).split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return {node.id for node in named if isinstance(node.ctx, ast.Load)}, given


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_checks_need_nothing_that_students_do_not_have(path: Path) -> None:
    parts = read_exercises(path)
    had = set(dir(builtins))
    for cell in parts.before:
        if cell.cell_type == "code":
            had |= names_of(cell.source)[1]
    for exercise in parts.exercises:
        reads, gives = names_of(exercise.check)
        assert reads <= had | gives | set(exercise.answers), exercise.number
        had |= gives
        solved = set().union(*(names_of(code)[1] for code in exercise.code))
        assert set(exercise.answers) <= solved


def test_derived_notebooks_keep_the_cells_of_the_chapter(tmp_path: Path) -> None:
    path = next(path for path in NOTEBOOKS if path.stem.startswith("06"))
    parts = read_exercises(path)
    student = lesson(path, parts, STUDENT)
    committed = [c["id"] for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    kept = [cell.id for cell in student.cells if cell.id in committed]
    assert kept == [cell.id for cell in parts.before]
    assert [c.id for c in student.cells if "parameters" in c.metadata.get("tags", [])]


@pytest.mark.slow
def test_both_editions_run_with_papermill(tmp_path: Path) -> None:
    write_lessons([chapter(tmp_path)], tmp_path / "class")
    shown = {}
    for edition in (STUDENT, INSTRUCTOR):
        source, target = tmp_path / "class" / edition / "01_x.ipynb", tmp_path / "out.ipynb"
        papermill.execute_notebook(
            source, target, kernel_name="python3", progress_bar=False, log_output=False
        )
        cells = nbformat.read(target, as_version=4).cells
        found = [output for cell in cells for output in cell.get("outputs", [])]
        shown[edition] = [output.data["text/markdown"] for output in found]
    assert shown[STUDENT] == [f"Exercise {n} waits for your answer." for n in ("1.1", "1.2")]
    assert shown[INSTRUCTOR] == [f"Exercise {n}: right." for n in ("1.1", "1.2")]
