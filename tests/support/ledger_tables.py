"""Tables as a run makes them, with every column that rules read, and numbers drawn at random."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd

from helpers.biology.enrichment import GO_COLUMNS
from helpers.claims.control import CONTROL_COLUMNS
from helpers.claims.rulebook import CONTROLLED, PLAIN_RULES
from helpers.explain import EXPLAINERS
from helpers.stability import sample_medians, saturation
from helpers.stability.combinations import combination_name
from helpers.stability.effects import compare_references

TISSUES = ("liver", "lung", "ovary", "pancreas")
CANCERS = {
    "liver": ("TCGA_LIHC",),
    "lung": ("TCGA_LUAD", "TCGA_LUSC"),
    "ovary": ("TCGA_OV",),
    "pancreas": ("TCGA_PAAD",),
}
BY_ARCHITECTURE = {
    name: [key for key, entry in EXPLAINERS.items() if name in entry.architectures]
    for name in ("mlp", "cnn")
}
DEEP = [name for name, entry in EXPLAINERS.items() if entry.needs_reference]
REFERENCES = ("zero", "normal", "universal", "specific")
SAMPLES = 3
MODELS = {"mlp": 8, "cnn": 6}
GENES = [f"G{i:04d}" for i in range(2000)]
TERMS = ("lipoprotein binding", "peptidoglycan binding", "oligosaccharide binding",
         "CCR7 receptor binding", "neuropeptide hormone activity", "transport", "adhesion",
         "signalling", "neuropeptide receptor binding", "transcription activator")  # fmt: skip


def run_tables(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Make all tables that rules read."""
    rng = np.random.default_rng(seed)
    reproducibility, disjoint = _curves(rng)
    curves = sample_medians(reproducibility)
    lists = _lists(rng)
    tables = {
        "classes": pd.DataFrame({"class": ["liver", "lung", "TCGA_OV"], "samples": [40, 50, 60]}),
        "accuracy": _accuracy(rng),
        "unoptimised": _unoptimised(rng),
        "curves": curves,
        "saturation": saturation(curves, resamples=0),
        "references_compared": compare_references(curves, repeats_per_reference=2, resamples=1),
        "disjoint": disjoint,
        "consistency": _consistency(rng),
        "held_out": _held_out(rng),
        "left_out": _left_out(rng),
        "shared_genes": _shared_genes(rng),
        "top_lists": lists,
        "top_genes": lists[lists["aggregated"]].drop(columns="model"),
        "own_specificity": lists[["gene", "tissue"]].drop_duplicates(ignore_index=True),
        "distinct_genes": _distinct(rng),
        "tissue_overlap": _tissue_overlap(rng),
        "go": _go(rng),
        "regulators": _regulators(rng),
        "cancer_shares": _cancer_shares(rng),
        "segregation": _segregation(rng),
        "marker_ranks": _marker_ranks(rng),
        "tumour_top_genes": _tumours(),
        "shared_cancer_genes": _shared_cancer(rng),
        "control": _control(rng),
    }
    tables["own_specificity"]["specificity"] = rng.uniform(0, 1, len(tables["own_specificity"]))
    hits = {"top_expressed": 0.3}
    tables["expression"] = _hits(rng, hits).assign(
        spearman=lambda t: rng.uniform(-0.6, 0.6, len(t)),
        spearman_absolute=lambda t: rng.uniform(-0.2, 0.6, len(t)),
        genes=len(GENES),
    )
    groups = {"tissue_enhanced": 0.2, "enhanced": 0.7, "tissue_specific": 0.75}
    tables["specificity"] = _hits(rng, groups)
    tables["housekeeping"] = _hits(rng, {"paper": 0.02, "eisenberg": 0.05})
    return tables


