"""The engines: each is asked whether it can, and the first that can explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from helpers.explain.captum.fallback import explain_by_captum
from helpers.explain.cnn.gradients import LAYER, BackwardRule, explain_shared
from helpers.explain.cnn.sets import explain_shared_sets
from helpers.explain.cnn.weighted import WeightedSets
from helpers.explain.mlp.batch import explain_batch
from helpers.explain.mlp.engine import explain_exact
from helpers.explain.mlp.stack import explain_stack
from helpers.explain.mlp.subsets import explain_subsets
from helpers.explain.request import STACK, EstimatePool, Question
from helpers.models import CNN

Scores = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Engine:
    """A way to make and combine estimates.

    Attributes
    ----------
    name
        What it is called.
    can
        Tells whether it can do what a question asks.
    explain
        Makes and combines the estimates of a pool of which it can: sets × rows × genes.
    """

    name: str
    can: Callable[[Question], bool]
    explain: Callable[[EstimatePool], Scores]


def _mlp_batch(question: Question) -> bool:
    known = question.architecture == "mlp" and question.explainer.mlp is not None
    return known and question.settings.training


def _explain_mlp_batch(pool: EstimatePool) -> Scores:
    members, references = pool.in_one_replicate()
    return explain_batch(
        [pool.model],
        pool.x.numpy(),
        pool.target.numpy(),
        members=members.numpy(),
        rows=pool.rows.numpy(),
        references=None if references is None else references.numpy(),
        **_told(pool),
    )[0]


def _told(pool: EstimatePool) -> dict[str, Any]:
    """Return what all engines of MLPs are told alike."""
    same = {"explainer": pool.explainer.name, "seed": pool.seed, "precision": pool.precision}
    return same | asdict(pool.settings)


def _mlp(question: Question) -> bool:
    known = question.architecture == "mlp" and question.explainer.mlp is not None
    return known and not question.settings.training


def _explain_mlp(pool: EstimatePool) -> Scores:
    models, x, target = [pool.model], pool.x.numpy(), pool.target.numpy()
    references = None if pool.references is None else pool.references.numpy()
    told = _told(pool)
    if pool.members is None:
        told |= {"replicates": pool.replicates, "repeats": pool.estimates}
        return explain_exact(models, x, target, references=references, **told)[0]
    members = pool.members.numpy()
    subsets = members / members.sum(axis=1, keepdims=True)
    own = None if references is None else references[0]
    return explain_subsets(models, x, target, subsets=subsets, references=own, **told)[0]


def _stack(question: Question) -> bool:
    chosen, rule = question.settings, question.explainer.mlp
    if question.architecture != STACK or rule is None or chosen.training or chosen.noisy:
        return False
    return not rule.path or chosen.integration_rule == "exact"


def _cnn(question: Question) -> bool:
    chosen, rule = question.settings, question.explainer.cnn
    if question.architecture != "cnn" or rule is None or chosen.training:
        return False
    if question.explainer.needs_layer and (chosen.layer or LAYER) != LAYER:
        return False
    if not question.sets:
        return isinstance(rule, BackwardRule) and not chosen.noisy
    return chosen.combine == "signed_mean" and (rule.noisy or not chosen.noisy)


def _explain_cnn(pool: EstimatePool) -> Scores:
    assert isinstance(pool.model, CNN)
    chosen, rule = pool.settings, pool.explainer.need_cnn()
    if pool.members is None:
        assert isinstance(rule, BackwardRule)
        return explain_shared(
            pool.model,
            pool.x,
            pool.target,
            rule=rule,
            replicates=pool.replicates,
            repeats=pool.estimates,
            combine=chosen.combine,
            mode=chosen.mode,
            rows=pool.pass_rows,
            seed=pool.seed,
        )
    noise_sd = torch.as_tensor(chosen.noise_sd).to(pool.x) if chosen.noisy else None
    weights = pool.members.to(pool.x.dtype) / pool.members.sum(dim=1, keepdim=True)
    references = None if pool.references is None else pool.references[0]
    return explain_shared_sets(
        pool.model,
        pool.x,
        pool.target,
        WeightedSets(weights, references, noise_sd),
        rule=rule,
        mode=chosen.mode,
        steps=chosen.integration_steps,
        rows=pool.pass_rows,
        seed=pool.seed,
    )


CAPTUM = Engine("captum", lambda question: True, explain_by_captum)
"""The fallback: any network, any explainer."""

ENGINES: tuple[Engine, ...] = (
    Engine("mlp batch", _mlp_batch, _explain_mlp_batch),
    Engine("mlp", _mlp, _explain_mlp),
    Engine("stack", _stack, explain_stack),
    Engine("cnn", _cnn, _explain_cnn),
    CAPTUM,
)


def engine_for(question: Question) -> Engine:
    """Choose who explains: Captum where the settings say so, else the first engine that can."""
    if question.settings.engine == "captum":
        return CAPTUM
    return next(engine for engine in ENGINES if engine.can(question))
