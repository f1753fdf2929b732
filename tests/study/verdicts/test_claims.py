"""What the step of the ledger hands to the rules."""

from __future__ import annotations

from helpers.claims.networks import beyond, remarks
from helpers.study import Study
from helpers.study.verdicts.claims import of_run


def test_a_run_is_described_alike_to_the_ledger_and_to_the_pages(tiny_study: Study) -> None:
    everything = of_run(tiny_study, ["E12"])
    accuracy = tiny_study.get("tables/accuracy")
    assert everything["beyond"] == beyond(tiny_study.settings, accuracy)
    assert everything["remarks"] == remarks(tiny_study.settings)
    assert everything["list_share"] == tiny_study.settings.top / 150
    # The accuracy of CNNs is looked up for the statements that need it, and for no others.
    assert of_run(tiny_study, ["T3"])["beyond"] == beyond(tiny_study.settings, None)
