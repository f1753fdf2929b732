"""What a network of one's own must be to be explained; what is not ends in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from helpers.api.recognition import passed_layers
from helpers.devices import device_of
from helpers.errors import BadInputError, listed
from helpers.explain.network.bends import bends
from helpers.explain.network.modes import explanation_mode

PRECISIONS = (torch.float32, torch.float64)

SURE, BETTER = 0.5, 0.25
"""Classes are in another order if names as given fit a share of the samples, and names in another
order fit more than half of them and this much more."""

_ROWS = 512


def checked_networks(models: object) -> list[nn.Module]:
    """Return one or several networks as a list.

    Raises
    ------
    BadInputError
        If one is no network, has weights on several devices or on none, or does not compute in
        single or double precision.
    """
    several = list(models) if isinstance(models, list | tuple) else [models]
    if not several:
        raise BadInputError("There is no network to explain: give one at least in 'models'.")
    found: list[nn.Module] = []
    for number, model in enumerate(several):
        which = f"Network {number} (counted from 0)" if len(several) > 1 else "The network"
        if not isinstance(model, nn.Module):
            hint = " (load weights into the network first: model.load_state_dict(...))"
            raise BadInputError(
                f"{which} must be a torch.nn.Module, but it is of type {type(model).__name__}"
                f"{hint if isinstance(model, dict) else ''}."
            )
        _check_place(model, which)
        _check_precision(model, which)
        found.append(model)
    kinds = {(device_of(model), next(model.parameters()).dtype) for model in found}
    if len(kinds) > 1:
        raise BadInputError(
            "Networks that are explained together must be on one device and of one precision, but "
            f"these are {listed((f'{d} {t}' for d, t in kinds), 4)}: move them with model.to(...)."
        )
    return found


def _check_place(model: nn.Module, which: str) -> None:
    tensors = [*model.parameters(), *model.buffers()]
    places = sorted({str(tensor.device) for tensor in tensors})
    if not any(True for _ in model.parameters()):
        raise BadInputError(f"{which} has no weights, so there is nothing to explain.")
    if len(places) > 1 or places == ["meta"]:
        what = "has its weights on several devices" if len(places) > 1 else "has no weights yet"
        raise BadInputError(
            f"{which} {what} ({', '.join(places)}): move all of it to one, as in model.to('cpu')."
        )


def _check_precision(model: nn.Module, which: str) -> None:
    kinds = {p.dtype for p in model.parameters()}
    wrong = [kind for kind in kinds if kind not in PRECISIONS]
    if wrong or len(kinds) > 1:
        names = ", ".join(sorted(str(kind).removeprefix("torch.") for kind in kinds))
        raise BadInputError(
            f"{which} computes in {names}, in which differences of outputs drown in rounding: "
            "explain it in single precision, as in model.float()."
        )


def check_genes(model: nn.Module, samples: Tensor, which: str = "The network") -> int:
    """Send a sample through a network, and return the number of its outputs.

    Raises
    ------
    BadInputError
        If it takes another number of genes, or does not put out samples × classes.
    """
    wanted = next((m.in_features for m in model.modules() if isinstance(m, nn.Linear)), None)
    genes = samples.shape[1]
    try:
        with explanation_mode(model, "eval", 0), torch.no_grad():
            out = model(samples[:1])
    except (RuntimeError, ValueError, IndexError, BadInputError) as error:
        first = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        takes = first if wanted in {None, genes} else f"it takes {wanted}"
        raise BadInputError(
            f"{which} cannot read samples of {genes} genes ({takes}): name the genes that it was "
            "trained on, in their order, in 'genes'."
        ) from None
    if not isinstance(out, Tensor) or out.ndim != 2:
        shape = tuple(out.shape) if isinstance(out, Tensor) else type(out).__name__
        raise BadInputError(
            f"{which} must map samples × genes to samples × classes, but for one sample it "
            f"returns {shape}: wrap it in a module that returns the logits alone."
        )
    return int(out.shape[1])


def check_relu(model: nn.Module, samples: Tensor, which: str = "The network") -> None:
    """Refuse a network without ReLU, for which the rules of half the explainers are not made.

    Raises
    ------
    BadInputError
        With what it has in their place.
    """
    layers = passed_layers(model, samples[:1])
    if any(isinstance(layer, nn.ReLU) for layer in layers):
        return
    pair = torch.stack([samples[0], samples[0] + 1])
    with explanation_mode(model, "eval", 0):
        found = bends(model, pair)
    if any(bend.is_function and bend.kind.rstrip("_") == "relu" for bend in found):
        return
    instead = listed((f"{bend}" for bend in found), 3) or "nothing that bends"
    raise BadInputError(
        f"{which} has no ReLU, but {instead}, so that neither the exact engine nor guided "
        "backpropagation fits: give engine='captum' to explain it by Captum all the same, with "
        "IntegratedGradients, Saliency or InputXGradient."
    )


def check_order(
    model: nn.Module, samples: Tensor, labels: Sequence[str], classes: Sequence[str]
) -> None:
    """Refuse names of classes that fit what a network predicts in another order only.

    Parameters
    ----------
    model, samples
        The network, and samples × genes.
    labels
        Class of each sample.
    classes
        Name of each output, in order.

    Raises
    ------
    BadInputError
        With an output that fits another class.
    """
    with explanation_mode(model, "eval", 0), torch.no_grad():
        parts = [model(part).argmax(dim=1).cpu() for part in samples.split(_ROWS)]
    told = {name: number for number, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, (torch.cat(parts).numpy(), np.array([told[label] for label in labels])), 1)
    outputs, fitting = linear_sum_assignment(-counts)
    as_named, at_best = np.trace(counts) / counts.sum(), counts[outputs, fitting].sum()
    at_best /= counts.sum()
    if at_best > SURE and at_best - as_named > BETTER:
        moved = [(int(o), int(f)) for o, f in zip(outputs, fitting, strict=True) if o != f]
        output, fits = max(moved, key=lambda pair: counts[pair])
        raise BadInputError(
            f"The classes seem to be in another order than the network's outputs: as named, "
            f"{as_named:.0%} of the samples are predicted right, in another order {at_best:.0%} "
            f"(output {output} is named {classes[output]!r} and fits {classes[fits]!r}). Name "
            "them in 'classes' in the order of the outputs, or explain what the network predicts "
            "with target='predicted'."
        )
