from __future__ import annotations

import pickle

from helpers.errors import UnknownNameError


def test_an_unknown_name_reaches_another_process_as_it_is() -> None:
    error = UnknownNameError("profile", "quikc", ["smoke", "quick"])
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, UnknownNameError)
    assert str(again) == str(error)
