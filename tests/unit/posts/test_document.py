"""Off-chain documents of tokens: untrusted, of any shape."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posts.document import read_document
from schemas.metadata import Metadata
from tests.shared import SHARED

REAL = SHARED / "recorded" / "believe_metadata"
MINT = "C2wH9jTV5m7QVGe2pBo4CzUWcZ4wFz326bHAHBfZ2sHt"


def read(document: Any) -> Metadata:
    """Return what is read of a document given as JSON."""
    return read_document(MINT, "https://x.test/1", json.dumps(document).encode(), fetched_at=7)


@pytest.mark.skipif(not REAL.exists(), reason="the recorded documents are not on this machine")
@pytest.mark.parametrize(
    ("file", "post_id", "author_id"),
    [
        (
            "GV74pg6zi1Hy19woBW9msKUqxxvw63A7SQ15tGj5wWJ4",
            "1922602768520314988",
            "1464993954978541573",
        ),
        ("DBBmyR6ePQLA6qLYBCcL2BsZBVKNCop3zTsfciUycbyy", "1922990007867899977", "275421448"),
    ],
)
def test_believes_old_shape(file: str, post_id: str, author_id: str) -> None:
    """The launchpad names the post, its conversation, author and text."""
    recorded = json.loads((REAL / f"{file}.json").read_text())
    document = read(recorded["ipfs_content"])

    assert (post_id, post_id, author_id, recorded["twitter_username"]) == (
        document.post_id,
        document.post_conversation_id,
        document.post_author_id,
        document.post_author,
    )
    assert recorded["ipfs_content"]["description"] == document.description
    assert None is document.error


@pytest.mark.parametrize(
    ("twitter", "address"),
    [
        ("@who", "https://x.com/who"),
        ("who", "https://x.com/who"),
        ("https://twitter.com/who", "https://twitter.com/who"),
        ("javascript:alert(1)", None),
        (7, None),
    ],
)
def test_new_shape(twitter: Any, address: str | None) -> None:
    """An account is given by handle or address at the top; it does not name the launching post."""
    document = read({"name": "N", "twitter": twitter, "website": "https://n.test"})

    assert (address, "https://n.test", None) == (document.x, document.website, document.post_id)


def test_texts_are_bounded_and_clean() -> None:
    """Texts keep their limits and carry no control characters; addresses lead to the web."""
    document = read(
        {"name": "n" * 5_000, "symbol": "s" * 5_000, "description": "a\x00\x1b[2J" + "d" * 50_000,
         "image": "data:text/html,x", "website": "https://" + "w" * 5_000, "telegram": "../x",
         "metadata": {"tweetId": 12345, "tweetCreatorUsername": "<b>"}}
    )  # fmt: skip

    assert (64, 32, 4_000) == tuple(
        len(text or "") for text in (document.name, document.symbol, document.description)
    )
    assert "a[2J" == (document.description or "")[:4]
    assert (None, None, None) == (document.image, document.website, document.telegram)
    assert ("12345", None) == (document.post_id, document.post_author)


@pytest.mark.parametrize("raw", [b"", b"[]", b"<html>", b'"x"', b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_object_says_so(raw: bytes) -> None:
    """Whatever is not a JSON object gives a record with an error and nothing else."""
    document = read_document(MINT, "u", raw, fetched_at=7)

    assert Metadata(MINT, "u", 7, error="not a JSON object") == document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = ("name", "symbol", "image", "twitter", "telegram", "website", "extensions", "metadata")


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_any_object_can_be_read(document: dict[str, Any]) -> None:
    """Members of any type are skipped, never fatal."""
    assert None is read(document).error
