"""The page *Try it* as a reader uses it, and its scores beside those of the package's engine."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Page, in_browser

from helpers.datasets.tissues import load_tissues
from helpers.explain.mlp.engine import explain_exact
from helpers.models import MLP
from helpers.stability.overlap import overlap_matrix
from helpers.stability.ranks import spearman_matrix
from helpers.teaching import try_it
from helpers.teaching.try_it import PageData
from helpers.workspace.store import project_root

BOOK = project_root() / "book"
QUICK = 200
"""Milliseconds that a step may take."""

EXPLAINERS = {
    "Saliency": False, "InputXGradient": False, "GuidedBackprop": False,
    "IntegratedGradients": True, "DeepLift": True, "DeepLiftShap": True,
}  # fmt: skip
"""Whether it compares with references."""

CASES: list[dict[str, Any]] = [
    {"sample": (40 * number + 3) % 189, "explainer": name, "kind": kind, "models": 2,
     "masks": masks, "references": 3, "draw": 1, "top": 20}
    for number, (name, (kind, masks)) in enumerate(
        itertools.product(EXPLAINERS, [("universal", 2), ("zero", 0)])
    )
]  # fmt: skip

EXPLAINED = """(() => {
  const data = tryIt.read(%s);
  return JSON.stringify(%s.map((asked) => {
    const found = tryIt.explain(data, asked);
    return {
      each: found.each.map((one) => [...one]), shared: found.shared, spearman: found.spearman,
      sum: found.sum, change: found.change, chances: [...found.probabilities],
      masks: found.each.map((_, number) => tryIt.estimatesOf(data, number, asked).flatMap(
        ({ masks, factor }) => masks.map((mask) => [...mask].map((kept) => kept * factor)))),
    };
  }));
})()"""


def page_of(folder: Path, exact: str) -> Path:
    """Write what stands on the page, beside networks that are not rounded."""
    markdown = (BOOK / "try_it.md").read_text(encoding="utf-8")
    block = re.search(r"```{raw} html\n(.+?)\n```", markdown, re.DOTALL)
    assert block is not None
    body = block[1].replace("_static/", f"{(BOOK / '_static').as_uri()}/")
    other = exact.replace("window.tryItNetworks", "window.exactNetworks", 1)
    (folder / "exact.js").write_text(other, encoding="utf-8")
    page = folder / "page.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title>'
        f'<body class="bd-article">{body}<script defer src="exact.js"></script></body></html>',
        encoding="utf-8",
    )
    return page


def by_the_package(
    models: list[MLP], data: PageData, case: dict[str, Any], masks: list[Any]
) -> np.ndarray:
    """Explain as the page was asked to, with the page's masks; models × genes."""
    sample, each = case["sample"], max(case["masks"], 1)
    pools = data.references[: case["references"]] if case["kind"] == "universal" else None
    if pools is None:
        pools = np.zeros((1, len(data.genes)))
    more: dict[str, Any] = (
        {"references": np.repeat(pools, each, axis=0)} if EXPLAINERS[case["explainer"]] else {}
    )
    return explain_exact(
        models, data.expression[[sample]], [data.classes.index(data.samples["tissue"][sample])],
        explainer=case["explainer"], seed=0, precision="float64", integration_rule="exact",
        masks=np.array(masks)[:, None, :, None], repeats=1 if more else each, **more,
    )[:, 0, 0]  # fmt: skip


def compare(found: list[Any], models: list[MLP], data: PageData, near: float) -> None:
    for case, given in zip(CASES, found, strict=True):
        wanted = by_the_package(models, data, case, given["masks"])
        apart = np.abs(np.array(given["each"]) - wanted).max(axis=1) / np.abs(wanted).max(axis=1)
        assert apart.max() < near, (case, apart)
        # Rounding may exchange the genes at the end of a list.
        shared = round(20 * overlap_matrix(wanted, 20)[0, 1])
        assert abs(given["shared"] - shared) <= (near > 1e-4)
        assert given["spearman"] == pytest.approx(spearman_matrix(wanted)[0, 1], abs=10 * near)
        assert given["sum"] == pytest.approx(wanted.mean(axis=0).sum(), abs=10 * near)
        if EXPLAINERS[case["explainer"]]:
            assert given["sum"] == pytest.approx(given["change"], abs=1e-9)
        assert sum(given["chances"]) == pytest.approx(1)


