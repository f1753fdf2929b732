"""A headless browser that is driven as a person drives one: with real keys."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.websocket import WebSocketClientConnection, websocket_connect

KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39, "ArrowLeft": 37, "End": 35, "n": 78}
TEXTS = {"Enter": "\r", " ": " ", "n": "n"}


class Page:
    """A page that is open in the browser."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        """What the browser has told by itself, since someone emptied the list."""

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        text = json.dumps({"id": number, "method": method, "params": parameters})
        await self._connection.write_message(text)
        while True:
            answer = json.loads(str(await self._connection.read_message()))
            if "method" in answer:
                self.events.append(answer)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    async def press(self, key: str) -> None:
        known = {"key": key, "windowsVirtualKeyCode": KEYS[key], "code": key}
        if key in TEXTS:
            known["text"] = TEXTS[key]
        await self.send("Input.dispatchKeyEvent", type="keyDown", **known)
        known.pop("text", None)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **known)

    async def find(self, expression: str) -> Any:
        """Return the value of a script's expression."""
        found = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")


def in_browser(page: Path, visit: Callable[[Page], Awaitable[None]], folder: Path) -> None:
    """Open a page in a headless browser and visit it; skipped where none is installed."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no headless browser is installed")
    profile = folder / "profile"
    process = subprocess.Popen(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync",
         "--disable-background-networking", f"--user-data-dir={profile}",
         "--remote-debugging-port=0", page.as_uri()],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asyncio.run(_visit(_address(profile / "DevToolsActivePort"), page.as_uri(), visit))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(written: Path) -> str:
    for _ in range(300):
        try:
            port = written.read_text().splitlines()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                pages = [each for each in json.load(answer) if each["type"] == "page"]
            return str(pages[0]["webSocketDebuggerUrl"])
        except (OSError, IndexError, ValueError):
            time.sleep(0.1)
    pytest.fail("the browser did not start")


async def _visit(address: str, wanted: str, visit: Callable[[Page], Awaitable[None]]) -> None:
    page = Page(await websocket_connect(address, max_message_size=50_000_000))
    # A browser that has only begun shows an empty page, which is complete as well.
    for _ in range(300):
        if await page.find("location.href + document.readyState") == f"{wanted}complete":
            break
        await asyncio.sleep(0.1)
    await visit(page)
