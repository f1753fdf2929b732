"""What another process needs to open the same study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from helpers.workflow.step import Step

Catalogue = Callable[[], Mapping[str, Step]]
"""Returns the steps by name: a function of a module, so that another process can import it."""

Address = tuple[str, str, tuple[tuple[str, Any], ...], Path | None, Path, Catalogue]
"""All that another process needs to open a study."""