@pytest.mark.slow
def test_the_page_gives_the_scores_of_the_package(tmp_path: Path, two_networks: list[MLP]) -> None:
    microarrays = load_tissues()
    whole = try_it.page_data(microarrays, try_it.sides_of_samples(microarrays), two_networks)
    rounded = try_it.read_networks(BOOK / "_static" / try_it.FILE)
    held = [network.model(rounded.dropout) for network in rounded.networks[:2]]
    exact = try_it.packed(whole, exact=True)

    async def visit(page: Page) -> None:
        cases = json.dumps(CASES)
        found = json.loads(await page.find(EXPLAINED % ("tryItNetworks", cases)))
        compare(found, held, rounded, 1e-9)
        compare(found, two_networks, whole, 1e-3)
        exactly = json.loads(await page.find(EXPLAINED % ("exactNetworks", cases)))
        compare(exactly, two_networks, whole, 1e-5)

    in_browser(page_of(tmp_path, exact), visit, tmp_path)


CELL = "document.querySelector('[data-cell={}]').textContent"


async def go_to(page: Page, name: str) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(12):
        if await page.find("document.activeElement.name") == name:
            return
        await page.press("Tab")
    pytest.fail(f"no key leads to {name}")


async def choose(page: Page, name: str, value: str) -> None:
    await page.find(
        f"(() => {{ const chosen = document.querySelector('[name={name}]');"
        f"chosen.value = '{value}'; for (const kind of ['input', 'change'])"
        "chosen.dispatchEvent(new Event(kind, { bubbles: true })); })()"
    )


@pytest.mark.slow
def test_everything_changes_at_once_by_keyboard_and_on_a_phone(tmp_path: Path) -> None:
    async def visit(page: Page) -> None:
        assert await page.find(CELL.format("named")) == "liver"
        rows = "document.querySelectorAll('[data-cell=genes] tr').length"
        assert await page.find(rows) == 20
        first = await page.find(CELL.format("shared"))
        assert re.fullmatch(r"\d+ of 20", first)
        await go_to(page, "models")
        await page.press("ArrowRight")
        assert await page.find(CELL.format("models")) == "4"
        assert await page.find(CELL.format("sharedBefore")) == f"before: {first}"
        await page.press("End")
        assert await page.find(CELL.format("models")) == str(try_it.MODELS)
        for name in ("masks", "references"):
            await go_to(page, name)
            await page.press("End")
            assert await page.find(CELL.format(name)) == "20"
        # The dearest step of all: each key asks for one reference less or more.
        took = []
        for key in ["ArrowLeft", "ArrowRight"] * 4:
            await page.press(key)
            took.append(
                float(await page.find("document.querySelector('.try-it').dataset.milliseconds"))
            )
        print("milliseconds a step:", *(f"{each:.0f}" for each in took))  # noqa: T201
        assert min(took) < QUICK
        for _ in range(50):
            said = await page.find(CELL.format("status"))
            if f"{try_it.MODELS} networks" in said:
                break
            await asyncio.sleep(0.1)
        assert re.search(
            r"^liver \d+, DeepLift, 14 networks: first \S+, \S+, \S+\. The halves", said
        )
        role = "document.querySelector('[data-cell=status]').getAttribute('role')"
        assert await page.find(role) == "status"
        await choose(page, "explainer", "InputXGradient")
        assert await page.find("document.querySelector('[name=references]').disabled") is True
        assert "nothing was promised" in await page.find(CELL.format("change"))
        await choose(page, "tissue", "placenta")
        assert await page.find(CELL.format("named")) == "placenta"
        assert await page.find(CELL.format("sharedBefore")) == ""
        await page.send(
            "Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=2,
            mobile=True,
        )  # fmt: skip
        wide = (
            "document.querySelector('.try-it').scrollWidth <= document.documentElement.clientWidth"
        )
        assert await page.find(wide) is True
        await go_to(page, "again")
        await page.press("Enter")
        assert await page.find(CELL.format("models")) == "2"
        assert await page.find(CELL.format("shared")) == first

    in_browser(page_of(tmp_path, "window.tryItNetworks = {};\n"), visit, tmp_path)
