"""A recorded market's launches, posts and documents against its truth."""

import io
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import zstandard

from domain.decode import decode
from domain.posts.document import read_document
from domain.posts.read import read_post
from schemas.chain_events import Launch
from schemas.claim import Claim, LaunchClaim
from schemas.event import Op
from schemas.place import Place
from schemas.post import PostClaim
from tests.shared import MARKET as RECORDING
from tests.unit.match.claims import said

pytestmark = pytest.mark.skipif(
    not RECORDING.exists(), reason="the recorded market is not on this machine"
)


@cache
def claims() -> tuple[Claim, ...]:
    """Return the recording's launches, documents and posts."""
    documents = json.loads((RECORDING / "metadata.json").read_text())
    found: list[Claim] = []
    for claim in _launches():
        launch = claim.launch
        found += [
            claim,
            read_document(launch.mint, launch.uri, documents[launch.uri], fetched_at=claim.time),
        ]
    lines = (RECORDING / "posts.jsonl").read_bytes().splitlines()
    return (*found, *(PostClaim(post) for line in lines if (post := read_post(line))))


def _launches() -> Iterator[LaunchClaim]:
    with (RECORDING / "chain.jsonl.zst").open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        for line in text:
            if "Instruction: InitializeVirtualPool" in line:
                decoded = decode(line.encode())
                for one in decoded.events:
                    if isinstance(one.event, Launch):
                        place = Place(decoded.slot, 0, one.outer, one.inner, decoded.signature)
                        yield LaunchClaim(Op.APPLY, place, decoded.time, one.event)


def _truth() -> dict[str, Any]:
    return json.loads((RECORDING / "truth.json").read_text())["tokens"]


@pytest.mark.parametrize("seed", range(10))
def test_every_launch_has_its_post_and_no_other(seed: int) -> None:
    """18 launches are linked and 22 are not, in any order; delays follow from the two times."""
    written = {c.post.id: c.post.created_ms for c in claims() if isinstance(c, PostClaim)}
    expected = {
        mint: ("matched", token["post_id"], token["launch_time"] * 1000 - written[token["post_id"]])
        for mint, token in _truth().items()
        if token["post_id"]
    }
    shuffled = random.Random(seed).sample(claims(), len(claims()))
    links = said(shuffled, size=7)

    assert expected == {m: (link.status, link.post_id, link.delay_ms) for m, link in links.items()}


def test_the_score_finds_them_too() -> None:
    """Without what the documents say of posts, tickers, names and times find the same pairs."""
    bare = [claim for claim in claims() if isinstance(claim, LaunchClaim | PostClaim)]
    expected = {mint: token["post_id"] for mint, token in _truth().items() if token["post_id"]}

    assert expected == {mint: link.post_id for mint, link in said(bare).items()}
