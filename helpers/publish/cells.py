"""Executing a notebook's cells in a fork without a kernel, where too few files may be open for one.

A kernel listens on five sockets and has some seventy files open; these cells need a handful. What
is printed in a cell stands before what it shows: only a kernel tells in which order they came.
"""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from papermill.engines import Engine, papermill_engines

from helpers.publish import PRELOADED
from helpers.workflow import processes
from helpers.workspace.surroundings import page_environment

ENGINE = "cells"
"""What papermill calls this way to execute."""


class CellsEngine(Engine):
    """Papermill's way to execute a notebook, without a kernel."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, profile: str, **unused: Any
    ) -> None:
        """Execute the cells in a process of its own, up to the first that fails.

        Parameters
        ----------
        nb_man
            Papermill's manager of the notebook.
        kernel_name
            Not used.
        profile
            Folder for IPython's files.
        """
        code = [cell for cell in nb_man.nb.cells if cell.cell_type == "code"]
        here, there = processes.context(PRELOADED).Pipe()
        environment = page_environment(os.environ)
        arguments = ([cell.source for cell in code], there, os.getcwd(), environment, profile)  # noqa: PTH109
        process = processes.context(PRELOADED).Process(target=run_cells, args=arguments)  # type: ignore[attr-defined]
        process.start()
        there.close()
        try:
            outputs = here.recv()
        except EOFError:
            raise DeadKernelError("Kernel died") from None
        finally:
            here.close()
            process.join()
        for number, (cell, found) in enumerate(zip(code, outputs, strict=False), start=1):
            nb_man.cell_start(cell)
            cell.outputs = [nbformat.from_dict(output) for output in found]
            cell.execution_count = number
            if any(output["output_type"] == "error" for output in found):
                nb_man.cell_exception(cell)
            nb_man.cell_complete(cell)


papermill_engines.register(ENGINE, CellsEngine)


def run_cells(
    sources: list[str], there: Connection, folder: str, environment: dict[str, str], profile: str
) -> None:
    """Execute cells one after the other; send the outputs of each as a list of lists."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    processes.end_with_parent()

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui: object = None) -> None:
            """Have no loop of events: figures are shown as pictures."""

    quiet = Config({"HistoryManager": {"enabled": False}})
    shell = Shell.instance(config=quiet, ipython_dir=profile)
    shell.enable_matplotlib("inline")
    outputs: list[list[dict[str, Any]]] = []
    for source in sources:
        outputs.append(_run(shell, source))
        if any(output["output_type"] == "error" for output in outputs[-1]):
            break
    there.send(outputs)
    there.close()


def _run(shell: Any, source: str) -> list[dict[str, Any]]:
    from IPython.utils.capture import capture_output

    with capture_output() as seen:
        # While a cell runs, IPython would put its own in place of what takes the last value down.
        shell.display_trap.hook = sys.displayhook
        result = shell.run_cell(source, store_history=True)
    new = nbformat.v4.new_output
    found = [
        new("stream", name=name, text=text)
        for name, text in (("stdout", seen.stdout), ("stderr", seen.stderr))
        if text
    ]
    found += [
        new("display_data", data=shown.data, metadata=shown.metadata or {})
        for shown in seen.outputs
    ]
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        # IPython prints the traceback, which a kernel would send.
        found = [new("error", ename=type(error).__name__, evalue=str(error), traceback=[])]
    return [dict(output) for output in found]
