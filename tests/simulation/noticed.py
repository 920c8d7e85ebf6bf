"""Which seed noticed each seeded bug last, so that it is asked first the next time.

It only saves time: a seed does other things once the code it runs is another, and then all the
others are asked.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE = Path(__file__).with_name("noticed.json")


def seeds_for(sentence: str, most: int) -> Iterator[int]:
    """Yield the seed that noticed a bug last, if one did, then all from 0 to *most*."""
    known = read().get(sentence)
    if known is not None:
        yield known
    yield from range(most)


def read() -> dict[str, int]:
    """Return the seeds by sentence."""
    kept: dict[str, int] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return kept


def write(found: Mapping[str, int]) -> None:
    """Keep these seeds, in the order of their sentences."""
    FILE.write_text(json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False) + "\n")
