"""How well posts and launches are joined over an invented day."""

import random
from typing import NamedTuple

import pytest

from domain.match.matcher import Matcher
from schemas.link import Link
from tests.simulation.matching_day import Day, Documents, day

CHUNK = 100


class Quality(NamedTuple):
    """Precision, recall, and how many tokens were left ambiguous."""

    precision: float
    recall: float
    ambiguous: int


def linked(made: Day) -> dict[str, Link]:
    """Return the links that the day's claims end in."""
    matcher = Matcher({}, raw_partitions=1, claims_epoch=0)
    links: dict[str, Link] = {}
    for first in range(0, len(made.claims), CHUNK):
        matched = matcher.match(list(enumerate(made.claims[first : first + CHUNK], first)))
        links.update((row.link.mint, row.link) for row in matched.links)
    return links


def quality(made: Day) -> Quality:
    """Return how well a day's posts were joined; tokens whose post was lost ask for no recall."""
    links = linked(made)
    matched = {mint: link.post_id for mint, link in links.items() if link.status == "matched"}
    right = sum(made.truth[mint] == post_id for mint, post_id in matched.items())
    wanted = {mint: post_id for mint, post_id in made.truth.items() if post_id in made.captured}
    found = sum(matched.get(mint) == post_id for mint, post_id in wanted.items())
    ambiguous = sum(link.status == "ambiguous" for link in links.values())
    return Quality(right / len(matched), found / len(wanted), ambiguous)


@pytest.mark.parametrize(
    ("documents", "precision", "recall"),
    [
        pytest.param(Documents(0.95, 0.95), 0.999, 0.995, id="A-post-ids-and-authors"),
        pytest.param(Documents(0.0, 0.6), 0.995, 0.98, id="B-authors-of-60-percent"),
        pytest.param(Documents(0.0, 0.0), 0.995, 0.98, id="C-neither"),
    ],
)
def test_the_bar(documents: Documents, precision: float, recall: float) -> None:
    """A day of some 4,300 posts and as many tokens, claims in a random order."""
    rng = random.Random(20_260_921)
    made = day(rng, posts=4_200, documents=documents)
    rng.shuffle(made.claims)
    reached = quality(made)
    print(documents, len(made.captured), len(made.truth), reached)  # noqa: T201 - The figures.

    assert reached.precision >= precision
    assert reached.recall >= recall
