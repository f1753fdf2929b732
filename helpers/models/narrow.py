"""Convolutions of few feature maps, computed as if there were many.

A processor multiplies 16 numbers at once, and convolutions take these from as many feature maps. Of
the four maps that a narrow network begins with, or of the single map of genes at which gradients
end, most of the 16 are none. Here neighbouring places of a map are put beside each other as if they
were maps of their own: by filters that move on by as many places at a time, and are larger by zeros
where a neighbour's own filter lies. What is added up is the same, so that only rounding differs.
The four places of which pooling takes the largest then lie next to each other in memory.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

LANES = 16
"""Numbers of single precision that a processor multiplies at once."""

_POOLED = 2
"""Places of a row that are pooled."""


def convolve(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """Apply a convolution; the gradient of few maps is computed as if of many.

    Parameters
    ----------
    conv
        Of odd size, with padding that keeps the number of places.
    x
        Samples × maps × height × width.

    Returns
    -------
    torch.Tensor
        What ``conv(x)`` is.
    """
    if _watched(conv) or not _is_plain(x) or _side(conv.in_channels, x) == 1:
        found: Tensor = conv(x)
        return found
    found = _Convolve.apply(x, conv.weight, conv.bias)
    return found


def convolve_back(conv: nn.Conv2d, gradient: Tensor) -> Tensor:
    """Carry a gradient, or multipliers, from the output of a convolution to its input.

    Parameters
    ----------
    conv
        Of odd size, with padding that keeps the number of places.
    gradient
        Samples × maps that come out × height × width.

    Returns
    -------
    torch.Tensor
        Samples × maps that go in × height × width.
    """
    if not _is_plain(gradient) or _side(conv.in_channels, gradient) == 1:
        return functional.conv_transpose2d(gradient, conv.weight, padding=conv.kernel_size[0] // 2)
    return _gradient(conv.weight, _last(gradient))


def convolve_and_pool(conv: nn.Conv2d, pool: nn.MaxPool2d, x: Tensor) -> Tensor:
    """Apply a convolution, and take the largest of each 2 × 2 places.

    Parameters
    ----------
    conv
        Of odd size, with padding that keeps the number of places.
    pool
        Of 2 × 2 places.
    x
        Samples × maps × height × width, of even sizes.

    Returns
    -------
    torch.Tensor
        What ``pool(conv(x))`` is; of equal places the first has the gradient, as there. Where
        hooks look at one of the two layers, these are called one after the other.
    """
    if _watched(conv, pool):
        # DeepLIFT divides by differences of two inputs, of which rounding may be all there is.
        watched: Tensor = pool(conv(x))
        return watched
    if not _is_plain(x) or conv.out_channels * _POOLED**2 > LANES:
        found: Tensor = pool(convolve(conv, x))
        return found
    found = _ConvolveAndPool.apply(x, conv.weight, conv.bias)
    return found


def _watched(*layers: nn.Module) -> bool:
    """Tell whether someone wants to see what goes through a layer."""
    return any(
        layer._forward_hooks or layer._forward_pre_hooks or layer._backward_hooks
        or layer._backward_pre_hooks
        for layer in layers
    )  # fmt: skip


def _is_plain(x: Tensor) -> bool:
    """Tell whether numbers are of single or double precision, on a processor."""
    whole = x.dtype in {torch.float32, torch.float64}
    return x.device.type == "cpu" and whole and not torch.is_autocast_enabled("cpu")


def _side(channels: int, x: Tensor) -> int:
    """Return the side of the square of places that are put beside each other."""
    fitting = (side for side in (4, 2) if channels * side**2 <= LANES)
    return next((s for s in fitting if not x.shape[2] % s and not x.shape[3] % s), 1)


class _Convolve(torch.autograd.Function):
    """A convolution whose gradient has few maps."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        x, weight = _last(x), _last(weight)
        ctx.save_for_backward(x, weight)
        return functional.conv2d(x, weight, bias, padding=weight.shape[2] // 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        gradient = _last(gradient)
        found = _gradient(weight, gradient) if ctx.needs_input_grad[0] else None
        return found, *_of_filters(ctx, gradient, x, weight, 1)


class _ConvolveAndPool(torch.autograd.Function):
    """A convolution to few maps, and the largest of each 2 × 2 places."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        x, maps = _last(x), len(weight)
        filters = _last(_beside(weight, _POOLED))
        around = weight.shape[2] // 2
        every = _last(functional.conv2d(x, filters, bias.repeat(4), stride=2, padding=around))
        # Left and right places first, then upper and lower ones: both are halves of a row.
        left, right = _halves(_rows(every))
        of_rows = torch.maximum(left, right)
        upper, lower = _halves(of_rows)
        largest = torch.maximum(upper, lower)
        ctx.save_for_backward(x, weight, filters, every, of_rows)
        places = largest.view(len(x), *every.shape[2:], maps)
        # Few maps are normalised faster one after the other than beside each other.
        return places.permute(0, 3, 1, 2).contiguous()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, filters, every, of_rows = ctx.saved_tensors
        back = torch.empty_like(every)
        halved = torch.empty_like(of_rows)
        _to_larger(_rows(_last(gradient)), of_rows, halved)
        _to_larger(halved, _rows(every), _rows(back))
        found: Tensor | None = None
        if ctx.needs_input_grad[0]:
            side = _side(weight.shape[1], x)
            found = _gradient_of_places(back, weight, max(side, _POOLED))
        of_weight, of_bias = _of_filters(ctx, back, x, filters, _POOLED)
        if of_weight is not None:
            of_weight = _together(of_weight, weight)
        return found, of_weight, None if of_bias is None else of_bias.view(4, -1).sum(dim=0)


def _of_filters(
    ctx: Any, gradient: Tensor, x: Tensor, filters: Tensor, stride: int
) -> tuple[Tensor | None, Tensor | None]:
    """Return the gradients of filters and biases, where they are wanted."""
    wanted = [False, *ctx.needs_input_grad[1:]]
    if not any(wanted):
        return None, None
    around = (filters.shape[2] - stride + 1) // 2
    _, of_weight, of_bias = torch.ops.aten.convolution_backward(
        gradient, x, filters, [len(filters)], [stride] * 2, [around] * 2, [1, 1], False, [0, 0], 1,
        wanted,
    )  # fmt: skip
    return of_weight, of_bias


def _beside(weight: Tensor, side: int) -> Tensor:
    """Make a filter for each of side × side places: columns × rows × maps one after the other."""
    more = side - 1
    moved = [
        functional.pad(weight, (column, more - column, row, more - row))
        for column in range(side)
        for row in range(side)
    ]
    return torch.cat(moved)


def _together(gradient: Tensor, weight: Tensor) -> Tensor:
    """Add up what `_beside` made of one filter."""
    size, maps = weight.shape[2], len(weight)
    parts = gradient.split(maps)
    moved = [
        parts[_POOLED * column + row][:, :, row : row + size, column : column + size]
        for column in range(_POOLED)
        for row in range(_POOLED)
    ]
    return torch.stack(moved).sum(dim=0)


def _gradient(weight: Tensor, gradient: Tensor) -> Tensor:
    """Take the gradient of a convolution to its few maps."""
    side = _side(weight.shape[1], gradient)
    filters = _last(_turned(weight, side))
    around = weight.shape[2] // 2
    return _apart(functional.conv2d(gradient, filters, stride=side, padding=around), side)


def _turned(weight: Tensor, side: int) -> Tensor:
    """Make the filters of the gradient of side × side places."""
    return _beside(weight.flip(2, 3).transpose(0, 1), side)


def _gradient_of_places(back: Tensor, weight: Tensor, side: int) -> Tensor:
    """Take the gradient of the four places of each pooling to the input of the convolution."""
    filters, around = _turned(weight, side), weight.shape[2] // 2
    before = around % _POOLED
    after = (before + filters.shape[2]) % _POOLED
    filters = functional.pad(filters, (before, after, before, after))
    count, maps, size = len(filters), len(weight), filters.shape[2] // _POOLED
    # Rows and columns of a filter, of which each place of a pooling has every other.
    apart = filters.view(count, maps, size, _POOLED, size, _POOLED).permute(0, 5, 3, 1, 2, 4)
    beside = functional.conv2d(
        back,
        _last(apart.reshape(count, _POOLED**2 * maps, size, size)),
        stride=side // _POOLED,
        padding=(around + before) // _POOLED,
    )
    return _apart(beside, side)


def _apart(beside: Tensor, side: int) -> Tensor:
    """Put places that lie beside each other as maps back to where they are on the grid."""
    samples, _, height, width = beside.shape
    places = _last(beside).permute(0, 2, 3, 1).view(samples, height, width, side, side, -1)
    # Samples, maps, then row and column: of the square, and within it.
    return places.permute(0, 5, 1, 4, 2, 3).reshape(samples, -1, height * side, width * side)


def _to_larger(gradient: Tensor, values: Tensor, out: Tensor) -> None:
    """Give a gradient to the larger half of each row of values, of equal ones to the first."""
    (first, second), (to_first, to_second) = _halves(values), _halves(out)
    # Made in memory of its own, which takes a seventh of the time that writing to a half does.
    passed = torch.ops.aten.threshold_backward(gradient, second - first, 0)
    torch.sub(gradient, passed, out=to_first)
    to_second.copy_(passed)


def _halves(rows: Tensor) -> tuple[Tensor, Tensor]:
    half = rows.shape[1] // 2
    return rows[:, :half], rows[:, half:]


def _rows(maps: Tensor) -> Tensor:
    """View maps with channels last as places × maps."""
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def _last(maps: Tensor) -> Tensor:
    """Lay maps out with channels last, as convolutions are fastest; of one map that is a view."""
    if maps.shape[1] == 1:
        return maps.contiguous().view(len(maps), *maps.shape[2:], 1).permute(0, 3, 1, 2)
    return maps.contiguous(memory_format=torch.channels_last)
