"""What the page *Try it* computes with: real samples, references and networks, as one script file.

The networks are the first MLPs of ``run --dataset tissues --profile quick``, trained in the same
way from the same seed. BatchNorm is an affine map when networks are explained, so that each is
written as its two layers, the first rounded to 16 bits. Rounding moves the input of a unit by a
hair; where that would turn a unit on or off for one of the samples, the unit's offset is moved by
as little as keeps it as it was.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from helpers import config
from helpers.datasets import tissues
from helpers.devices import one_thread
from helpers.errors import BadInputError
from helpers.explain.mlp.hidden import HiddenLayer
from helpers.explain.references import gene_statistics, make_references
from helpers.models import MLP
from helpers.study.designs.families import FAMILIES
from helpers.study.training.data import sides_of
from helpers.training.ensemble import train_member

FILE = "try_it_networks.js"
"""Lies in ``book/_static``; ``scripts/train_try_it.py`` makes it."""

MODELS = 14
"""As many, an even number, as 3 MB hold."""

REFERENCES = 20
PROFILE = "quick"
STEP = 0.0002
"""Expression is rounded to multiples of it (log2 units): 16 bits hold all values."""

_PREFIX, _SUFFIX = "window.tryItNetworks = ", ";\n"
_LARGEST = 32767
_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PageNetwork:
    """A network as two layers: ``f(x) = W₂ (m ∘ relu(W₁ x + t)) + b``.

    Attributes
    ----------
    first
        W₁, with the scale of BatchNorm in it; hidden × genes.
    offset
        t; hidden.
    second, bias
        W₂ and b; classes × hidden, and classes.
    """

    first: _Numbers
    offset: _Numbers
    second: _Numbers
    bias: _Numbers

    @classmethod
    def of(cls, model: MLP) -> PageNetwork:
        """Read a trained MLP."""
        layer = HiddenLayer.of(model, torch.float64)
        return cls(
            first=(layer.scale[:, None] * layer.first).numpy(),
            offset=layer.offset.numpy(),
            second=layer.second.numpy(),
            bias=model.output.bias.detach().double().numpy(),
        )

    def inputs(self, x: _Numbers) -> _Numbers:
        """Return what goes into the ReLU of each unit: samples × hidden."""
        found: _Numbers = x @ self.first.T + self.offset
        return found

    def model(self, dropout: float) -> MLP:
        """Return it as an MLP in double precision, for the package's engines."""
        classes, hidden = self.second.shape
        made = MLP(self.first.shape[1], classes, hidden=hidden, dropout=dropout).double()
        made.norm.eps = 0.0
        values = {
            "hidden.weight": self.first,
            "hidden.bias": self.offset,
            "output.weight": self.second,
            "output.bias": self.bias,
        }
        state = made.state_dict() | {name: torch.from_numpy(v) for name, v in values.items()}
        made.load_state_dict(state)
        return made.eval()


@dataclass(frozen=True)
class PageData:
    """All that the page knows.

    Attributes
    ----------
    genes, classes
        Names; classes in the order of the networks' outputs.
    samples
        A row for each sample: ``name``, ``tissue``, ``side`` of the split.
    expression, references
        Samples × genes and references × genes: log2 intensity above the gene's lowest.
    networks
        The ensemble.
    dropout
        Probability with which a hidden unit is dropped.
    facts
        What is said about them: how they were made, and how accurate they are.
    """

    genes: tuple[str, ...]
    classes: tuple[str, ...]
    samples: pd.DataFrame
    expression: _Numbers
    references: _Numbers
    networks: tuple[PageNetwork, ...]
    dropout: float
    facts: dict[str, Any]


def train_networks(data: anndata.AnnData, sides: pd.Series, models: int = MODELS) -> list[MLP]:
    """Train the first networks of a study of the microarrays, on one thread as its steps do.

    Parameters
    ----------
    data
        As `load_tissues` gives it.
    sides
        Side of the split of each sample.
    models
        How many.
    """
    chosen, family = config.settings(PROFILE), FAMILIES["mlp"]
    with one_thread():
        trained = [
            train_member(
                data,
                sides,
                index,
                hyperparameter_spread=chosen.hyperparameter_spread,
                **family.arguments(chosen, index),
            )
            for index in range(models)
        ]
    return [cast(MLP, each.model) for each in trained]


def sides_of_samples(data: anndata.AnnData) -> pd.Series:
    """Return the side of the split of each sample, as a study of the microarrays has it."""
    return sides_of(data.obs, config.settings(PROFILE)).set_index("sample")["split"]


def page_data(data: anndata.AnnData, sides: pd.Series, models: Sequence[MLP]) -> PageData:
    """Put together what the page knows, nothing of it rounded yet.

    References are of kind "universal": drawn for each gene around its mean over the training
    samples, cut to one standard deviation.
    """
    x = np.asarray(data.X, dtype=np.float64)
    classes, target = np.unique(data.obs["tissue"].to_numpy(str), return_inverse=True)
    networks = tuple(PageNetwork.of(model) for model in models)
    side = sides.loc[data.obs_names].to_numpy(str)
    seed = config.settings(PROFILE).seed
    drawn = make_references(
        "universal",
        REFERENCES,
        genes=data.n_vars,
        seed=seed,
        statistics=gene_statistics(x[side == "train"]),
    )
    held = side == "test"
    right = [
        (np.maximum(each.inputs(x[held]), 0) @ each.second.T + each.bias).argmax(1) == target[held]
        for each in networks
    ]
    return PageData(
        genes=tuple(map(str, data.var_names)),
        classes=tuple(map(str, classes)),
        samples=pd.DataFrame(
            {
                "name": data.obs_names.to_numpy(str),
                "tissue": data.obs["tissue"].to_numpy(str),
                "side": side,
            }
        ),
        expression=x,
        references=drawn.astype(np.float64),
        networks=networks,
        dropout=float(models[0].dropout.p),
        facts={
            "madeBy": "scripts/train_try_it.py",
            "profile": PROFILE,
            "seed": seed,
            "table": {"file": tissues.FILE, "sha256": tissues.SHA256},
            "unit": tissues.INTENSITIES,
            "heldOut": int(held.sum()),
            "accuracy": float(np.mean(right)),
        },
    )