def _control(rng: np.random.Generator) -> pd.DataFrame:
    """Make p-values about half of which are small."""
    rows = []
    for claim in CONTROLLED:
        met, extreme = (int(rng.choice([0, 0, 3, 12])) for _ in range(2))
        compared = PLAIN_RULES[claim].compared
        assert compared is not None
        low, middle, high = np.sort(rng.uniform(0, 1, 3))
        p = (1 + extreme) / 21
        others = rng.choice(["reproduced", "partly", "not_reproduced", "not_testable"], 3)
        rows.append(
            [claim, compared.supports, 3, rng.uniform(), middle, low, high, 20, 0, extreme, p, met,
             *others]
        )  # fmt: skip
    return pd.DataFrame(rows, columns=CONTROL_COLUMNS)


def _pairs(rng: np.random.Generator, fixed: dict[str, object], level: float) -> list[dict]:
    """Three pairs of explanations of every sample, by both metrics."""
    return [
        fixed
        | {"tissue": tissue, "sample": f"{tissue}-{s}", "metric": metric,
           "value": float(np.clip(level + shift + rng.normal(0, 0.05), -1, 1))}
        for tissue, shift in zip(TISSUES, rng.normal(0, 0.03, len(TISSUES)), strict=True)
        for s in range(SAMPLES)
        for metric in ("spearman", "top100")
        for _ in range(3)
    ]  # fmt: skip


def _named(architecture: str, explainer: str, optimisation: str, design: str, reference: str,
           n: int = 1) -> dict[str, object]:  # fmt: skip
    return {"architecture": architecture, "explainer": explainer, "optimisation": optimisation,
            "design": design, "reference": reference, "n": n}  # fmt: skip


def _unoptimised(rng: np.random.Generator) -> pd.DataFrame:
    rows: list[dict] = []
    for architecture, names in BY_ARCHITECTURE.items():
        designs = ["intra_model", "inter_model"] + ["gene_order"] * (architecture == "cnn")
        for name, design in product(names, designs):
            reference = "zero" if name in DEEP else "none"
            level = rng.uniform(0.2, 0.8) - 0.15 * designs.index(design)
            rows += _pairs(rng, _named(architecture, name, "none", design, reference), level)
    return pd.DataFrame(rows)


