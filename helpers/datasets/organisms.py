"""What names of genes look like that are not those of human genes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from helpers.datasets.gene_names import known

ENSEMBL_PREFIXES = {
    "ENSMUSG": "mouse", "ENSRNOG": "rat", "ENSDARG": "zebrafish", "ENSGALG": "chicken",
    "ENSSSCG": "pig", "ENSBTAG": "cow", "ENSOARG": "sheep", "ENSCHIG": "goat",
    "ENSECAG": "horse", "ENSCAFG": "dog", "ENSFCAG": "cat", "ENSOCUG": "rabbit",
    "ENSCPOG": "guinea pig", "ENSMAUG": "golden hamster", "ENSCGRG": "Chinese hamster",
    "ENSMMUG": "rhesus macaque", "ENSMFAG": "crab-eating macaque", "ENSPTRG": "chimpanzee",
    "ENSPPAG": "bonobo", "ENSGGOG": "gorilla", "ENSPPYG": "orang-utan", "ENSCJAG": "marmoset",
    "ENSMICG": "mouse lemur", "ENSMODG": "opossum", "ENSOANG": "platypus",
    "ENSXETG": "clawed frog", "ENSORLG": "medaka", "ENSSSAG": "salmon", "ENSCING": "sea squirt",
    "ENSMPUG": "ferret", "ENSHGLG": "naked mole-rat", "ENSACAG": "anole lizard",
}  # fmt: skip
"""How Ensembl's genes of other animals begin; those of human genes begin with ENSG."""

_OTHER_IDS = (
    (re.compile(r"FBgn\d{7}"), "fruit fly"),
    (re.compile(r"WBGene\d{8}"), "the worm C. elegans"),
    (re.compile(r"Y[A-P][LR]\d{3}[WC](-[A-Z])?"), "baker's yeast"),
    (re.compile(r"AT[1-5CM]G\d{5}(\.\d+)?", re.IGNORECASE), "thale cress (Arabidopsis)"),
    (re.compile(r"ENSMUST\d+(\.\d+)?"), "transcripts of mouse"),
    (re.compile(r"ENST\d+(\.\d+)?"), "transcripts, not genes: add up those of a gene"),
    (re.compile(r"ENSP\d+(\.\d+)?"), "proteins, not genes"),
    (re.compile(r"[NX][MR]_\d+(\.\d+)?"), "RefSeq transcripts, not genes"),
    (re.compile(r"(AFFX-.*|\d+(_[a-z]{1,2})?_at)"), "probes of an Affymetrix array, not genes"),
    (re.compile(r"ILMN_\d+"), "probes of an Illumina array, not genes"),
    (re.compile(r"A_\d\d_P\d+"), "probes of an Agilent array, not genes"),
    (re.compile(r"(cg|ch\.\d+\.)\d+[FR]?"), "positions of DNA methylation, not genes"),
    (re.compile(r"(hsa-)?(mir|miR|let)-.+"), "microRNAs"),
    (re.compile(r"(chr)?[\dXYM]+[:_-]\d+[-_]\d+"), "regions of the genome, not genes"),
    (re.compile(r"[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d([A-Z][A-Z\d]{2}\d){1,2}"), "UniProt proteins"),
)
_TITLE_CASE = re.compile(r"[A-Z][a-z\d]*[a-z][a-z\d.-]*[a-z\d]?")
_SMALL = re.compile(r"[a-z][a-z\d.:-]*")
_RODENT_ONLY = re.compile(r"Gm\d+|\d+[A-Z]\d+Rik|mt-.+")
_DATE = re.compile(r"\d{1,2}-(mar|sep|dec|apr|oct|feb)|(mar|sep|dec|apr|oct|feb)-\d{1,2}", re.I)
_GENOME = re.compile(r"(?:mm\d+|GRCm3[89]|rn\d|GRCz1\d)_+")

_MOSTLY = 0.3
"""From this share on, names that are not known as human speak for another kind of name."""


def looks_like(names: Sequence[str]) -> str:
    """Say what names of genes look like, in a few words; empty if nothing is recognised.

    Parameters
    ----------
    names
        The names that the file gives; empty ones do not count.
    """
    given = [name for name in names if name]
    if not given:
        return ""
    prefixes = Counter(
        match[1] for name in given if (match := re.match(r"(ENS[A-Z]*G)\d{6,}", name))
    )
    prefixes.pop("ENSG", None)
    if prefixes and sum(prefixes.values()) >= _MOSTLY * len(given):
        prefix = prefixes.most_common(1)[0][0]
        return ENSEMBL_PREFIXES.get(prefix, f"another animal, whose Ensembl genes begin {prefix}")
    for pattern, what in _OTHER_IDS:
        if sum(pattern.fullmatch(name) is not None for name in given) >= _MOSTLY * len(given):
            return what
    return _by_letters(given)


def damaged_by_excel(symbols: Sequence[str]) -> list[str]:
    """List symbols that a spreadsheet has turned into dates, such as ``1-Mar`` of MARCHF1."""
    return [symbol for symbol in symbols if _DATE.fullmatch(symbol)]


def _by_letters(given: list[str]) -> str:
    """Tell rodents and fish by how their symbols are spelt."""
    if sum(_GENOME.match(name) is not None for name in given) >= _MOSTLY * len(given):
        return "mouse or another animal (the names begin with its genome)"
    rodent = [name for name in given if _TITLE_CASE.fullmatch(name) or _RODENT_ONLY.match(name)]
    if len(rodent) >= _MOSTLY * len(given) and _human_in_capitals(rodent):
        return "mouse or rat (symbols such as " + ", ".join(rodent[:2]) + ")"
    small = [name for name in given if _SMALL.fullmatch(name)]
    if len(small) >= _MOSTLY * len(given) and _human_in_capitals(small):
        return "zebrafish or another animal, or human symbols in small letters"
    if given and sum(name.isdigit() for name in given) >= 0.9 * len(given):
        return "numbers of lines, not genes"
    return ""


def _human_in_capitals(names: list[str]) -> bool:
    """Tell whether names would be those of human genes if they were written in capitals."""
    return known([name.upper() for name in names]) >= 0.2 * len(set(names))
