"""A token's off-chain document -> what we read of it. All of it is untrusted text."""

import json
import re
from collections.abc import Mapping
from typing import Any

from domain.posts.read import is_post_id
from schemas.fields import ChainTime, Mint
from schemas.metadata import Metadata

NAME_LENGTH = 64
SYMBOL_LENGTH = 32
TEXT_LENGTH = 4_000
URL_LENGTH = 512

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WEB = re.compile(r"https?://[^\s<>\"]+\Z", re.IGNORECASE)
_IMAGE = re.compile(r"(?:https?|ipfs|ar)://[^\s<>\"]+\Z", re.IGNORECASE)
_HANDLE = re.compile(r"@?(\w{1,32})\Z", re.ASCII)
_NOTHING: Mapping[str, Any] = {}


def read_document(
    mint: Mint, uri: str, raw: bytes | Mapping[str, Any], *, fetched_at: ChainTime
) -> Metadata:
    """Return what *raw* says of the token, bounded in length; ``error`` where it is no document.

    Reads Believe's old shape (a member ``metadata`` about the post), its new one (``twitter`` at
    the top) and the common ones (``extensions``, ``external_url``).
    """
    document = _decoded(raw) if isinstance(raw, bytes) else raw
    if document is None:
        return no_document(mint, uri, "not a JSON object", fetched_at=fetched_at)
    more = _object(document, "extensions")
    post = _object(document, "metadata")
    return Metadata(
        mint=mint,
        uri=uri[:URL_LENGTH],
        fetched_at=fetched_at,
        name=_text(document, "name", limit=NAME_LENGTH),
        symbol=_text(document, "symbol", limit=SYMBOL_LENGTH),
        description=_text(document, "description", limit=TEXT_LENGTH),
        image=_url(_IMAGE, document.get("image")),
        website=_website(document, more),
        x=_profile("https://x.com/", document, more, names=("twitter", "x")),
        telegram=_profile("https://t.me/", document, more, names=("telegram",)),
        post_id=_id(post.get("tweetId")),
        post_conversation_id=_id(post.get("twitterConversationId")),
        post_author_id=_id(post.get("tweetCreatorUserId")),
        post_author=_handle(post.get("tweetCreatorUsername")),
    )


def no_document(mint: Mint, uri: str, error: str, *, fetched_at: ChainTime) -> Metadata:
    """Return the record that says why a token has no document."""
    return Metadata(mint=mint, uri=uri[:URL_LENGTH], fetched_at=fetched_at, error=error)


def _decoded(raw: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else _NOTHING


def _text(document: Mapping[str, Any], name: str, *, limit: int) -> str | None:
    value = document.get(name)
    return _clean(value)[:limit].rstrip() or None if isinstance(value, str) else None


def _clean(text: str) -> str:
    """Return *text* without control characters and broken surrogates."""
    return _CONTROL.sub("", text.encode(errors="replace").decode()).strip()


def _id(value: Any) -> str | None:
    text = str(value) if isinstance(value, int | str) else ""
    return text if is_post_id(text) else None


def _handle(value: Any) -> str | None:
    match = _HANDLE.match(value.strip()) if isinstance(value, str) else None
    return match[1] if match else None


def _url(shape: re.Pattern[str], value: Any) -> str | None:
    text = _clean(value) if isinstance(value, str) else ""
    return text if len(text) <= URL_LENGTH and shape.match(text) else None


def _website(document: Mapping[str, Any], more: Mapping[str, Any]) -> str | None:
    found = (document.get("website"), more.get("website"), document.get("external_url"))
    return next((url for value in found if (url := _url(_WEB, value))), None)


def _profile(
    base: str, document: Mapping[str, Any], more: Mapping[str, Any], *, names: tuple[str, ...]
) -> str | None:
    """Return the address of an account that is given by URL or by handle."""
    for value in (source.get(name) for source in (document, more) for name in names):
        handle = _handle(value)
        url = base + handle if handle else _url(_WEB, value)
        if url:
            return url
    return None
