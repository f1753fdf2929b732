from __future__ import annotations

from pathlib import Path

import pytest

from helpers.annotations import cofactors, transcription_factors
from helpers.errors import BadInputError, MissingInputError, UnknownNameError


def test_those_of_go_come_with_the_package() -> None:
    factors, helpers = transcription_factors(), cofactors()
    assert (len(factors.genes), len(helpers.genes)) == (1430, 510)
    assert (factors.name, factors.source) == ("transcription_factors", "go")
    assert (helpers.name, helpers.source) == ("cofactors", "go")
    assert {"TP53", "HNF4A", "GATA4"} <= factors.genes
    assert {"NCOA1", "EP300"} <= helpers.genes
    assert factors.match(["TP53", "ALB"]).known == ("TP53",)


@pytest.mark.real
def test_those_of_animaltfdb(shared_data: Path) -> None:
    folder = shared_data / "annotations" / "tf"
    factors = transcription_factors(folder / "AnimalTFDB_Homo_sapiens_TF.tsv")
    helpers = cofactors(folder / "AnimalTFDB_Homo_sapiens_TF_cofactors.tsv")
    # The paper's 1,666 and 1,026 count the line with the columns' names.
    assert (len(factors.genes), len(helpers.genes)) == (1665, 1025)
    assert (factors.source, helpers.source) == ("animaltfdb", "animaltfdb")
    shared = transcription_factors().genes & factors.genes
    assert len(shared) > 0.9 * len(transcription_factors().genes)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tf.tsv"
    for text, message in (
        ("Species\tSymbols\nhuman\tTP53\n", r"no column 'Symbol'.*nearest is 'Symbols'"),
        ("Symbol,Family\nTP53,p53\n", r"no column 'Symbol'.*separate the columns with tabs"),
        ("Species\tSymbol\n", "holds no genes"),
        ("Symbol\tFamily\nTP53\tp53\tmore\n", "line 2, has 3 fields where the header has 2"),
        ("", "is empty"),
    ):
        path.write_text(text)
        with pytest.raises(BadInputError, match=message):
            transcription_factors(path)
    with pytest.raises(MissingInputError, match=r"no table of cofactors at .*gone\.tsv"):
        cofactors(tmp_path / "gone.tsv")
    with pytest.raises(UnknownNameError, match="source of transcription factors 'animaltfdb'"):
        transcription_factors("animaltfdb")
