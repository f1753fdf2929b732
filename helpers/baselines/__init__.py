"""Rankings of genes without a network: what an explanation has to be better than.

Every module of `helpers.baselines.methods` is one entry, and nothing else lists it. A baseline
compares the samples of one class with all others and gives each gene a score, as an explainer does.
"""

from helpers.baselines.entry import Baseline, OneVsRest
from helpers.baselines.methods import BASELINES
from helpers.baselines.regression import forget

__all__ = ["BASELINES", "Baseline", "OneVsRest", "forget"]
