"""What the book's page on public names is made of, besides its own text."""

from __future__ import annotations

import inspect

import helpers


def descriptions() -> dict[str, str]:
    """Return docstring and signature of every public name and, of a class, of its methods."""
    public = {name: getattr(helpers, name) for name in helpers.__all__}
    for name, found in list(public.items()):
        if inspect.isclass(found):
            own = {key: of for key, of in vars(found).items() if inspect.isfunction(of)}
            public |= {f"{name}.{key}": of for key, of in own.items() if not key.startswith("_")}
    return {
        name: f"{inspect.signature(found)}\n{inspect.getdoc(found)}"
        for name, found in public.items()
    }
