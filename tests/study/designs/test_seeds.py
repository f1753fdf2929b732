"""Streams of random numbers: each number once, and all of them in one module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from helpers.errors import BadInputError
from helpers.study.designs import seeds
from helpers.study.designs.seeds import FIRST, STREAMS, check_streams, derived_seed

HELPERS = Path(seeds.__file__).parents[2]


def test_every_stream_has_a_number_of_its_own() -> None:
    assert len(STREAMS) >= 19
    assert len(set(STREAMS.values())) == len(STREAMS)
    assert min(STREAMS.values()) >= FIRST


def test_two_streams_with_one_number_are_both_named() -> None:
    said = r"seeds\.py: A_STREAM and C_STREAM both have the number 1011.*give one of them another"
    with pytest.raises(BadInputError, match=said):
        check_streams({"A_STREAM": 1011, "B_STREAM": 1012, "C_STREAM": 1011})


def test_a_number_that_a_model_may_have_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"A_STREAM has the number 11, .*from 1001 on"):
        check_streams({"A_STREAM": 11})


def test_no_other_module_makes_a_stream_or_writes_its_number() -> None:
    for path in sorted(HELPERS.rglob("*.py")):
        if path == Path(seeds.__file__):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assert not re.search(r"_STREAMS?$", node.id), f"{path} makes {node.id}"
            if isinstance(node, ast.Constant) and "study" in path.parts:
                assert node.value not in STREAMS.values(), f"{path}:{node.lineno}"


@pytest.mark.parametrize("call", ["derived_seed", "default_rng"])
def test_every_seed_of_the_study_names_its_stream(call: str) -> None:
    """What starts from the seed of the run goes on with a stream, not with a bare number."""
    found = 0
    for path in sorted((HELPERS / "study").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(call) and node.args:
                parts = node.args if call == "derived_seed" else _listed(node.args[0])
                if len(parts) > 1 and ast.unparse(parts[0]).endswith(".seed"):
                    found += 1
                    assert re.search(r"stream|STREAM|SHUFFLES", ast.unparse(parts[1])), path
    assert found


def _listed(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List) else [node]


def test_no_stream_gives_the_seed_of_a_model_or_of_another_stream() -> None:
    models = {derived_seed(7, index) for index in range(FIRST)}
    streams = [derived_seed(7, number) for number in STREAMS.values()]
    assert len(set(streams)) == len(streams)
    assert not models & set(streams)
