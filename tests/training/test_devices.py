"""Training goes to the GPU where there is one."""

from __future__ import annotations

import pytest
import torch

from helpers.training import device


@pytest.mark.parametrize(("available", "kind"), [(True, "cuda"), (False, "cpu")])
def test_device(available: bool, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert device().type == kind
