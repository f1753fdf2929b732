"""Small things that the command line says, in this process."""

from __future__ import annotations

import io
import json
import sys
from importlib import metadata

import pandas as pd
import pytest
from rich.console import Console

from helpers import cli
from helpers.claims.ledger import claims
from helpers.commands import claims as claims_command
from helpers.publish.progress import WHOLE, Bars
from helpers.publish.run import as_a_whole
from helpers.publish.verdicts import totals


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["helpers", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_the_version_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"helpers {metadata.version('helpers')}\n"


def test_a_stopped_command_says_how_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "opened", stopped)
    assert ended(monkeypatch, "status") == 130
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "Stopped; the same command goes on."
    assert "Traceback" not in said.err


LEDGER = pd.DataFrame(
    [
        {"id": name, "protocol": protocol, "verdict": "partly" if name == "T1" else "not_run"}
        for protocol in ("text", "strict")
        for name in claims()
    ]
)


def test_totals_count_verdicts_under_each_protocol() -> None:
    first, second = totals(LEDGER)
    assert first == f"text: 1 partly reproduced, {len(claims()) - 1} not run"
    assert second.startswith("strict: ")


def test_the_ledger_is_json_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ledger(*_: object) -> pd.DataFrame:
        sys.stdout.write("said beside it\n")
        return LEDGER.assign(verdict="partly", observed=float("nan"))

    monkeypatch.setattr(claims_command, "_ledger_of", ledger)
    monkeypatch.setattr(sys, "argv", ["helpers", "claims", "planted", "reference", "--json"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert list(found) == ["planted", "reference"]
    assert len(found["planted"]) == len(LEDGER)
    assert found["planted"][0]["observed"] is None
    assert "said beside it" in said.err


def test_one_bar_counts_all_work_and_finished_ones_fold_away() -> None:
    shown: list[tuple[str, int, int]] = []
    progress = as_a_whole(lambda *told: shown.append(told), 5)
    for told in (("a", 0, 2), ("a", 1, 2), ("b", 0, 3), ("a", 2, 2), ("b", 3, 3)):
        progress(*told)
    assert [done for title, done, _ in shown if title == WHOLE] == [0, 0, 1, 1, 2, 5]
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Bars(terminal) as bars:
        for told in shown[:-2]:
            bars(*told)
        visible = {task.description for task in bars._progress.tasks if task.visible}
    assert visible == {WHOLE, "b"}
