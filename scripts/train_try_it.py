"""Train the networks of the page *Try it* and write them as the script that the page reads.

Takes under a minute: ``python scripts/train_try_it.py``. The same seed gives the same file on the
same machine; a test trains some of them again.
"""

from __future__ import annotations

from pinned import asked_output

from helpers.datasets.tissues import load_tissues
from helpers.teaching.try_it import FILE, packed, page_data, sides_of_samples, train_networks


def main() -> None:
    """Write the script."""
    target = asked_output(__doc__, f"book/_static/{FILE}")
    data = load_tissues()
    sides = sides_of_samples(data)
    text = packed(page_data(data, sides, train_networks(data, sides)))
    target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
