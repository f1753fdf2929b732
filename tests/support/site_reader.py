"""A rendered book as a browser sees it: what it complains of, and links that lead nowhere."""

from __future__ import annotations

import asyncio
import functools
import http.server
import importlib.util
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from browser import Page

WIDE, NARROW = 1280, 390
"""Pixels of a desk and of a phone."""

MADE_ELSEWHERE = {"genindex.html", "search.html", "py-modindex.html"}
"""Pages that Sphinx makes alone."""


def axe() -> str | None:
    """Return the script that looks for what readers cannot see or reach; None: not installed."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or not found.submodule_search_locations:
        return None
    return (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


def pages(site: Path) -> list[Path]:
    """Return the pages of a book, that at its bare address included."""
    found = (path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts)
    return [path for path in found if path.name not in MADE_ELSEWHERE]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.anchors |= {known["id"] or ""} if "id" in known else set()
        link = known.get("href" if tag in ("a", "link") else "src")
        if link and tag != "base":
            self.links.append(link)


def broken_links(site: Path) -> list[str]:
    """Return the links within a book that lead nowhere, each with the page that it is on."""
    read: dict[Path, _Links] = {}
    for page in pages(site):
        read[page] = _Links()
        read[page].feed(page.read_text(encoding="utf-8"))
    broken = []
    for page, found in read.items():
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            missing = not target.exists()
            if target in read and unquote(parts.fragment) not in read[target].anchors:
                missing = True
            if missing:
                broken.append(f"{page.relative_to(site)}: {link}")
    return broken


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a book on this machine; yield its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def reading(
    address: str,
    names: Sequence[str],
    widths: Sequence[int],
    schemes: Sequence[str],
    found: list[str],
) -> Callable[[Page], Awaitable[None]]:
    """Return how a browser reads pages: each at every width and in every colour scheme.

    Parameters
    ----------
    address
        Where the book is served.
    names
        Paths of the pages.
    widths
        In pixels.
    schemes
        ``"light"``, ``"dark"``.
    found
        What is complained of is appended here: errors on the console, files that are not there,
        pages wider than the screen, and what axe finds in our part of the page.
    """
    script = axe()

    async def read(page: Page) -> None:
        for domain in ("Runtime", "Log", "Network", "Page"):
            await page.send(f"{domain}.enable")
        for width in widths:
            await page.send(
                "Emulation.setDeviceMetricsOverride",
                width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
            )  # fmt: skip
            for scheme in schemes:
                media = [{"name": "prefers-color-scheme", "value": scheme}]
                await page.send("Emulation.setEmulatedMedia", features=media)
                for name in names:
                    where = f"{name} ({width} px, {scheme})"
                    found.extend(f"{where}: {each}" for each in await _read(page, address, name))
                    if script:
                        said = await _axe(page, script)
                        found.extend(f"{where}: {each}" for each in said)

    return read


async def _read(page: Page, address: str, name: str) -> list[str]:
    page.events.clear()
    url = f"{address}/{name}"
    await page.send("Page.navigate", url=url)
    for _ in range(200):
        state = await page.find("[location.href, document.readyState].join(' ')")
        if state == f"{url} complete":
            break
        await asyncio.sleep(0.05)
    wide = await page.find(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    said = [text for event in page.events if (text := _complaint(event))]
    return [*said, *([f"{wide} pixels wider than the screen"] if wide > 1 else [])]


def _complaint(event: dict[str, Any]) -> str:
    given = event["params"]
    if event["method"] == "Runtime.exceptionThrown":
        details = given["exceptionDetails"]
        return str(details.get("exception", {}).get("description", details["text"]))
    if event["method"] == "Log.entryAdded" and given["entry"]["level"] == "error":
        return f"{given['entry']['text']} {given['entry'].get('url', '')}"
    if event["method"] == "Network.responseReceived" and given["response"]["status"] >= 400:
        return f"{given['response']['status']} {given['response']['url']}"
    return ""


async def _axe(page: Page, script: str) -> list[str]:
    await page.find(f"{script}; 1")
    look = (
        "axe.run('article', {runOnly: ['wcag2a', 'wcag2aa']}).then((found) => found.violations"
        ".flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`)))"
    )
    answer = await page.send(
        "Runtime.evaluate", expression=look, awaitPromise=True, returnByValue=True
    )
    return list(answer["result"]["value"])
