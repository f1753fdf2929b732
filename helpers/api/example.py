"""A network and samples that are small enough to try everything on in a second."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import torch
from torch import nn

MARKERS = {
    "heart": ("MYH6", "NPPA", "MYL7"),
    "kidney": ("UMOD", "AQP2", "NPHS2"),
    "liver": ("ALB", "APOA2", "CYP2E1"),
}
"""Tissues, and genes that are expressed there and nowhere else."""

SHARED = ("ACTB", "GAPDH", "B2M")
"""Genes that all tissues express."""

SAMPLES, HIDDEN, STEPS = 10, 16, 150


def example_network(seed: int = 0) -> tuple[nn.Sequential, anndata.AnnData]:
    """Train a small network on simulated samples of three tissues, in a fraction of a second.

    The numbers are invented; names of genes are those of well-known markers.

    Parameters
    ----------
    seed
        Of the network's first weights and its dropout. The samples are always the same.

    Returns
    -------
    torch.nn.Sequential, anndata.AnnData
        A network from 12 genes to logits of heart, kidney and liver, in evaluation mode, and 30
        samples × 12 genes, log2(TPM + 1), with column ``tissue``.

    Examples
    --------
    >>> import helpers as hx
    >>> model, adata = hx.example_network()
    >>> adata.shape, len(model)
    ((30, 12), 5)
    """
    genes = [gene for own in MARKERS.values() for gene in own] + list(SHARED)
    rng = np.random.default_rng(0)
    tissues = np.repeat(list(MARKERS), SAMPLES)
    mean = np.array(
        [[8.0 - genes.index(g) % 3 if g in (*MARKERS[t], *SHARED) else 0.5 for g in genes]
         for t in tissues]
    )  # fmt: skip
    x = np.abs(mean + rng.normal(0, 0.5, mean.shape)).astype(np.float32)
    sheet = pd.DataFrame(
        {"tissue": pd.Categorical(tissues)}, index=[f"sample {k}" for k in range(len(x))]
    )
    adata = anndata.AnnData(x, obs=sheet, var=pd.DataFrame(index=genes))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = nn.Sequential(
            nn.Linear(len(genes), HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(), nn.Dropout(0.25),
            nn.Linear(HIDDEN, len(MARKERS)),
        )  # fmt: skip
        optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
        rows, target = (
            torch.from_numpy(x),
            torch.from_numpy(adata.obs["tissue"].cat.codes.to_numpy(np.int64)),
        )
        for _ in range(STEPS):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(rows), target).backward()
            optimiser.step()
    return model.eval(), adata
