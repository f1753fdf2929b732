"""Kernels that are forked from a process which has already imported the package."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from helpers.publish import PRELOADED
from helpers.workflow import processes
from helpers.workspace.surroundings import page_environment

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_LAUNCHER = "ipykernel_launcher"
_OPTIONS = (
    "--InteractiveShellApp.exec_PYTHONSTARTUP=False",
    "--HistoryManager.enabled=False",
)


class ForkedKernelManager(AsyncKernelManager):
    """Starts this Python's kernel as a fork, or by its command where that cannot be.

    Kernels that a user has installed under the same name, and files that IPython would run at its
    start, do not count.
    """

    profile = Unicode(help="Folder for IPython's profile, history and the like.").tag(config=True)

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return how the kernel is started."""
        options = [f"--ipython-dir={self.profile}"] if self.profile else []
        command = [sys.executable, "-m", _LAUNCHER, *options, *_OPTIONS, "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")

    async def _async_pre_start_kernel(self, **more: Any) -> tuple[list[str], dict[str, Any]]:
        if self.provisioner is None and processes.can_fork():
            self.provisioner = ForkingProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        more["env"] = page_environment(more.get("env") or os.environ)
        return await super()._async_pre_start_kernel(**more)


class ForkingProvisioner(LocalProvisioner):
    """Launches the kernel by a fork in place of its command, which imports everything anew."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel that would have been started with a command."""
        if _LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        self.cwd = kwargs.get("cwd") or os.getcwd()  # noqa: PTH109 - as the class above has it
        environment = dict(kwargs.get("env") or os.environ)
        process = processes.context(PRELOADED).Process(  # type: ignore[attr-defined]
            target=run_kernel, args=(arguments, environment, str(self.cwd))
        )
        process.start()
        self.process = _Launched(process)  # type: ignore[assignment]
        # The kernel leads a group of its own, so that it takes its children along.
        self.pid = self.pgid = process.pid
        return self.connection_info


class _Launched:
    """A process with the methods of `subprocess.Popen` that provisioners call."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        assert self.pid is not None
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def run_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Be a kernel, in a process of its own, until it is shut down."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    processes.end_with_parent()

    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    # With a parent, it does not tell the terminal how to connect to it.
    app.initialize([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
    # An ordinary kernel sets this up while it imports matplotlib, which here has been imported.
    assert app.shell is not None
    app.shell.enable_matplotlib("inline")
    app.start()
