"""What the rest of the package needs to know about a data set: its entry in the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.datasets.size import DataSize
from helpers.datasets.store import StreamedExpression

if TYPE_CHECKING:
    import anndata
    import pandas as pd

# The module of a data set enters fingerprints by its name.
DECIDES_NO_NUMBER = True


@dataclass(frozen=True)
class Dataset:
    """A data set; entries are in `helpers.datasets.registry`."""

    name: str
    title: str
    simulated: bool
    """Whether samples are simulated; every page that shows them says so."""
    explained_tissues: tuple[str, ...]
    """Normal classes that are explained by default."""
    needs_data: bool
    """Whether the user has to give a folder (or file)."""
    citations: tuple[str, ...]
    """Keys in the book's bibliography."""
    licence: str
    module: str
    """The module that makes it: a change of its code makes the data set stale."""
    settings: tuple[str, ...]
    """The settings that it depends on, which are the keyword arguments of `load`."""
    load: Callable[..., anndata.AnnData | StreamedExpression]
    """Takes data and, by keyword, `settings`; large data are streamed into a file."""
    fingerprint: Callable[[Path | None], dict[str, str]]
    """File name → SHA-256 of every input."""
    size: Callable[[Path | None, Any], DataSize]
    """Takes data and the run's settings, and loads nothing; see `helpers.datasets.size`."""
    nearest_organ: tuple[str, ...] = ()
    """Tumours whose organ is only the nearest that the data have: not compared with it."""
    base_url: str = ""
    """Where `fetch_files` lie."""
    fetch_files: Mapping[str, str | None] = field(default_factory=dict)
    """Files that can be fetched → SHA-256, or None where it is not known beforehand."""
    file_urls: Mapping[str, str] = field(default_factory=dict)
    """Full address of each file that does not lie directly under `base_url`."""
    file_sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes of files, where they are known beforehand."""
    fetch_known_only: bool = False
    """Whether files without a known SHA-256 are fetched only if they are asked for."""
    file: Path | None = None
    """The user's file or folder, for a data set that is none of `DATASETS`."""
    sheet: Path | None = None
    """The user's sheet of samples, where there is one."""

    describe: Callable[[Path | None, Any], pd.DataFrame] | None = None
    """Takes data and the run's settings; returns ``obs`` of the samples that `load` would give,
    without their values, so that tissues and splits are checked first. None: when they are loaded.
    """

    genes: Callable[[Path | None, Any], pd.DataFrame] | None = None
    """The same for ``var``: the genes by symbol, and what is known of them. Genes that values alone
    can rule out may be among them."""

    knows_donors: bool = False
    """Whether it can tell who gave a sample; simulated samples have nobody behind them."""

    values: str = "log2(TPM + 1)"
    """What a value of ``X`` is, as pages write it."""

    measure: str = "TPM"
    """What becomes of a value when the logarithm is undone, as pages write it."""

    list_length: int = 0
    """Genes in a list of top genes where the setting `top` is not given; 0: the profile's."""

    cannot_show: Mapping[str, str] = field(default_factory=dict)
    """Statements of the ledger that these data cannot test, whatever networks do → why."""

    @property
    def argument(self) -> str:
        """What a user gives to have this data set: its name, or the file's full path."""
        return str(self.file) if self.file else self.name
