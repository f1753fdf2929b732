"""The embedded data set: samples simulated around published medians of 83 classes.

Sources: the Human Protein Atlas (consensus nTPM of 50 normal tissues) and TCGA (33
tumours), through pirlygenes 3.26.2. ``data/PROVENANCE.md`` says what was changed,
``scripts/derive_reference_table.py`` does it again.
"""

from __future__ import annotations

import hashlib
import io
import lzma

import anndata as ad
import pandas as pd
import yaml

from helpers.datasets.embedded import read_embedded
from helpers.datasets.simulation import SimulationParameters, simulate
from helpers.errors import BadInputError

TABLE = "reference_medians.csv.xz"
TABLE_SHA256 = "5e9cdcf4b80baa0961ae3aca972f6c734cd319a82917f48d4aa969d7ed1f70a7"
CLASSES = "reference_classes.yaml"

DESCRIBED = ("organ", "study", "status")
NOTES = (
    "Donors are simulated too: each sample has one of its own.",
    "771 of the source's 19,784 genes lack a value in some class and are left out, among them "
    "nearly all immunoglobulin and T-cell receptor genes; 4 more shared a symbol with another "
    "gene, which leaves 19,009.",
    "Normal tissues and tumours come from different pipelines: differences between them hold "
    "a technical part.",
)


def load_reference(*, samples_per_class: int, seed: int) -> ad.AnnData:
    """Simulate the embedded data set.

    Parameters
    ----------
    samples_per_class
        Samples of each of the 83 classes.
    seed
        Seed of the simulation: the same seed gives the same bytes.

    Returns
    -------
    anndata.AnnData
        X: log2(TPM+1), float32, samples × 19,009 genes. ``obs``: ``tissue`` (the class),
        ``organ``, ``study`` ("HPA" or "TCGA"), ``status`` ("normal" or "cancer"), ``donor``.
        ``var``: ``ensembl_id``, index ``symbol``. ``uns``: ``source``, ``provenance``,
        ``sha256`` (of the table of medians), ``simulated``, ``notes``.

    Raises
    ------
    BadInputError
        If the table is damaged, or `samples_per_class` is under 1.
    """
    table, classes = reference_table(), reference_classes()
    parameters = SimulationParameters()
    data = simulate(
        table.drop(columns="ensembl_id"),
        classes,
        samples_per_class=samples_per_class,
        seed=seed,
        parameters=parameters,
    )
    data.obs = described(data.obs, classes)
    data.var["ensembl_id"] = table["ensembl_id"]
    data.uns.update(
        source="Human Protein Atlas and TCGA medians through pirlygenes 3.26.2, simulated samples",
        provenance=_provenance(samples_per_class, seed, parameters),
        sha256=TABLE_SHA256,
        simulated=True,
        notes=list(NOTES),
    )
    return data


def described(obs: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return simulated samples with all columns of ``obs``: each is a donor of its own."""
    known = {name: classes.loc[obs["tissue"], name].to_numpy() for name in DESCRIBED}
    return obs.assign(**known, donor=[f"simulated-{name}" for name in obs.index])


def describe_reference(*, samples_per_class: int) -> pd.DataFrame:
    """Return ``obs`` of the samples that `load_reference` would simulate, without doing so."""
    classes = reference_classes()
    names = [f"{name}-{k}" for name in classes.index for k in range(samples_per_class)]
    tissue = classes.index.repeat(samples_per_class)
    return described(pd.DataFrame({"tissue": tissue}, index=names), classes)


def genes_of_reference() -> pd.DataFrame:
    """Return the ``var`` that `load_reference` gives, without simulating anything."""
    return reference_table()[["ensembl_id"]]


def reference_medians() -> pd.DataFrame:
    """Return the published medians: genes × 83 classes, TPM (each class adds up to 1e6 ± 0.1 %).

    Raises
    ------
    BadInputError
        If the table is damaged.
    """
    return reference_table().drop(columns="ensembl_id")


def fingerprint_reference() -> dict[str, str]:
    """Return the SHA-256 of every file the data set is made from, by file name.

    Raises
    ------
    BadInputError
        If a file is missing.
    """
    return {name: hashlib.sha256(read_embedded(name)).hexdigest() for name in (TABLE, CLASSES)}


def reference_classes() -> pd.DataFrame:
    """Return what is known of each of the 83 classes.

    Returns
    -------
    pandas.DataFrame
        Index: class. Columns: ``name`` (readable), ``organ`` (an HPA tissue; for a tumour
        the one it grows in or nearest to), ``study``, ``status``, and ``merges`` and
        ``borders``: classes that its samples partly hold (see `simulation`).
    """
    rows = {}
    for name, entry in yaml.safe_load(read_embedded(CLASSES)).items():
        cancer = name.startswith("TCGA_")
        rows[name] = {
            "name": entry["name"],
            "organ": entry.get("organ", name),
            "study": "TCGA" if cancer else "HPA",
            "status": "cancer" if cancer else "normal",
            "merges": tuple(entry.get("merges", ())),
            "borders": tuple(entry.get("borders", ())),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def reference_table() -> pd.DataFrame:
    """Read the table of medians, after checking that it is whole.

    Returns
    -------
    pandas.DataFrame
        Index: symbol. ``ensembl_id``, then the medians of each class in TPM.

    Raises
    ------
    BadInputError
        If the table is damaged.
    """
    packed = read_embedded(TABLE)
    if hashlib.sha256(packed).hexdigest() != TABLE_SHA256:
        raise BadInputError(
            f"The embedded table {TABLE} is damaged (its SHA-256 differs from the one recorded): "
            "install the package again."
        )
    # keep_default_na: a gene symbol such as "NA" is a name, and the table has no gaps
    text = io.BytesIO(lzma.decompress(packed))
    return pd.read_csv(text, index_col="symbol", keep_default_na=False)


def _provenance(
    samples_per_class: int, seed: int, parameters: SimulationParameters
) -> dict[str, object]:
    """Tell where the data come from and how they were made, as JSON values."""
    return {
        "table": TABLE,
        "derived_from": "pirlygenes 3.26.2, data/pan-cancer-expression.csv",
        "licence": "CC BY-SA 4.0 (Human Protein Atlas)",
        "samples_per_class": samples_per_class,
        "seed": seed,
        "parameters": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(parameters).items()
        },
    }
