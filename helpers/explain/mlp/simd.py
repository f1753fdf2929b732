"""Adding up rows of numbers in a processor's registers, for compiled code.

Numba compiles loops over arrays well, but keeps a sum that it goes on adding to in memory, which
takes three times as long. `add_rows` is written in LLVM's terms in place of Python's: the sum
stays in registers until the last row has been added, and every multiplication and addition is one
instruction on as many numbers as a register has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.core.base import BaseContext
from numba.extending import intrinsic

# The widest registers that processors have; where they are narrower, LLVM takes more of them.
_REGISTER, _REGISTERS = 64, 4
# Bytes of a row. 128 rows fit into a core's innermost cache, and the sums of four registers
# take turns, so that none is waited for.
ROW = _REGISTER * _REGISTERS

compiled = njit(nogil=True, error_model="numpy")
"""Compiles for the types of a call, at the first in each process. Nothing is kept on disk."""


def numbers_in_row(dtype: npt.DTypeLike) -> int:
    """Tell how many numbers of a type a row has."""
    return ROW // np.dtype(dtype).itemsize


def _add_rows(
    typing: Any, out: Any, begin: Any, rows: Any, which: Any, factors: Any, start: Any, stop: Any
) -> Any:
    """Compile ``out = begin + Σᵢ factors[i] · rows[which[i]]``, i from start until before stop.

    Parameters
    ----------
    out
        Where the sum goes: a row.
    begin
        What it begins with, a row; `out` to go on adding.
    rows
        Rows, one after the other.
    which, factors
        Numbers of rows, 32 bits each, and what these are multiplied by.
    start, stop
        Whole numbers.
    """
    arrays = (out, begin, rows, which, factors)
    signature = types.void(*arrays, types.intp, types.intp)
    return signature, _write


add_rows: Any = intrinsic(_add_rows)
"""In compiled code: ``add_rows(out, begin, rows, which, factors, start, stop)``."""


def _write(context: BaseContext, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
    """Write the loop, from the blocks *head*, *body* and *end*."""
    out, begin, rows, which, factors = (
        context.make_array(kind)(context, builder, value=array).data
        for kind, array in zip(signature.args[:5], arguments[:5], strict=True)
    )
    start, stop = arguments[5:]
    move = _Registers(builder, context.get_value_type(signature.args[0].dtype), context)
    whole = ir.IntType(64)
    at_start = move.load(begin, whole(0))
    entry = builder.block
    head, body, end = (builder.append_basic_block(name) for name in ("head", "body", "end"))
    builder.branch(head)

    builder.position_at_end(head)
    i = builder.phi(whole)
    sums = [builder.phi(move.vector) for _ in range(_REGISTERS)]
    builder.cbranch(builder.icmp_signed("<", i, stop), body, end)

    builder.position_at_end(body)
    row = builder.zext(builder.load(builder.gep(which, [i])), whole)
    row = builder.mul(row, whole(move.lanes * _REGISTERS))
    factor = move.spread(builder.load(builder.gep(factors, [i])))
    # With "contract" a product and its addition become one instruction, rounded once.
    once = ("contract",)
    terms = [builder.fmul(factor, numbers, flags=once) for numbers in move.load(rows, row)]
    more = [builder.fadd(term, sum_, flags=once) for term, sum_ in zip(terms, sums, strict=True)]
    following = builder.add(i, whole(1))
    builder.branch(head)

    for phi, before, after in [(i, start, following), *zip(sums, at_start, more, strict=True)]:
        phi.add_incoming(before, entry)
        phi.add_incoming(after, body)
    builder.position_at_end(end)
    move.store(sums, out)
    return context.get_dummy_value()


class _Registers:
    """Moves rows between memory and registers."""

    def __init__(self, builder: ir.IRBuilder, element: ir.Type, context: BaseContext) -> None:
        self.builder = builder
        self.size = context.get_abi_sizeof(element)
        self.lanes = _REGISTER // self.size
        self.vector = ir.VectorType(element, self.lanes)

    def load(self, pointer: ir.Value, offset: ir.Value) -> list[ir.Value]:
        values = [self.builder.load(place) for place in self._places(pointer, offset)]
        for value in values:
            value.align = self.size
        return values

    def store(self, values: list[ir.Value], pointer: ir.Value) -> None:
        places = self._places(pointer, ir.IntType(64)(0))
        for value, place in zip(values, places, strict=True):
            self.builder.store(value, place).align = self.size

    def spread(self, value: ir.Value) -> ir.Value:
        """Put one number into all lanes."""
        nothing = ir.Constant(self.vector, ir.Undefined)
        first = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        one = self.builder.insert_element(nothing, value, ir.IntType(32)(0))
        return self.builder.shuffle_vector(one, nothing, first)

    def _places(self, pointer: ir.Value, offset: ir.Value) -> list[ir.Value]:
        offsets = (
            self.builder.add(offset, ir.IntType(64)(register * self.lanes))
            for register in range(_REGISTERS)
        )
        return [
            self.builder.bitcast(self.builder.gep(pointer, [each]), self.vector.as_pointer())
            for each in offsets
        ]
