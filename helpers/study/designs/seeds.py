"""Streams of random numbers: one number for each purpose, so that no two draws are alike.

A draw starts from the seed of the run and the number of its stream, and goes on with what it is
for, such as a model and a tissue. Seeds of training go on with the number of a model or fold
(`helpers.training.seeds`), so the numbers here begin above any of these.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.errors import BadInputError
from helpers.training.seeds import derived_seed

__all__ = ["derived_seed"]

FIRST = 1001

REFERENCE_STREAM = 1001
"""References, of whichever seed a step gives."""

EXPLANATION_STREAM = 1002
"""Dropout masks and noise while a model explains a tissue."""

SUBSET_STREAM = 1003
"""Subsets of estimates at each point of a curve."""

REFERENCE_CHOICE_STREAM = 1004
"""The references that a model has of the pool."""

AGGREGATE_STREAM = 1005
"""The models of each aggregate."""

IDENTITY_STREAM = 1006
"""References of the chapter on identities."""

HALVES_STREAM = 1007
"""The models of each half of an ensemble."""

CHANCE_STREAM = 1008
"""Random lists of genes of like expression."""

SMOOTHGRAD_NOISE_STREAM = 1010
"""Noise of the sensitivity analysis of SmoothGrad."""

MASK_STREAM = 1011
"""Masks of explainers that are compared at equal numbers of them."""

FIXED_STREAM = 1012
"""Masks that are held fixed, and the references beside them."""

EXPECTED_STREAM = 1013
"""References where all masks are averaged."""

RELEASED_STREAM = 1014
"""References and masks of DeepLiftShap as released."""

CAM_NOISE_STREAM = 1016
"""Noise where the factors of a class activation map are smoothed apart."""

CAM_MASK_STREAM = 1017
"""Dropout masks there: the same for each way of smoothing."""

CELL_REFERENCE_STREAM = 1018
"""The references that a model of single cells has."""

CELL_HALVES_STREAM = 1019
"""The halves of the models of single cells."""

STATE_STREAM = 1020
"""Batches, and masks in them, where the network's state is varied."""

PLANTED_DATA_STREAM = 1030
"""Data with planted genes, or real samples with shifted ones."""

PLANTED_MODEL_STREAM = 1031
"""Networks that are trained on these."""

PLANTED_SHUFFLE_STREAM = 1032
"""Shuffled labels of these."""

PLANTED_EXPLANATION_STREAM = 1033
"""Dropout masks and noise while these networks explain."""

PLANTED_REFERENCE_STREAM = 1034
"""The references that each of them has."""

PLANTED_AGGREGATE_STREAM = 1035
"""Which of them are averaged."""

BASELINE_STREAM = 1036
"""Random genes of like expression, as a baseline."""

FAITHFULNESS_STREAM = 1040
"""Random genes that are taken away, and changes of samples."""

RETRAINING_STREAM = 1041
"""Halves, and networks, where genes are removed and training begins anew."""

VARIANCE_STREAM = 1042
"""Masks, references and noise copies of the crossed design."""

AVERAGED_STREAM = 1043
"""Halves of the networks that are averaged, and networks that are distilled from them."""

CONTROL_SHUFFLE_STREAM = 1061
"""Shuffled labels of the control's ensembles."""

CONTROL_WEIGHTS_STREAM = 1063
"""Random weights in place of trained ones."""

CONTROL_ENSEMBLE_STREAM = 1064
"""All that the networks of one shuffle draw, in training and in explaining."""


def check_streams(streams: Mapping[str, int]) -> None:
    """Refuse a number that two streams have, or that training may have.

    Parameters
    ----------
    streams
        Name of a stream → its number.

    Raises
    ------
    BadInputError
        If there is such a number; both streams are named.
    """
    owners: dict[int, str] = {}
    for name, number in streams.items():
        if number in owners:
            raise BadInputError(
                f"helpers/study/designs/seeds.py: {owners[number]} and {name} both have the number "
                f"{number}, so that their draws would be alike: give one of them another."
            )
        if number < FIRST:
            raise BadInputError(
                f"helpers/study/designs/seeds.py: {name} has the number {number}, which may be "
                f"that of a model: give it one from {FIRST} on."
            )
        owners[number] = name


STREAMS: dict[str, int] = {
    name: number for name, number in globals().items() if name.endswith("_STREAM")
}
"""Every stream by name."""

check_streams(STREAMS)
