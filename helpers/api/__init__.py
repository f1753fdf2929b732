"""Networks and samples of one's own → labelled scores, and on to other tools.

What people import is `helpers` itself: ``import helpers as hx``.
"""

from helpers.api.decoupled import activities
from helpers.api.example import example_network
from helpers.api.labelled_scores import Explanation
from helpers.api.own_network import explain_network

__all__ = ["Explanation", "activities", "example_network", "explain_network"]
