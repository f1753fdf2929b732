"""Five ways to the mean of many estimates: models × samples × genes."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from captum import attr
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from helpers.explain import explain_exact
from helpers.explain.entry import quiet_captum
from helpers.models import MLP
from helpers.planning.speed.tasks import Array, Task, Work

ROWS = 100
"""Rows that go through a network at once where many can: more are no faster on one core, and
take more memory."""

Compute = Callable[[Task, Work], Array]


@dataclass(frozen=True)
class Method:
    """A way to compute a task.

    Attributes
    ----------
    title, says
        What it is called, and what it does, for readers.
    compute
        Called with task and work.
    able
        The explainers that it can do.
    why_not
        Why it cannot do the others.
    package
        What has to be installed for it beside the book's own packages; empty: nothing.
    """

    title: str
    says: str
    compute: Compute
    able: frozenset[str]
    why_not: str = ""
    package: str = ""

    @property
    def installed(self) -> bool:
        """Whether what it needs is there."""
        return not self.package or importlib.util.find_spec(self.package) is not None


def exact(task: Task, work: Work) -> Array:
    """Let the exact engine do it: the gene-level score of no single estimate is made."""
    more: dict[str, Any] = {"mode": "eval"}
    if task.masked:
        more = {"masks": work.masks[:, None, :, None, :]}
    found = explain_exact(
        work.plain, work.x, work.target, explainer=task.explainer, references=work.references,
        repeats=len(work.references), seed=0, threads=1, **more,
    )  # fmt: skip
    return found[:, 0].astype(np.float32)


def captum_loop(task: Task, work: Work) -> Array:
    """Call Captum for every model and estimate, with all samples in one call."""
    x, target = torch.from_numpy(work.x), torch.from_numpy(work.target)
    totals = []
    with quiet_captum():
        for number, model in enumerate(work.models):
            total = torch.zeros_like(x)
            for k in range(len(work.references)):
                with _masked(model, work, number, slice(k, k + 1), task):
                    one = torch.from_numpy(work.references[k]).expand_as(x)
                    total += _attributed(task, model, x, target, one, work.steps)
            totals.append(total / len(work.references))
    return torch.stack(totals).numpy()


def captum_batched(task: Task, work: Work) -> Array:
    """Call Captum with many estimates of a sample in one call, `ROWS` of them at most."""
    count, each = len(work.references), ROWS
    totals = []
    with quiet_captum():
        for number, model in enumerate(work.models):
            total = np.zeros_like(work.x)
            for row, target in zip(range(len(work.x)), work.target, strict=True):
                for start in range(0, count, each):
                    part = slice(start, min(start + each, count))
                    references = torch.from_numpy(work.references[part])
                    x = torch.from_numpy(work.x[row]).expand_as(references).contiguous()
                    targets = torch.full((len(x),), int(target))
                    with _masked(model, work, number, part, task):
                        found = _attributed(task, model, x, targets, references, work.steps)
                    total[row] += found.sum(dim=0).numpy()
            totals.append(total / count)
    return np.stack(totals)


def functional(task: Task, work: Work) -> Array:
    """Take gradients with `torch.func`, mapped over rows that have masks of their own."""
    targets = torch.from_numpy(work.target)
    totals = []
    for number, model in enumerate(work.models):
        fixed = {**dict(model.named_parameters()), **dict(model.named_buffers())}

        def logit(
            x: Tensor, mask: Tensor, target: Tensor, model: MLP = model, fixed: Any = fixed
        ) -> Tensor:
            out = functional_call(model, {**fixed, "dropout.mask": mask[None]}, (x[None],))
            return out[0].gather(0, target[None])[0]

        gradients = vmap(grad(logit), in_dims=(0, None, 0), chunk_size=ROWS)
        x, total = torch.from_numpy(work.x), torch.zeros(work.x.shape)
        for k, reference in enumerate(torch.from_numpy(work.references)):
            mask = torch.from_numpy(work.masks[number, k])
            if task.explainer == "Saliency":
                total += gradients(x, mask, targets).abs()
                continue
            points, weights = _path(work.steps)
            way = x - reference
            at = (reference + points[:, None, None] * way).flatten(0, 1)
            found = gradients(at, mask, targets.repeat(work.steps)).view(work.steps, *x.shape)
            total += torch.einsum("p,psg->sg", weights, found) * way
        totals.append(total / len(work.references))
    return torch.stack(totals).numpy()


def shap_deep(task: Task, work: Work) -> Array:
    """Let shap's DeepExplainer average over all references, sample by sample."""
    import shap

    references = torch.from_numpy(work.references)
    values = np.zeros((len(work.models), *work.x.shape), dtype=np.float32)
    for number, model in enumerate(work.plain):
        for row, target in enumerate(work.target):
            with warnings.catch_warnings():
                # Of its own use of hooks.
                warnings.simplefilter("ignore")
                explainer = shap.DeepExplainer(_OneLogit(model, int(target)), references)
                found = explainer.shap_values(
                    torch.from_numpy(work.x[row : row + 1]), check_additivity=False
                )
            values[number, row] = np.asarray(found).reshape(-1)
    return values


