"""Amounts of memory and time as a person says them."""

from __future__ import annotations

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def memory_text(amount: float) -> str:
    """Say how much memory `amount` bytes are, in powers of 1,000.

    Examples
    --------
    >>> memory_text(1_510_000_000)
    '1.5 GB'
    """
    place = 0
    while round(amount, 1) >= 1000 and place < len(_UNITS) - 1:
        amount, place = amount / 1000, place + 1
    digits = 0 if place == 0 or amount >= 100 else 1
    return f"{amount:.{digits}f} {_UNITS[place]}"


def time_text(seconds: float) -> str:
    """Say how long `seconds` are, in the largest unit of which there are two.

    Examples
    --------
    >>> time_text(5400)
    '90 minutes'
    """
    for length, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            amount = seconds / length
            return f"{amount:.0f} {name}" if amount >= 10 else f"{amount:.1f} {name}"
    return f"{seconds:.0f} seconds" if seconds >= 1 else "under a second"
