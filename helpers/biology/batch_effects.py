"""What differs between studies of the same tissue, beside what differs in cancer.

Normal samples come mostly from GTEx, tumours from TCGA: where no normal sample shares the
tumours' study, a difference between them may be the laboratories' as well as the cancer's.
RNAseqDB has been corrected for the study (ComBat), so few genes differ between its studies; what
was not corrected, such as the paper's data, can be expected to differ more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import anndata
import pandas as pd

from helpers.biology.differential import CRITERIA, Criteria, differential, expression_of
from helpers.biology.gene_lists import check_columns
from helpers.biology.pairs import smallest_p

LABORATORY_COLUMNS = ["organ", "comparison", "a", "b", "n_a", "n_b", "genes", "differ", "share"]
COMPARISONS = ("studies", "cancer, same study", "cancer, other study")


def laboratory_effect(adata: anndata.AnnData, criteria: Criteria = CRITERIA) -> pd.DataFrame:
    """Count genes that "differ" between studies of one normal class, and in its cancers.

    Only normal classes whose samples come from two studies or more can tell the two apart.
    Comparisons with so few samples that no gene could differ are left out, and with them an organ
    whose studies cannot be compared.

    Parameters
    ----------
    adata
        Samples × genes, log2(TPM + 1); ``obs`` has ``tissue``, ``organ``, ``study``, ``status``.
    criteria
        When a gene counts as different, the same for all comparisons.

    Returns
    -------
    pandas.DataFrame
        ``organ``; ``comparison``: ``"studies"``: normal samples of two studies, between which
        nothing should differ; ``"cancer, same study"`` and ``"cancer, other study"``: normal
        samples of the tumours' own study, or of another, against tumours; ``a``, ``b``: class and
        study; ``n_a``, ``n_b``: samples; ``genes``; ``differ``; ``share``. Empty where every
        normal class comes from one study.

    Raises
    ------
    BadInputError
        If a column of ``obs`` is missing.
    """
    check_columns(adata.obs, ["tissue", "organ", "study", "status"], "samples")
    genes, rows = adata.var_names.tolist(), []
    for organ, comparison, a, b in _comparisons(adata.obs):
        x, y = (expression_of(adata, _members(adata.obs, *side)) for side in (a, b))
        if min(len(x), len(y)) < 2 or smallest_p(len(x), len(y)) > criteria.fdr:
            continue
        differ = int((differential(x, y, genes, criteria)["direction"] != "none").sum())
        names = (f"{a[0]} ({a[1]})", f"{b[0]} ({b[1]})")
        share = differ / len(genes)
        rows.append((organ, comparison, *names, len(x), len(y), len(genes), differ, share))
    table = pd.DataFrame(rows, columns=LABORATORY_COLUMNS)
    # Without a comparison of studies to set beside them, those of cancer say nothing here.
    compared = table.loc[table["comparison"] == "studies", "organ"]
    return table[table["organ"].isin(compared)].reset_index(drop=True)


Side = tuple[str, str]


def _comparisons(obs: pd.DataFrame) -> Iterator[tuple[str, str, Side, Side]]:
    """Yield organ, comparison, and the class and study of both sides."""
    columns = ["organ", "status", "tissue", "study"]
    groups = obs[columns].astype(str).drop_duplicates().sort_values(columns)
    for organ, inside in groups.groupby("organ"):
        normals = inside[inside["status"] == "normal"]
        cancers = inside[inside["status"] == "cancer"]
        for tissue, rows in normals.groupby("tissue"):
            studies = rows["study"].tolist()
            if len(studies) < 2:
                continue
            for first, second in combinations(studies, 2):
                yield str(organ), "studies", (str(tissue), first), (str(tissue), second)
            for cancer in cancers.itertuples():
                for study in studies:
                    which = "same" if study == cancer.study else "other"
                    sides = (str(tissue), study), (str(cancer.tissue), str(cancer.study))
                    yield str(organ), f"cancer, {which} study", *sides


def _members(obs: pd.DataFrame, tissue: str, study: str) -> pd.Series:
    return (obs["tissue"].astype(str) == tissue) & (obs["study"].astype(str) == study)
