"""Figures of chapter 19: explanations against planted genes and beside baselines."""

from helpers.figures.ground_truth.beside_baselines import beside, compared, ranking_name, strata
from helpers.figures.ground_truth.precision import conditions, right_or_alike

__all__ = ["beside", "compared", "conditions", "ranking_name", "right_or_alike", "strata"]
