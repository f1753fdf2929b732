"""Libraries of Enrichr, fetched through gseapy and kept on disk.

Source: Kuleshov et al., "Enrichr: a comprehensive gene set enrichment analysis web server
2016 update", Nucleic Acids Research 2016.
"""

from __future__ import annotations

import os
from pathlib import Path

import pooch
import requests

from helpers.annotations.gmt import GmtSet, format_gmt, parse_gmt, read_gmt
from helpers.errors import MissingInputError, one_of
from helpers.workspace import ownership
from helpers.workspace.atomic import write_text

PREFIX = "enrichr:"


def enrichr_library(library: str, cache_folder: Path | None = None) -> list[GmtSet]:
    """Return a library of Enrichr, from disk where it was fetched before.

    Parameters
    ----------
    library
        Its name at Enrichr, such as ``"KEGG_2021_Human"``.
    cache_folder
        Where it is kept; default: ``enrichr`` in the user's cache folder.

    Raises
    ------
    UnknownNameError
        If Enrichr has no such library.
    MissingInputError
        If Enrichr cannot be reached.
    BadInputError
        If the library, or what is on disk, is not what it should be.
    """
    folder = cache_folder or Path(pooch.os_cache("helpers")) / "enrichr"
    # A name with a slash must not lead out of the folder.
    path = folder / f"{library.replace('/', '_')}.gmt"
    if os.path.lexists(path):
        return read_gmt(path)
    text = format_gmt(_fetch(library))
    sets = parse_gmt(text, f"Enrichr's library {library}")
    if not folder.exists():
        ownership.claim(folder, "cache", f"{PREFIX}{library}, a library of gene sets")
    write_text(path, text)
    return sets


def _fetch(library: str) -> dict[str, list[str]]:
    # Importing gseapy takes a second, which only those should wait who fetch.
    from gseapy import parser

    try:
        names = parser.get_library_name()
    except (requests.RequestException, OSError, ValueError) as error:
        raise MissingInputError(_unreachable(library, error)) from None
    one_of("library of Enrichr", library, names)
    try:
        sets: dict[str, list[str]] = parser.download_library(library)
    # gseapy raises a bare Exception where the server refuses.
    except Exception as error:
        raise MissingInputError(_unreachable(library, error)) from None
    return sets


def _unreachable(library: str, error: Exception) -> str:
    return (
        f"Enrichr's library {library!r} cannot be fetched ({type(error).__name__}): check the "
        "connection, or give a GMT file that you have, or 'go_mf' or 'go_bp', which come with "
        "the package."
    )
