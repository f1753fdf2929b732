"""Steps: aggregation, and what all curves together say (Figure 2, Table S1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from helpers.stability.curves import aggregation_curve, curve_summary, sample_medians
from helpers.stability.effects import compare_references, effect
from helpers.stability.model_scale import on_one_scale
from helpers.stability.optimum import optimum
from helpers.stability.reproducibility import REPRODUCIBILITY_COLUMNS
from helpers.stability.saturation import saturation
from helpers.stability.subsets import Subsets, disjoint_halves, draw_aggregates
from helpers.study.designs.seeds import AGGREGATE_STREAM, HALVES_STREAM, derived_seed
from helpers.study.designs.single_estimates import COMPARISON_SETTINGS, compared
from helpers.study.formats import TABLE
from helpers.study.optimisation.at_optimum import OPTIMA, Optimum
from helpers.study.optimisation.curves import COMPARED, DESIGNS, step_name
from helpers.workflow.step import Context, Step
from helpers.workflow.tables import table_step

HALVINGS = 10
"""Times that the models are cut into two halves."""

ONE_BY_ONE = tuple(step_name(name, architecture) for name in DESIGNS for architecture in COMPARED)
"""The steps with the curves of single models."""


def _aggregates(models: int, sizes: tuple[int, ...], seed: int) -> Subsets:
    usable = [size for size in sizes if size <= models]
    return draw_aggregates(models, usable, derived_seed(seed, AGGREGATE_STREAM))


def _disjoint(models: int, sizes: tuple[int, ...], seed: int) -> Subsets:
    usable = tuple(size for size in sizes if size <= models // 2)
    return _aggregates(models, usable or (1,), seed)


def _halves(models: int, sizes: tuple[int, ...], seed: int) -> Subsets:
    return disjoint_halves(models, HALVINGS, derived_seed(seed, HALVES_STREAM))


def _maker(
    optimum: Optimum, draw: Callable[[int, tuple[int, ...], int], Subsets], disjoint: bool
) -> Callable[[Context, str], pd.DataFrame]:
    architecture = optimum.family.architecture

    def make(context: Context, member: str) -> pd.DataFrame:
        """Compare aggregates of n models with each other."""
        chosen = context.settings
        scores = on_one_scale(context.member(optimum.step, member), chosen.model_scale)
        comparison = compared(
            architecture, chosen, scores.sizes["gene"], reference=scores.attrs["reference"]
        )
        return aggregation_curve(
            scores,
            draw(scores.sizes["model"], chosen.aggregate_sizes, chosen.seed),
            comparison,
            explainer=member,
            design="gene_order" if architecture == "cnn" else "inter_model",
            disjoint=disjoint,
        )

    return make


def _aggregated(optimum: Optimum) -> str:
    return f"curves/aggregated_{optimum.family.architecture}"


def _rows(context: Context, steps: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    for name in steps:
        yield from (table for _, table in context.each(name))


AGGREGATED = tuple(_aggregated(optimum) for optimum in OPTIMA)
DISJOINT = tuple(f"curves/disjoint_{optimum.family.architecture}" for optimum in OPTIMA)
HALVES = tuple(f"curves/halves_{optimum.family.architecture}" for optimum in OPTIMA)


def make_curves(context: Context) -> pd.DataFrame:
    """Take each sample's median over pairs of models, at every point of every curve."""
    tables = [context["tables/unoptimised"], *_rows(context, (*ONE_BY_ONE, *AGGREGATED))]
    return pd.concat([sample_medians(table) for table in tables], ignore_index=True)


def make_reproducibility(context: Context) -> pd.DataFrame:
    """Put all comparisons of the study below each other, one pair a row."""
    tables = [context["tables/unoptimised"], *_rows(context, (*ONE_BY_ONE, *AGGREGATED))]
    return pd.concat([table[REPRODUCIBILITY_COLUMNS] for table in tables], ignore_index=True)


def make_disjoint(context: Context) -> pd.DataFrame:
    """Compare aggregates that have no model in common, one pair a row."""
    tables = [table[REPRODUCIBILITY_COLUMNS] for table in _rows(context, DISJOINT)]
    return pd.concat(tables, ignore_index=True)


def make_halves(context: Context) -> pd.DataFrame:
    """Compare two halves of all models with each other, one pair of halves a row."""
    tables = [table[REPRODUCIBILITY_COLUMNS] for table in _rows(context, HALVES)]
    return pd.concat(tables, ignore_index=True)


def make_saturation(context: Context) -> pd.DataFrame:
    """Find where each curve saturates."""
    return saturation(context["tables/curves"], seed=context.settings.seed)


def make_effects(context: Context) -> pd.DataFrame:
    """Measure what each optimisation changes, against its first point and against none."""
    curves, seed = context["tables/curves"], context.settings.seed
    return pd.concat(
        [
            effect(curves, against=against, seed=seed).assign(against=against)
            for against in ("first", "none")
        ],
        ignore_index=True,
    )


def make_references_compared(context: Context) -> pd.DataFrame:
    """Rank the kinds of reference, alone and with repeats."""
    return compare_references(
        context["tables/curves"],
        repeats_per_reference=context.settings.repeats_per_reference,
        seed=context.settings.seed,
    )


def make_optimum(context: Context) -> pd.DataFrame:
    """Choose the best conditions of each explainer from the curves of single models."""
    rows = pd.concat([sample_medians(table) for table in _rows(context, ONE_BY_ONE)])
    return optimum(curve_summary(rows), saturation(rows, resamples=0))


STEPS_BEFORE_OPTIMISED = (
    table_step("optimum", make_optimum, "Choosing the best conditions", inputs=ONE_BY_ONE),
)
STEPS = (
    *(
        Step(
            name=name,
            path=f"agreement/{name.removeprefix('curves/').replace('_', '-')}-{{member}}.csv",
            form=TABLE,
            make=_maker(optimum, draw, disjoint),
            title=f"Aggregating {optimum.family.architecture.upper()}s",
            inputs=(optimum.step,),
            settings=("aggregate_sizes", "model_scale", "seed", *COMPARISON_SETTINGS),
            members=optimum.members,
            parallel=True,
        )
        for names, draw, disjoint in (
            (AGGREGATED, _aggregates, False),
            (DISJOINT, _disjoint, True),
            (HALVES, _halves, True),
        )
        for name, optimum in zip(names, OPTIMA, strict=True)
    ),
    table_step(
        "curves",
        make_curves,
        "Collecting curves",
        inputs=("tables/unoptimised", *ONE_BY_ONE, *AGGREGATED),
    ),
    table_step(
        "reproducibility",
        make_reproducibility,
        "Collecting comparisons",
        inputs=("tables/unoptimised", *ONE_BY_ONE, *AGGREGATED),
    ),
    table_step("disjoint", make_disjoint, "Comparing disjoint averages", inputs=DISJOINT),
    table_step("halves", make_halves, "Comparing halves", inputs=HALVES),
    table_step(
        "saturation",
        make_saturation,
        "Finding saturation",
        inputs=("tables/curves",),
        settings=("seed",),
    ),
    table_step(
        "effects", make_effects, "Measuring effects", inputs=("tables/curves",), settings=("seed",)
    ),
    table_step(
        "references_compared",
        make_references_compared,
        "Comparing references",
        inputs=("tables/curves",),
        settings=("repeats_per_reference", "seed"),
    ),
)
