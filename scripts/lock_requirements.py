"""Write requirements.lock: the exact version of everything installed in this environment.

Run it as `make lock` after changing the dependencies in pyproject.toml and installing
them into .venv. It also carries the pins over to environment.yml.
"""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "# Exact versions of everything, written by `make lock`. Install with pip --no-deps.\n"
# They belong to the environment, not to the project.
NOT_LOCKED = {"helpers", "pip"}


def installed() -> dict[str, str]:
    """Return the version of each installed package by its normalised name."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        if name not in NOT_LOCKED:
            # A local version such as +cpu names a build, which other machines need not have.
            found[name] = distribution.version.split("+")[0]
    return dict(sorted(found.items()))


def environment(pins: dict[str, str]) -> str:
    """Return an environment file for conda users with the same pins, installed by pip."""
    lines = [
        "# For conda users. The pins are those of requirements.lock (a test keeps them equal).",
        "name: helpers",
        "channels: [conda-forge]",
        "dependencies:",
        "  - python=3.11",
        "  - pip",
        "  - pip:",
        *(f"      - {name}=={version}" for name, version in pins.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both files."""
    pins = installed()
    lock = HEADER + "".join(f"{name}=={version}\n" for name, version in pins.items())
    (ROOT / "requirements.lock").write_text(lock, encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment(pins), encoding="utf-8")


if __name__ == "__main__":
    main()