def packed(data: PageData, *, exact: bool = False) -> str:
    """Write what the page knows as a script that a browser reads from a file.

    Parameters
    ----------
    data
        See `page_data`.
    exact
        Whether first layers, samples and references are kept in single precision: twice as large.

    Raises
    ------
    BadInputError
        If rounding turns a unit on or off for a sample, whatever its offset.
    """
    shown = _single if exact else _stepped
    x = _values(shown(data.expression))
    networks = [_rounded(each, data.expression, x, exact=exact) for each in data.networks]
    found = {
        "facts": data.facts,
        "dropout": data.dropout,
        "genes": data.genes,
        "classes": data.classes,
        "samples": {name: list(data.samples[name]) for name in data.samples},
        "expression": shown(data.expression),
        "references": shown(data.references),
        "networks": networks,
    }
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in found.items()
    )
    return f"{_PREFIX}{{\n{lines}\n}}{_SUFFIX}"


def _rounded(network: PageNetwork, x: _Numbers, shown: _Numbers, *, exact: bool) -> dict[str, Any]:
    """Write a network whose units are on for the samples as shown where they were before."""
    if exact:
        first = _single(network.first)
    else:
        scale = np.abs(network.first).max(axis=1) / _LARGEST
        first = _array(np.rint(network.first / scale[:, None]), "int16")
        first["scale"] = _array(scale, "float64")
    offset = _kept_on(network, network.inputs(x) > 0, shown @ _values(first).T)
    return {
        "first": first,
        "offset": _array(offset, "float64"),
        "second": _single(network.second),
        "bias": [float(value) for value in network.bias],
    }


def _kept_on(network: PageNetwork, on: npt.NDArray[np.bool_], weighted: _Numbers) -> _Numbers:
    """Return the offsets nearest to the network's with which its units are on where they were."""
    least = np.where(on, -weighted, -np.inf).max(axis=0)
    most = np.where(on, np.inf, -weighted).min(axis=0)
    if (least >= most).any():
        unit = int(np.argmax(least >= most))
        raise BadInputError(
            f"Rounded to 16 bits, hidden unit {unit} (counted from 0) is on for other samples than "
            "before: leave this network out."
        )
    margin = np.minimum((most - least) / 4, 1e-9)
    moved: _Numbers = np.clip(network.offset, least + margin, most - margin)
    return moved


def unpacked(text: str) -> PageData:
    """Read what `packed` has written.

    Raises
    ------
    BadInputError
        If it is no such script.
    """
    if not (text.startswith(_PREFIX) and text.endswith(_SUFFIX)):
        raise BadInputError(f"{FILE} is damaged: make it anew with scripts/train_try_it.py.")
    found = json.loads(text.removeprefix(_PREFIX).removesuffix(_SUFFIX))
    samples = pd.DataFrame(found["samples"])
    genes = len(found["genes"])
    networks = []
    for each in found["networks"]:
        second = _values(each["second"]).reshape(len(found["classes"]), -1)
        networks.append(
            PageNetwork(
                first=_values(each["first"]).reshape(second.shape[1], genes),
                offset=_values(each["offset"]),
                second=second,
                bias=np.array(each["bias"]),
            )
        )
    return PageData(
        genes=tuple(found["genes"]),
        classes=tuple(found["classes"]),
        samples=samples,
        expression=_values(found["expression"]).reshape(-1, genes),
        references=_values(found["references"]).reshape(-1, genes),
        networks=tuple(networks),
        dropout=float(found["dropout"]),
        facts=found["facts"],
    )


def read_networks(path: Path) -> PageData:
    """Read the script that lies beside the page."""
    return unpacked(path.read_text(encoding="utf-8"))


def _stepped(values: _Numbers) -> dict[str, Any]:
    return _array(np.rint(values / STEP), "uint16") | {"step": STEP}


def _single(values: _Numbers) -> dict[str, Any]:
    return _array(values, "float32")


def _array(values: _Numbers, kind: str) -> dict[str, Any]:
    """Write numbers as base64 of little-endian ones; `kind` as NumPy and JavaScript name it."""
    raw = np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<")).tobytes()
    return {"kind": kind, "shape": list(values.shape), "data": base64.b64encode(raw).decode()}


def _values(array: dict[str, Any]) -> _Numbers:
    raw = np.frombuffer(base64.b64decode(array["data"]), np.dtype(array["kind"]).newbyteorder("<"))
    values = raw.astype(np.float64).reshape(array["shape"]) * array.get("step", 1.0)
    if "scale" in array:
        values = values * _values(array["scale"])[:, None]
    return cast(_Numbers, values)
