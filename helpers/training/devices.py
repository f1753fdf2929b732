"""Where to train."""

from __future__ import annotations

import torch


def device() -> torch.device:
    """Return the GPU if PyTorch can use one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