def _curves(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of curves of all optimisations, and of aggregates without a common model."""
    rows: list[dict] = []
    apart: list[dict] = []
    sizes = (1, 5, 20, 40, 60, 80)

    def curve(architecture: str, name: str, how: str, reference: str) -> None:
        start, gain, place = rng.uniform(0.2, 0.5), rng.uniform(-0.1, 0.4), rng.choice(sizes[1:])
        for n in sizes:
            level = start + gain * min(n, place) / place
            fixed = _named(architecture, name, how, "inter_model", reference, n)
            rows.extend(_pairs(rng, fixed, level))

    for architecture, names in BY_ARCHITECTURE.items():
        for name in names:
            kinds = REFERENCES if name in DEEP else ("none",)
            plain = _named(architecture, name, "none", "inter_model", kinds[0])
            rows += _pairs(rng, plain, rng.uniform(0.2, 0.5))
            for how in ("smoothgrad", "repeats"):
                curve(architecture, name, how, kinds[0])
            for kind in kinds * (name in DEEP):
                curve(architecture, name, "references", kind)
                if kind != "zero":
                    curve(architecture, name, "references_and_repeats", kind)
            low = rng.uniform(0.2, 0.5)
            for n, level in ((1, low), (20, low + rng.uniform(0, 0.5))):
                design = "gene_order" if architecture == "cnn" else "inter_model"
                fixed = _named(architecture, name, "aggregated", design, kinds[0], n)
                own = _pairs(rng, fixed, level)
                apart += own
                rows += [row | {"shared": 0.0} for row in own]
    return pd.DataFrame(rows), pd.DataFrame(apart)


def _accuracy(rng: np.random.Generator) -> pd.DataFrame:
    orders = ["given"] * 5 + ["random-1000"] * 5 + [f"random-{i}" for i in range(6)]
    models = [("mlp", "none")] * 12 + [("cnn", order) for order in orders]
    rows = [
        (architecture, i, order, split, rng.normal(0.97, 0.004))
        for i, (architecture, order) in enumerate(models)
        for split in ("train", "test")
    ]
    return pd.DataFrame(rows, columns=["architecture", "model", "gene_order", "split", "accuracy"])


def combinations_of(aggregated: tuple[bool, ...] = (False, True)) -> list[tuple[str, str, bool]]:
    """List architectures, explainers and whether they are aggregated."""
    return [
        (architecture, name, how)
        for architecture, names in BY_ARCHITECTURE.items()
        for name in names
        for how in aggregated
    ]


def _by_list(aggregated: tuple[bool, ...] = (False, True)) -> pd.DataFrame:
    rows = [
        (*key, model, tissue)
        for key in combinations_of(aggregated)
        for model in (["all"] if key[2] else ["0", "1", "2"])
        for tissue in TISSUES
    ]
    return pd.DataFrame(
        rows, columns=["architecture", "explainer", "aggregated", "model", "tissue"]
    )


def _lists(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for row in _by_list().to_dict("records"):
        genes = rng.choice(GENES[:400], 100, replace=False)
        parts.append(pd.DataFrame({**row, "rank": np.arange(1, 101), "gene": genes}))
    return pd.concat(parts, ignore_index=True)


def _hits(rng: np.random.Generator, sets: dict[str, float]) -> pd.DataFrame:
    parts = [
        _by_list().assign(set=name, hits=lambda t, p=p: rng.binomial(100, p, len(t)))
        for name, p in sets.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(size=100, set_size=300, expected=15.0)


def _consistency(rng: np.random.Generator) -> pd.DataFrame:
    names = [combination_name(*key) for key in combinations_of()]
    rows = [
        (a, b, tissue, rng.uniform(0, 0.9)) for a, b in combinations(names, 2) for tissue in TISSUES
    ]
    table = pd.DataFrame(rows, columns=["a", "b", "tissue", "overlap"])
    alike = table["a"].str.split(":").str[::2].astype(str) == table["b"].str.split(":").str[
        ::2].astype(str)  # fmt: skip
    own = np.minimum(table["overlap"] + rng.uniform(0, 0.1, len(table)), 1)
    return table.assign(same_model=own.where(alike))


def _held_out(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (architecture, a, b, model, tissue, rng.uniform(0, 0.2))
        for architecture, names in BY_ARCHITECTURE.items()
        for a, b in product(names, names)
        for model in range(3)
        for tissue in TISSUES
    ]
    names = ["architecture", "explainer", "other", "model", "tissue", "overlap"]
    return pd.DataFrame(rows, columns=names)


def _left_out(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (architecture, name, model, tissue, chosen, rng.binomial(100, p), 100)
        for architecture, names in BY_ARCHITECTURE.items()
        for name in names
        for model in range(MODELS[architecture])
        for tissue in TISSUES
        for chosen, p in (
            ("top_expressed", 0.3),
            ("enhanced", 0.7),
            ("transcription_factors:go", 0.1),
        )
    ]
    names = ["architecture", "explainer", "model", "tissue", "set", "hits", "size"]
    return pd.DataFrame(rows, columns=names)


def _shared_genes(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (architecture, name, tissue, f"{tissue}-{s}", times, 100 / times,
         rng.uniform(0.1, 0.4) + 0.1 * times)
        for architecture, names in BY_ARCHITECTURE.items()
        for name in names
        for tissue in TISSUES
        for s in range(SAMPLES)
        for times in (1, 2, 3)
    ]  # fmt: skip
    names = ["architecture", "explainer", "tissue", "sample", "shared_by", "genes", "overlap"]
    return pd.DataFrame(rows, columns=names)


def _distinct(rng: np.random.Generator) -> pd.DataFrame:
    rows = [(*key, len(TISSUES), int(rng.integers(150, 400))) for key in combinations_of()]
    names = ["architecture", "explainer", "aggregated", "tissues", "distinct"]
    return pd.DataFrame(rows, columns=names)


def _tissue_overlap(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (*key, a, b, rng.uniform(0, 0.8))
        for key in combinations_of()
        for a, b in combinations(TISSUES, 2)
    ]
    names = ["architecture", "explainer", "aggregated", "a", "b", "overlap"]
    return pd.DataFrame(rows, columns=names)


def _go(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (*key, tissue, ontology, term, term, rng.choice([0.001, 0.5]))
        for key in combinations_of((True,))
        for tissue in TISSUES
        for ontology in ("MF", "BP")
        for term in TERMS
    ]
    keys = ["architecture", "explainer", "aggregated", "tissue", "ontology", "term_id", "term"]
    table = pd.DataFrame(rows, columns=[*keys, "fdr"])
    numbers = {"overlap": 3, "size": 9, "expected": 1.0, "fold": 3.0, "p": 0.01}
    table = table.assign(**numbers, genes="G0001", reduced=True)
    return table[[name for name in GO_COLUMNS if name in table]]


def _regulators(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for name in ("transcription_factors", "cofactors"):
        lists = _by_list((True,)).drop(columns="model")
        parts.append(lists.assign(set=name, hits=lambda t: rng.binomial(100, 0.1, len(t))))
    table = pd.concat(parts, ignore_index=True).assign(source="go", size=100, expected=8.0)
    p = rng.uniform(0, 0.3, len(table))
    return table.assign(fold=table["hits"] / 8.0, p_depleted=p, fdr=p)


def _cancer_shares(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        ("mlp", name, True, tissue, normal, cancer, rng.uniform(0.2, 0.9), 0.3)
        for name in BY_ARCHITECTURE["mlp"]
        for normal, cancers in CANCERS.items()
        for cancer in cancers
        for tissue in (normal, cancer)
    ]
    names = ["architecture", "explainer", "aggregated", "tissue", "normal", "cancer", "share",
             "chance"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    return table.assign(fold=table["share"] / table["chance"])


def _segregation(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        ("mlp", name, True, normal, cancer, gene, group, 1.0 if way == "up" else -1.0, way)
        for name in BY_ARCHITECTURE["mlp"]
        for normal, cancers in CANCERS.items()
        for cancer in cancers
        for group, up in (("normal_only", 0.3), ("both", 0.5), ("cancer_only", 0.7))
        for gene, way in zip(GENES[:20], np.where(rng.uniform(size=20) < up, "up", "down"),
                             strict=True)
    ]  # fmt: skip
    names = ["architecture", "explainer", "aggregated", "normal", "cancer", "gene", "group",
             "fold_change", "direction"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _marker_ranks(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (name, tissue, "GPC3", int(rng.integers(1, 300)), len(GENES))
        for name in BY_ARCHITECTURE["mlp"]
        for tissue in ("liver", "lung", "TCGA_LIHC")
    ]
    return pd.DataFrame(rows, columns=["explainer", "tissue", "gene", "rank", "genes"])


def _tumours() -> pd.DataFrame:
    rows = [(f"TCGA_{i:02d}", f"s{i}-{s}") for i in range(33) for s in range(2)]
    return pd.DataFrame(rows, columns=["tissue", "sample"])


def _shared_cancer(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for i, gene in enumerate(["SFRP2", *GENES[:700]]):
        types = int(rng.choice([1, 1, 1, 2, 4]))
        role = "oncogene" if i % 20 == 0 else "none"
        own = rng.choice(33, types, replace=False)
        rows += [(gene, f"TCGA_{c:02d}", types, role) for c in own]
    return pd.DataFrame(rows, columns=["gene", "cancer", "types", "role"])
