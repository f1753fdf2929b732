"""Genes go onto the grid and come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import BadInputError, UnknownNameError
from helpers.models import GeneGrid, gene_order, grid_side, named_order

COUNTS = st.integers(1, 300)


@given(st.integers(1, 10**9))
def test_side_is_the_smallest_multiple_of_eight_that_fits(genes: int) -> None:
    side = grid_side(genes)
    assert side % 8 == 0
    assert side**2 >= genes
    assert side == 8 or (side - 8) ** 2 < genes


def test_sides_of_the_papers_genes_and_at_the_edges() -> None:
    assert grid_side(19_241) == 144
    assert [grid_side(genes) for genes in (1, 64, 65, 256, 257)] == [8, 8, 16, 16, 24]


@st.composite
def grids(draw: st.DrawFn) -> GeneGrid:
    genes = draw(COUNTS)
    order = np.random.default_rng(draw(st.integers(0, 99))).permutation(genes)
    side = draw(st.none() | st.integers(int(np.ceil(np.sqrt(genes))), 24))
    return GeneGrid(genes, order=order if draw(st.booleans()) else None, side=side)


@settings(deadline=None)
@given(grids(), st.integers(1, 4))
def test_round_trip(grid: GeneGrid, samples: int) -> None:
    x = torch.rand(samples, grid.genes, dtype=torch.float64)
    on_grid = grid.to_grid(x)
    assert on_grid.shape == (samples, 1, grid.side, grid.side)
    assert torch.equal(grid.to_genes(on_grid), x)
    assert torch.equal(grid(x), on_grid)


@settings(deadline=None)
@given(grids())
def test_genes_lie_row_by_row_in_order_with_zeros_at_the_end(grid: GeneGrid) -> None:
    x = torch.arange(1.0, grid.genes + 1)[None]
    flat = grid.to_grid(x).flatten()
    assert flat[: grid.genes].tolist() == [int(gene) + 1 for gene in grid.order]
    assert not flat[grid.genes :].any()


@settings(deadline=None)
@given(grids())
def test_padding_is_dropped(grid: GeneGrid) -> None:
    values = torch.rand(2, 1, grid.side, grid.side)
    changed = values.clone()
    changed.flatten(1)[:, grid.genes :] = 7
    assert torch.equal(grid.to_genes(values), grid.to_genes(changed))
    assert (
        grid.to_grid(grid.to_genes(values))
        .flatten(1)[:, : grid.genes]
        .equal(values.flatten(1)[:, : grid.genes])
    )


@settings(deadline=None)
@given(COUNTS, st.integers(0, 99))
def test_an_order_is_the_same_as_reordered_genes(genes: int, seed: int) -> None:
    order = gene_order("random", [f"G{i}" for i in range(genes)], seed=seed)
    x = torch.rand(2, genes)
    assert torch.equal(
        GeneGrid(genes, order=order).to_grid(x), GeneGrid(genes).to_grid(x[:, order])
    )


def test_gradients_come_back_to_genes() -> None:
    grid = GeneGrid(10, order=gene_order("random", ["G"] * 10, seed=1))
    x = torch.rand(3, 10, requires_grad=True)
    weights = torch.rand(3, 1, 8, 8)
    (grid.to_grid(x) * weights).sum().backward()
    assert torch.equal(x.grad, grid.to_genes(weights))


def test_order_travels_with_the_state() -> None:
    other = GeneGrid(10)
    other.load_state_dict(GeneGrid(10, order=np.arange(10)[::-1].copy()).state_dict())
    assert other.order.tolist() == list(range(9, -1, -1))
    assert other.double().order.dtype == torch.int64


def test_random_orders() -> None:
    genes = [f"G{i}" for i in range(100)]
    one, same, other = (gene_order("random", genes, seed=seed) for seed in (3, 3, 4))
    assert one.tobytes() == same.tobytes()
    assert sorted(one) == sorted(other) == list(range(100))
    assert one.tolist() != other.tolist()
    assert gene_order("given", genes).tolist() == list(range(100))


COORDINATES = pd.DataFrame(
    {
        "chromosome": ["chr10", "2", "chrX", "chr2", "MT", "chrY", "GL000219", "2"],
        "position": [5, 900, 1, 30, 7, 2, 1, 30],
    },
    index=["A", "B", "C", "D", "E", "F", "G", "H"],
)


def test_genomic_order_goes_by_chromosome_number_and_position() -> None:
    genes = ["G", "F", "E", "H", "D", "C", "B", "A"]
    order = gene_order("genomic", genes, coordinates=COORDINATES)
    assert "".join(genes[i] for i in order) == "HDBACFEG"


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        (None, "'genomic' needs the chromosome .* choose 'given' or 'random'"),
        (COORDINATES[["chromosome"]], "needs the position of every gene"),
        (COORDINATES.drop(index="B"), r"gene 'B' has none \(1 of 2 genes\)"),
        (COORDINATES.assign(position=np.nan), r"gene 'B' has none \(2 of 2 genes\)"),
        (COORDINATES.assign(chromosome=None), r"gene 'B' has none \(2 of 2 genes\)"),
    ],
)
def test_genomic_order_that_is_not_known(coordinates: pd.DataFrame | None, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        gene_order("genomic", ["B", "C"], coordinates=coordinates)


def test_unknown_order() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'genomic'"):
        gene_order("genome", ["A"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"side": 4}, "4 × 4 is too small for 20 genes: .* at least 5, such as 8"),
        ({"side": -5}, "-5 × -5 is too small"),
        ({"order": range(19)}, r"20 whole numbers, .* shape \(19,\)"),
        ({"order": np.arange(20.0)}, "20 whole numbers, .* float64"),
        ({"order": [*range(19), 20]}, "each number from 0 to 19 once, but it holds 20"),
        ({"order": [*range(19), -1]}, "but it holds -1"),
        ({"order": [*range(19), 4]}, "but it holds 4 2 times"),
        ({"genes": 0}, "at least one gene"),
    ],
)
def test_bad_layout(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        GeneGrid(**({"genes": 20} | arguments))


def test_other_genes_and_other_grids() -> None:
    grid = GeneGrid(20)
    for genes in (19, 21):
        with pytest.raises(BadInputError, match=f"20 genes cannot read samples of {genes} genes"):
            grid.to_grid(torch.rand(2, genes))
    with pytest.raises(BadInputError, match=r"1 × 8 × 8, but their shape is \(2, 1, 4, 4\)"):
        grid.to_genes(torch.rand(2, 1, 4, 4))


def test_orders_by_one_name() -> None:
    genes = ["B", "C", "A"]
    assert named_order("given", genes).tolist() == [0, 1, 2]
    drawn = named_order("random-12", genes * 10)
    assert drawn.tolist() == gene_order("random", genes * 10, seed=12).tolist()
    coordinates = pd.DataFrame(
        {"chromosome": ["2", "1", "X"], "position": [5, 9, 1]}, index=["A", "B", "C"]
    )
    assert named_order("genomic", genes, coordinates).tolist() == [0, 2, 1]


@pytest.mark.parametrize("name", ["random", "random-", "random-x", "random--1", "given-1", ""])
def test_unknown_names_of_orders(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"There is no gene order .*random-<number>"):
        named_order(name, ["A", "B"])
