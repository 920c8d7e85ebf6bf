"""One-to-one assignment of posts to tokens, best scores first, where the margin is clear."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.match.evidence import Pair

ACCEPT = 45.0
MARGIN = 8.0
CANDIDATES = 5

Open = dict[str, dict[str, Pair]]
"""Pairs that are still open, by one side and then the other."""


class Assigned(NamedTuple):
    """Per mint the pair that was accepted, or the pairs that may be it, best first."""

    matched: dict[str, Pair]
    ambiguous: dict[str, tuple[Pair, ...]]


def assign(pairs: Iterable[Pair]) -> Assigned:
    """Return which posts belong to which tokens, each at most once.

    Pairs under ``ACCEPT`` points are left out. A pair is accepted when nothing that could be had
    in its place comes within ``MARGIN`` points. The order of *pairs* does not matter.
    """
    ranked = sorted((pair for pair in pairs if pair.points >= ACCEPT), key=_rank)
    by_post, by_mint = _open(ranked)
    matched: dict[str, Pair] = {}
    for pair in ranked:
        post_id, mint = pair.post.id, pair.token.mint
        if mint in by_post.get(post_id, ()) and _margin(pair, by_post, by_mint) >= MARGIN:
            matched[mint] = pair
            _close(post_id, by_post, by_mint)
            _close(mint, by_mint, by_post)
    ambiguous = {
        mint: tuple(sorted(rest.values(), key=_rank)[:CANDIDATES])
        for mint, rest in by_mint.items()
        if rest
    }
    return Assigned(matched, ambiguous)


def _rank(pair: Pair) -> tuple[float, int, str, str]:
    return -pair.points, abs(pair.delay_ms), pair.token.mint, pair.post.id


def _open(pairs: Iterable[Pair]) -> tuple[Open, Open]:
    by_post: Open = defaultdict(dict)
    by_mint: Open = defaultdict(dict)
    for pair in pairs:
        by_post[pair.post.id][pair.token.mint] = pair
        by_mint[pair.token.mint][pair.post.id] = pair
    return by_post, by_mint


def _close(node: str, side: Open, other_side: Open) -> None:
    """Take *node* out, with all its pairs."""
    for other in side.pop(node, {}):
        other_side[other].pop(node, None)


def _margin(pair: Pair, by_post: Open, by_mint: Open) -> float:
    """Return what *pair* has over the best other use of its post or token.

    Giving the post to another token frees that token's own best post, and the reverse: a rival
    counts only for what it gains over what it could have anyway. So two launches of one ticker
    within a minute are told apart, and a true tie is not.
    """
    post_id, mint = pair.post.id, pair.token.mint
    rivals = (
        *_gains(by_post[post_id], by_mint, mint=mint, post_id=post_id),
        *_gains(by_mint[mint], by_post, mint=post_id, post_id=mint),
    )
    return pair.points - max(rivals, default=0.0)


def _gains(mine: dict[str, Pair], rivals: Open, *, mint: str, post_id: str) -> Iterator[float]:
    """Yield what is gained by pairing *post_id* with each other mint; the sides are symmetrical."""
    for rival, pair in mine.items():
        if rival != mint:
            yield pair.points - _best(rivals[rival], post_id) + _best(rivals[mint], post_id)


def _best(open_pairs: dict[str, Pair], without: str) -> float:
    return max((pair.points for other, pair in open_pairs.items() if other != without), default=0.0)
