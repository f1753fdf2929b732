"""What the step of the ledger says of a run."""

from __future__ import annotations

from helpers.config import settings
from helpers.study.verdicts.claims import shrunk_cnns


def test_statements_on_the_accuracy_of_cnns_say_how_these_were_shrunk() -> None:
    assert shrunk_cnns(settings("paper")) == {}
    found = shrunk_cnns(settings("quick"))
    assert set(found) == {"T2", "T4", "T5"}
    assert "feature maps 8/16/32 instead of 64/128/256 and epochs at most 6" in found["T5"]
    shorter = shrunk_cnns(settings("paper", cnn_max_epochs=7))["T5"]
    assert shorter == "The CNNs of this run are not the paper's: epochs at most 7 instead of 100."
