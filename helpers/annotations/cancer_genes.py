"""Oncogenes and tumour suppressors."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from helpers.annotations.gene_sets import read_embedded
from helpers.annotations.tables import read_table
from helpers.errors import BadInputError, MissingInputError, UnknownNameError

ROLES = ("oncogene", "suppressor", "both", "unclear")
CANCER_GENE_COLUMNS = ["gene", "role", "certain", "cancers"]
SOURCES = {"bailey2018": "Bailey et al., Cell 2018, through pirlygenes 3.26.2"}
"""Embedded sources → where they come from."""

_ONCOKB_GENE, _ONCOKB_ONCOGENE = "Hugo Symbol", "Is Oncogene"
_ONCOKB_SUPPRESSOR = "Is Tumor Suppressor Gene"


def cancer_genes(source: str | Path = "bailey2018") -> pd.DataFrame:
    """List known cancer genes and what they do.

    Parameters
    ----------
    source
        ``"bailey2018"``: 299 driver genes (Bailey et al. 2018), which come with the package; or
        the path of OncoKB's ``cancerGeneList.tsv`` (the paper's source: Chakravarty et al. 2017).

    Returns
    -------
    pandas.DataFrame
        ``gene``; ``role``: oncogene, suppressor, both or unclear; ``certain``: False where the
        source says "possible" only, or gives no role; ``cancers``: TCGA's codes of the cancers
        that the gene drives (``PANCAN``: all together), separated by semicolons, empty where
        the source does not say. ``attrs["source"]`` names the source.

    Raises
    ------
    UnknownNameError
        If `source` is neither.
    MissingInputError
        If the file is not there.
    BadInputError
        If it is not OncoKB's table.
    """
    if source in SOURCES:
        text = io.StringIO(read_embedded("cancer_genes.csv"))
        table = pd.read_csv(text, keep_default_na=False)
        table.attrs["source"] = SOURCES[str(source)]
        return table
    path = Path(source)
    if not path.exists():
        if isinstance(source, str) and not path.suffix:
            raise UnknownNameError(
                "source of cancer genes", source, [*SOURCES, "path/to/cancerGeneList.tsv"]
            )
        raise MissingInputError(
            f"There is no table of cancer genes at {path}: correct the name, or use 'bailey2018', "
            "which comes with the package."
        )
    table = _oncokb(path)
    table.attrs["source"] = f"OncoKB ({path.name})"
    return table


def _oncokb(path: Path) -> pd.DataFrame:
    columns = (_ONCOKB_GENE, _ONCOKB_ONCOGENE, _ONCOKB_SUPPRESSOR)
    table = read_table(path, columns, "OncoKB's cancerGeneList.tsv")
    if table.empty:
        raise BadInputError(f"{path} holds no genes, only a header: get it again.")
    for column in columns[1:]:
        odd = table.index[~table[column].isin(["Yes", "No"])]
        if len(odd):
            raise BadInputError(
                f"{path}, line {odd[0] + 2}, column {column!r}: {table.at[odd[0], column]!r} is "
                "neither 'Yes' nor 'No'; mend the line."
            )
    names = table[_ONCOKB_GENE]
    twice = names[names.duplicated()]
    if len(twice):
        raise BadInputError(f"{path}: gene {twice.iloc[0]!r} is there twice; keep one line of it.")
    oncogene, suppressor = (table[column] == "Yes" for column in columns[1:])
    role = pd.Series("unclear", index=table.index)
    role[oncogene] = "oncogene"
    role[suppressor] = "suppressor"
    role[oncogene & suppressor] = "both"
    return pd.DataFrame({"gene": names, "role": role, "certain": role != "unclear", "cancers": ""})[
        CANCER_GENE_COLUMNS
    ]
