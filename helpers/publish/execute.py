"""Execute a chapter's notebook with papermill and keep the page only if it is clean."""

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
from helpers.publish.chapters import Chapter, page_key, parameters
from helpers.publish.kernels import ForkedKernelManager
from helpers.study import Study

INJECTED = "injected-parameters"
HIDDEN = "remove-cell"
KEPT_METADATA = {"kernelspec", "language_info"}


class NotebookError(errors.HelpersError):
    """A notebook that failed or wrote to standard error while it was executed."""

    exit_code = 1


def execute(study: Study, chapter: Chapter, root: Path) -> Path:
    """Execute a notebook in a kernel of its own and keep the result in the workspace.

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
        If a cell fails, or writes to standard error (a warning on a page).
    HelpersError
        If the notebook stopped with one of our own errors.
    """
    started = time.perf_counter()
    key = page_key(study, chapter)
    final = study.workspace.path(chapter.page)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with (
        study.workspace.writing(chapter.page, key=key, started=started) as path,
        tempfile.TemporaryDirectory(prefix="k") as sockets,
    ):
        try:
            papermill.execute_notebook(
                chapter.path,
                path,
                parameters=parameters(study),
                kernel_name="python3",
                cwd=root,
                progress_bar=False,
                log_output=False,
                # Nobody looks at the page before it is whole.
                request_save_on_cell_execute=False,
                kernel_manager_class=ForkedKernelManager,
                # All outputs have come by then, and there is nothing to tidy up.
                shutdown_kernel="immediate",
                config=_local_kernel(sockets),
            )
        except papermill.PapermillExecutionError as error:
            raise _explained(chapter, error) from error
        except DeadKernelError as error:
            raise NotebookError(
                f"{chapter.path}: the kernel died, perhaps for want of memory: run again; with "
                "--workers 1 less memory is needed."
            ) from error
        notebook = nbformat.read(path, as_version=4)
        _refuse_warnings(chapter, notebook)
        nbformat.write(tidied(notebook), path)
    return final


def _local_kernel(sockets: str) -> Config:
    """Let a kernel be reached through files of its own folder.

    No other machine can reach them; over TCP the kernel would warn that it is not encrypted. By
    default all kernels would take the same names, and those started together each other's.
    """
    if os.name != "posix":
        return Config({"KernelManager": {"transport": "tcp"}})
    return Config({"KernelManager": {"transport": "ipc", "ip": str(Path(sockets) / "kernel")}})


def tidied(notebook: Any) -> Any:
    """Return an executed notebook ready for the book.

    The cell that papermill injected is hidden; what differs from run to run
    (times, process numbers) is dropped.
    """
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if INJECTED in tags and HIDDEN not in tags:
            tags.append(HIDDEN)
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in {"tags", "mystnb"}}
    notebook.metadata = {k: v for k, v in notebook.metadata.items() if k in KEPT_METADATA}
    return notebook


def _refuse_warnings(chapter: Chapter, notebook: Any) -> None:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                first = output.text.strip().splitlines()[0][:300]
                raise NotebookError(
                    f"{chapter.path}, cell {number} wrote to standard error, which would show on "
                    f"the page: {first!r}."
                )


def _explained(chapter: Chapter, error: papermill.PapermillExecutionError) -> Exception:
    ours = getattr(errors, str(error.ename), None)
    if isinstance(ours, type) and issubclass(ours, errors.HelpersError):
        mended = errors.HelpersError(str(error.evalue))
        mended.exit_code = ours.exit_code
        return mended
    return NotebookError(
        f"{chapter.path}, cell {error.cell_index + 1} failed: {error.ename}: {error.evalue}"
    )