class _OneLogit(nn.Module):
    """One output of a network: else shap explains all classes."""

    def __init__(self, model: MLP, target: int) -> None:
        super().__init__()
        self.model, self.target = model, target

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)[:, self.target : self.target + 1]
        return out


def _path(steps: int) -> tuple[Tensor, Tensor]:
    """Return points between 0 and 1 with their weights, as Captum has them."""
    points, weights = np.polynomial.legendre.leggauss(steps)
    both = np.stack([(points + 1) / 2, weights / 2]).astype(np.float32)
    return torch.from_numpy(both[0]), torch.from_numpy(both[1])


@contextmanager
def _masked(model: MLP, work: Work, number: int, part: slice, task: Task) -> Iterator[None]:
    """Give a network the masks of some estimates; none where dropout is off."""
    if task.masked:
        model.dropout.mask = torch.from_numpy(work.masks[number, part])
    try:
        yield
    finally:
        model.dropout.mask = torch.ones(1, work.masks.shape[-1])


def _attributed(
    task: Task, model: MLP, x: Tensor, target: Tensor, references: Tensor, steps: int
) -> Tensor:
    """Call Captum once: rows × genes."""
    rows = x.clone().requires_grad_()
    if task.explainer == "Saliency":
        found = attr.Saliency(model).attribute(rows, target=target)
    elif task.explainer == "IntegratedGradients":
        found = attr.IntegratedGradients(model).attribute(
            rows, references, target=target, n_steps=steps,
            internal_batch_size=max(len(rows), ROWS // len(rows) * len(rows)),
        )  # fmt: skip
    else:
        found = attr.DeepLift(model).attribute(rows, references, target=target)
    result: Tensor = found.detach()
    return result


_ALL = frozenset({"Saliency", "DeepLift", "IntegratedGradients", "DeepLiftShap"})

EXACT = "exact"
"""The method that the others are held against."""

METHODS: Mapping[str, Method] = {
    EXACT: Method("Exact engine", "`helpers.explain.explain_exact`, in closed form", exact, _ALL),
    "captum_loop": Method(
        "Captum, loop", "a call for each network and estimate, all samples in it", captum_loop, _ALL
    ),
    "captum_batched": Method(
        "Captum, batched",
        f"a call for each network and sample, up to {ROWS} estimates in it",
        captum_batched,
        _ALL,
    ),
    "torch_func": Method(
        "torch.func",
        f"`vmap` of `grad`, up to {ROWS} rows at once",
        functional,
        frozenset({"Saliency", "IntegratedGradients"}),
        "DeepLIFT's rule is no gradient",
    ),
    "shap": Method(
        "shap",
        "`DeepExplainer`, all references of a sample in one call",
        shap_deep,
        frozenset({"DeepLiftShap"}),
        "it averages over references, without dropout",
        package="shap",
    ),
}
"""Name → method."""
