"""The front door for networks of one's own: PyTorch and AnnData in, labelled scores out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import torch
import xarray
from torch import Tensor, nn

from helpers.api.labelled_samples import class_names, labels_of, matrix_of, with_genes
from helpers.api.labelled_scores import Explanation
from helpers.api.recognition import recognised
from helpers.api.refusals import check_genes, check_order, check_relu, checked_networks
from helpers.errors import BadInputError, one_of
from helpers.explain import EXPLAINERS, REFERENCES, explain, make_references
from helpers.explain.captum.completeness import first_gap
from helpers.explain.engine_table import engine_for
from helpers.explain.network.modes import explanation_mode
from helpers.explain.request import Question, architecture_of
from helpers.explain.settings import ExplanationSettings
from helpers.models import TrainedModel
from helpers.stability.model_scale import SCALES, weighed

ENGINES = ("auto", "exact", "captum")
AGGREGATES = (*SCALES, "none")
_TRIED = 2
_ROWS = 256


@dataclass(frozen=True)
class _Call:
    """What is the same for all networks of a call.

    Attributes
    ----------
    x, target
        Samples × genes, and the class of each by number.
    pools
        References × genes for each class by number; under -1 those of all classes. Empty: none.
    explainer, n, seed, settings
        See `explain_network`.
    """

    x: npt.NDArray[np.floating]
    target: npt.NDArray[np.int64]
    pools: Mapping[int, npt.NDArray[np.floating]]
    explainer: str
    n: int
    seed: int
    settings: Mapping[str, Any]


def explain_network(
    models: nn.Module | TrainedModel | Sequence[nn.Module] | Sequence[TrainedModel],
    adata: anndata.AnnData,
    *,
    class_column: str | None = None,
    classes: Sequence[str] | None = None,
    genes: Sequence[str] | None = None,
    layer: str | None = None,
    target: str = "own",
    explainer: str = "DeepLift",
    references: str | npt.ArrayLike = "universal",
    n: int = 20,
    engine: str = "auto",
    aggregate: str = "unit",
    seed: int = 0,
    **settings: Any,
) -> Explanation:
    """Score how much each gene contributes to what networks of one's own say of samples.

    Networks with one hidden layer of ReLUs, and stacks of several, are recognised by what they are
    made of (linear layers, BatchNorm1d or none, ReLU, dropout anywhere) and explained in closed
    form, any other by Captum; the result has the same form.

    Parameters
    ----------
    models
        A network from samples × genes to logits, samples × classes, or an ensemble of these for
        the same genes and classes. On the CPU or a GPU, in single or double precision; left as
        they were. Trained models of this package bring `genes` and `classes` with them.
    adata
        Samples × genes, in the units that the networks were trained on, such as log2(TPM + 1).
    class_column
        Column of ``adata.obs`` with the class of each sample; not needed where `target` is not
        ``"own"``.
    classes
        Names of the outputs, in order; None: the categories of the column, else sorted.
    genes
        Names of the inputs, in order; None: as they are in `adata`.
    layer
        Layer of `adata` to explain; None: X.
    target
        Which class is explained: ``"own"``, each sample's own; ``"predicted"``, the one that the
        networks predict together; or the name of one class, for all samples.
    explainer
        A key of `helpers.explain.EXPLAINERS`, such as ``"DeepLift"`` or ``"Saliency"``.
    references
        For explainers that compare: a key of `helpers.explain.REFERENCES`, estimated from `adata`
        (``"specific"``: of each class apart), or samples × genes of your own, all of which are
        used. Kinds ``"universal"`` and ``"specific"`` are for values that are not negative.
    n
        Estimates of each explanation: references drawn, or repeats of explainers that need none,
        which differ only with ``mode="dropout"``.
    engine
        ``"auto"``: in closed form where a network is recognised, else Captum; ``"exact"``: refuse
        other networks; ``"captum"``: always Captum.
    aggregate
        Of several networks: ``"unit"``, mean after each network's scores of a class were divided
        by their mean size; ``"raw"``, mean; ``"none"``, networks are kept apart.
    seed
        Of references and dropout masks: same seed, same numbers.
    **settings
        Fields of `helpers.explain.ExplanationSettings`, such as ``mode="dropout"`` (default here:
        ``"eval"``), ``noise_sd`` or ``integration_steps``.

    Returns
    -------
    Explanation
        Scores with names of samples, genes and classes.

    Raises
    ------
    UnknownNameError
        If there is no such explainer, kind of references, class, column, layer or setting.
    BadInputError
        If something does not fit; among others a network without ReLU, on several devices, in half
        precision, for another number of genes, with classes in another order, or one whose scores
        do not add up to what they explain.

    Examples
    --------
    >>> import helpers as hx
    >>> model, adata = hx.example_network()
    >>> found = hx.explain_network(model, adata, class_column="tissue")
    >>> found.data["score"].shape
    (30, 12)
    >>> liver = found.top(3).query("`class` == 'liver'")
    >>> sorted(liver["gene"])
    ['ALB', 'APOA2', 'CYP2E1']

    An ensemble, and scores per network:

    >>> several = [hx.example_network(seed)[0] for seed in range(3)]
    >>> apart = hx.explain_network(several, adata, class_column="tissue", aggregate="none")
    >>> apart.data["score"].dims
    ('model', 'sample', 'gene')
    """
    one_of("explainer", explainer, EXPLAINERS)
    one_of("engine", engine, ENGINES)
    one_of("way to aggregate", aggregate, AGGREGATES)
    chosen = {"mode": "eval", **settings}
    how = ExplanationSettings.of({**chosen, "engine": "captum" if engine == "captum" else "exact"})
    networks, genes, classes = _unpacked(models, genes, classes)
    samples = with_genes(adata, genes)
    x = matrix_of(samples, layer)
    rows = [_rows(network, x) for network in networks]
    outputs = {check_genes(network, some) for network, some in zip(networks, rows, strict=True)}
    if len(outputs) > 1:
        raise BadInputError(
            f"Networks that are explained together must have the same classes, but these have "
            f"{sorted(outputs)} outputs."
        )
    if engine != "captum":
        for network, some in zip(networks, rows, strict=True):
            check_relu(network, some)
    names = class_names(samples, class_column, classes, outputs.pop())
    number = _targets(networks, samples, x, class_column, names, target)
    kind = references if isinstance(references, str) else "given"
    call = _Call(
        x=x,
        target=number,
        pools=_pools(explainer, references, x, number, n, seed),
        explainer=explainer,
        n=n if how.mode != "eval" or how.noisy else 1,
        seed=seed,
        settings={**chosen, "engine": how.engine},
    )
    shown = [_shown(m, some, how, engine) for m, some in zip(networks, rows, strict=True)]
    for network, used in zip(networks, shown, strict=True):
        _check_sum(network, used, call)
    data = _combined(shown, call, names, aggregate)
    compares = EXPLAINERS[explainer].needs_reference
    data = data.assign_coords(
        gene=samples.var_names.astype(str).to_numpy(),
        sample=samples.obs_names.astype(str).to_numpy(),
        target=("sample", np.array(names)[number]),
    )
    data.attrs = {
        "explainer": explainer,
        "engine": ", ".join(dict.fromkeys(_engine(used, explainer, how) for used in shown)),
        "references": kind if compares else "none",
        "n": len(next(iter(call.pools.values()))) if compares else call.n,
        "mode": how.mode,
        "aggregate": aggregate,
        "models": len(networks),
        "layer": layer or "",
        "seed": seed,
    }
    groupby = class_column if target == "own" and class_column else ""
    return Explanation(data, samples, groupby)


def _unpacked(
    models: Any, genes: Sequence[str] | None, classes: Sequence[str] | None
) -> tuple[list[nn.Module], Sequence[str] | None, Sequence[str] | None]:
    """Take networks, genes and classes out of trained models of this package."""
    several = list(models) if isinstance(models, list | tuple) else [models]
    trained = [model for model in several if isinstance(model, TrainedModel)]
    if trained:
        kinds = {(model.genes, model.classes) for model in trained}
        if len(kinds) > 1 or len(trained) < len(several):
            raise BadInputError(
                "Trained models that are explained together must have the same genes and classes "
                "in the same order: explain others by a call of their own."
            )
        (known,) = kinds
        genes, classes = genes or known[0], classes or known[1]
    plain = [model.model if isinstance(model, TrainedModel) else model for model in several]
    return checked_networks(plain), genes, classes


def _rows(network: nn.Module, x: npt.NDArray[np.floating]) -> Tensor:
    """Return some samples as a network reads them."""
    like = next(network.parameters())
    return torch.as_tensor(x[:_ROWS]).to(like.dtype).to(like.device)


def _targets(
    networks: Sequence[nn.Module],
    samples: anndata.AnnData,
    x: npt.NDArray[np.floating],
    column: str | None,
    names: Sequence[str],
    target: str,
) -> npt.NDArray[np.int64]:
    """Choose the class that is explained of each sample, by number."""
    if target == "own":
        labels = labels_of(samples, column)
        if labels is None:
            raise BadInputError(
                "Each sample's own class is explained, but 'class_column' does not say where it "
                "stands: name the column, or give target='predicted'."
            )
        like = next(networks[0].parameters())
        check_order(networks[0], torch.as_tensor(x).to(like.dtype).to(like.device), labels, names)
        place = {name: number for number, name in enumerate(names)}
        return np.array([place[label] for label in labels], dtype=np.int64)
    if target == "predicted":
        total = sum(_probabilities(network, x) for network in networks)
        assert isinstance(total, Tensor)
        return total.argmax(dim=1).numpy()
    one_of("class", target, names)
    return np.full(len(x), list(names).index(target), dtype=np.int64)


def _probabilities(network: nn.Module, x: npt.NDArray[np.floating]) -> Tensor:
    like = next(network.parameters())
    with explanation_mode(network, "eval", 0), torch.no_grad():
        parts = [
            network(part.to(like.dtype).to(like.device)).softmax(dim=1).cpu()
            for part in torch.as_tensor(x).split(_ROWS)
        ]
    return torch.cat(parts)


def _pools(
    explainer: str,
    references: str | npt.ArrayLike,
    x: npt.NDArray[np.floating],
    target: npt.NDArray[np.int64],
    n: int,
    seed: int,
) -> dict[int, npt.NDArray[np.floating]]:
    """Make the references of each class, or under -1 those of all."""
    if not EXPLAINERS[explainer].needs_reference:
        return {}
    genes = x.shape[1]
    if not isinstance(references, str):
        given = references.X if isinstance(references, anndata.AnnData) else references
        array = np.asarray(given)
        if array.ndim != 2 or not len(array) or array.shape[1] != genes:
            raise BadInputError(
                f"Parameter 'references' must hold samples × {genes} genes, or be one of "
                f"{', '.join(REFERENCES)}, but it has shape {array.shape}."
            )
        return {-1: array}
    kind = REFERENCES[one_of("reference", references, REFERENCES)]
    count = n if kind.random else 1
    if kind.needs != "one tissue":
        return {-1: make_references(references, count, genes=genes, seed=seed, expression=x)}
    labels = target.astype(str)
    return {
        number: make_references(
            references, count, genes=genes, seed=seed, expression=x, tissues=labels,
            tissue=str(number),
        )
        for number in np.unique(target).tolist()
    }  # fmt: skip


def _shown(network: nn.Module, rows: Tensor, how: ExplanationSettings, engine: str) -> nn.Module:
    """Return what is explained in the place of a network: the same function."""
    twin = None if engine == "captum" else recognised(network, rows, how.mode)
    if twin is None and engine == "exact":
        raise BadInputError(
            "The exact engine explains linear layers with ReLUs between them, BatchNorm1d and "
            f"dropout in any number, but this network ({type(network).__name__}) is not made of "
            f"these alone in mode {how.mode!r}: choose engine='auto'."
        )
    return network if twin is None else twin


def _engine(network: nn.Module, explainer: str, how: ExplanationSettings) -> str:
    question = Question(architecture_of(network), EXPLAINERS[explainer], how, False)
    return engine_for(question).name


def _check_sum(network: nn.Module, shown: nn.Module, call: _Call) -> None:
    """Try on a few samples whether scores add up to what the network itself says.

    Whoever explains: it is outputs of the user's network that scores must add up to.
    """
    entry = EXPLAINERS[call.explainer]
    if not entry.completes:
        return
    x, target = call.x[:_TRIED], call.target[:_TRIED]
    pool = next(iter(call.pools.values()))[:1]
    tried = {**call.settings, "mode": "eval", "noise_sd": 0.0, "combine": "signed_mean"}
    scores = explain(shown, x, target, explainer=call.explainer, references=pool, seed=0, **tried)[
        0
    ]
    like = next(network.parameters())
    pair = torch.as_tensor(np.concatenate([x, pool])).to(like.dtype).to(like.device)
    with explanation_mode(network, "eval", 0), torch.no_grad():
        out = network(pair).cpu()
    change = out[: len(x)].gather(1, torch.as_tensor(target)[:, None])[:, 0]
    change = change - out[len(x)][torch.as_tensor(target)]
    how = ExplanationSettings.of(call.settings)
    by_steps = entry.takes_steps and _engine(shown, call.explainer, how) == "captum"
    found = torch.as_tensor(scores)
    wrong = first_gap(found, change, how.integration_steps * by_steps)
    if wrong is not None:
        raise BadInputError(
            f"The scores of {call.explainer} for sample {wrong} (counted from 0) add up to "
            f"{found[wrong].sum().item():.4g}, but the output differs from that of a reference by "
            f"{change[wrong].item():.4g}: raise integration_steps, or choose another explainer."
        )


def _combined(
    shown: Sequence[nn.Module], call: _Call, names: Sequence[str], aggregate: str
) -> xarray.Dataset:
    """Explain with every network, and put scores together as they come."""
    explained = np.unique(call.target)
    apart = aggregate == "none"
    kind = str(next(shown[0].parameters()).dtype).removeprefix("torch.")
    total = np.zeros((len(shown), *call.x.shape) if apart else call.x.shape, dtype=kind)
    of_models = np.zeros((len(shown), len(explained), call.x.shape[1]), dtype=kind)
    for place, network in enumerate(shown):
        scores = _scores(network, place, call)
        for row, number in enumerate(explained):
            own = call.target == number
            if len(shown) > 1 and not apart:
                scores[own] = weighed(scores[own], aggregate)
            of_models[place, row] = scores[own].mean(axis=0)
        if apart:
            total[place] = scores
        else:
            total += scores / len(shown)
    dims = ("model", "sample", "gene") if apart else ("sample", "gene")
    by_class = ("model", "class", "gene") if apart else ("class", "gene")
    variables: dict[str, Any] = {
        "score": (dims, total),
        "class_score": (by_class, of_models if apart else of_models.mean(axis=0)),
    }
    if len(shown) > 1 and not apart:
        variables["spread"] = (by_class, of_models.std(axis=0))
    coordinates: dict[str, Any] = {"class": np.array(names)[explained]}
    if apart:
        coordinates["model"] = np.arange(len(shown))
    return xarray.Dataset(variables, coordinates)


def _scores(network: nn.Module, place: int, call: _Call) -> npt.NDArray[np.floating]:
    """Explain with one network: samples × genes."""
    seed = int(np.random.SeedSequence([call.seed, place]).generate_state(1)[0])
    told = {"explainer": call.explainer, "repeats": call.n, "seed": seed, **call.settings}
    if not call.pools:
        return explain(network, call.x, call.target, **told)[0]
    if -1 in call.pools:
        return explain(network, call.x, call.target, references=call.pools[-1], **told)[0]
    first = next(network.parameters())
    found = np.empty(call.x.shape, dtype=str(first.dtype).removeprefix("torch."))
    for number, pool in call.pools.items():
        own = np.flatnonzero(call.target == number)
        found[own] = explain(network, call.x, call.target, references=pool, rows=own, **told)[0]
    return found
