"""Execute a chapter's notebook with papermill and keep the page without messages of libraries."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

from helpers import errors
from helpers.publish.alone.links import ALONE, for_the_book
from helpers.publish.cells import ENGINE
from helpers.publish.chapters import SAID, Chapter, page_key, parameters
from helpers.publish.kernels import ForkedKernelManager
from helpers.publish.messages import unknown_messages
from helpers.study import Study
from helpers.workspace.surroundings import kernel_can_run, socket_folder

INJECTED = "injected-parameters"
HIDDEN = "remove-cell"
LANGUAGE = {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"}
"""What a page says of its language, whichever Python and whichever way it was executed in."""


class NotebookError(errors.HelpersError):
    """A notebook that failed while it was executed."""

    exit_code = 1


def execute(study: Study, chapter: Chapter, root: Path) -> Path:
    """Execute a notebook in a kernel of its own and keep the result in the workspace.

    What libraries write to standard error does not show on the page, and does not throw away what
    has been made: messages that are not known to be harmless are kept beside it, to be told.

    Parameters
    ----------
    study
        The study that the notebook will open.
    chapter
        The chapter.
    root
        Folder of the project, the notebook's working directory.

    Returns
    -------
    Path
        The executed notebook.

    Raises
    ------
    NotebookError
        If a cell fails.
    HelpersError
        If the notebook stopped with one of our own errors.
    """
    started = time.perf_counter()
    key = page_key(study, chapter)
    final = study.workspace.path(chapter.page)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    short = socket_folder()
    with (
        study.workspace.writing(chapter.page, key=key, started=started) as path,
        tempfile.TemporaryDirectory(prefix="k", dir=short) as own,
    ):
        try:
            papermill.execute_notebook(
                _literal(chapter.path),
                _literal(path),
                parameters=parameters(study),
                kernel_name="python3",
                cwd=root,
                progress_bar=False,
                log_output=False,
                # Nobody looks at the page before it is whole.
                request_save_on_cell_execute=False,
                **_ways(Path(own), over_files=short is not None),
            )
        except papermill.PapermillExecutionError as error:
            raise _explained(chapter, error) from error
        except DeadKernelError as error:
            raise NotebookError(
                f"{chapter.path}: the kernel died, perhaps for want of memory: run again; with "
                "--workers 1 less memory is needed."
            ) from error
        notebook = nbformat.read(path, as_version=4)
        said = _take_messages(chapter, notebook)
        notebook = tidied(notebook)
        if said:
            notebook.metadata[SAID] = said
        nbformat.write(notebook, path)
    return final


def _literal(path: Path) -> str:
    """Write a path for papermill, which fills in what stands between braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _ways(folder: Path, *, over_files: bool) -> dict[str, Any]:
    """Return how papermill executes: with a kernel, or without where none can run."""
    profile = folder / "ipython"
    profile.mkdir()
    if not kernel_can_run():
        return {"engine_name": ENGINE, "profile": str(profile)}
    return {
        "kernel_manager_class": ForkedKernelManager,
        # All outputs have come by then, and there is nothing to tidy up.
        "shutdown_kernel": "immediate",
        "config": _local_kernel(folder, profile, over_files=over_files),
    }


def _local_kernel(folder: Path, profile: Path, *, over_files: bool) -> Config:
    """Let a kernel keep all that it writes, and how it is reached, in a folder of its own.

    Over files no other machine can reach it; over TCP the kernel would warn that it is not
    encrypted. By default all kernels would take the same names, and those started together each
    other's.
    """
    manager = {"connection_file": str(folder / "kernel.json")}
    if os.name == "posix" and over_files:
        manager |= {"transport": "ipc", "ip": str(folder / "kernel")}
    else:
        manager |= {"transport": "tcp"}
    return Config({"KernelManager": manager, "ForkedKernelManager": {"profile": str(profile)}})


def tidied(notebook: Any) -> Any:
    """Return an executed notebook ready for the book.

    The cell that papermill injected is hidden, those for who executes a notebook alone are taken
    out, and links lead to the downloads of the book; what differs from run to run (times, process
    numbers) is dropped.
    """
    notebook.cells = [c for c in notebook.cells if ALONE not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if INJECTED in tags and HIDDEN not in tags:
            tags.append(HIDDEN)
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in {"tags", "mystnb"}}
        for output in cell.get("outputs", []):
            # Only a kernel tells a cell's last value from what the cell displays.
            if output.output_type == "execute_result":
                output.output_type = "display_data"
                output.pop("execution_count", None)
            markup = output.get("data", {}).get("text/html")
            if markup:
                output.data["text/html"] = for_the_book("".join(markup))
    kept = {k: v for k, v in notebook.metadata.items() if k == "kernelspec"}
    notebook.metadata = {**kept, "language_info": LANGUAGE}
    return notebook


def _take_messages(chapter: Chapter, notebook: Any) -> list[str]:
    """Take what was written to standard error off a page; return what is not known of it."""
    said = []
    for number, cell in enumerate(notebook.cells, start=1):
        outputs = cell.get("outputs", [])
        errors_of = [o for o in outputs if o.output_type == "stream" and o.name == "stderr"]
        text = "".join(output.text for output in errors_of)
        said += [f"{chapter.name}, cell {number}: {line}" for line in unknown_messages(text)]
        if errors_of:
            cell.outputs = [output for output in outputs if output not in errors_of]
    return list(dict.fromkeys(said))


def _explained(chapter: Chapter, error: papermill.PapermillExecutionError) -> Exception:
    ours = getattr(errors, str(error.ename), None)
    if isinstance(ours, type) and issubclass(ours, errors.HelpersError):
        mended = errors.HelpersError(str(error.evalue))
        mended.exit_code = ours.exit_code
        return mended
    return NotebookError(
        f"{chapter.path}, cell {error.cell_index + 1} failed: {error.ename}: {error.evalue}"
    )
