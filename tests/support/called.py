"""The command line, called in the tests' own process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from helpers.cli import main


def helpers(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call ``python -m helpers`` without the seconds in which a process imports everything.

    Parameters
    ----------
    *arguments
        Those of the command line.
    **environment
        Variables that are set meanwhile; afterwards the environment is as it was.

    Returns
    -------
    subprocess.CompletedProcess
        Exit code and output, as of a process.
    """
    told = [str(argument) for argument in arguments]
    out, err, before = io.StringIO(), io.StringIO(), dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["helpers", *told])
        os.environ.update(environment)
        try:
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
                main()
        finally:
            os.environ.clear()
            os.environ.update(before)
    code = int(ended.value.code or 0)
    return subprocess.CompletedProcess(told, code, out.getvalue(), err.getvalue())
