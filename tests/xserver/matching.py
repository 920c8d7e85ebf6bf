"""Rules and searches: the operators that a launch tracker needs. Source: docs.x.com, operators."""

import re
from collections.abc import Mapping
from typing import Any

TOKEN = re.compile(r"\(|\)|[^\s()]+")
LENGTH_MAX = 1_024
OPERATORS = ("from:", "is:retweet", "is:nullcast", "@")


def matches(rule: str, post: Mapping[str, Any], username: str) -> bool:
    """Tell whether a rule matches a post by *username*.

    Raises:
        ValueError: it is not one.
    """
    tokens = TOKEN.findall(rule)
    if not tokens or len(rule) > LENGTH_MAX:
        raise ValueError("a rule has 1 to 1,024 characters")
    result, rest = _any(tokens, post, username)
    if rest:
        raise ValueError(f"what is {rest[0]!r} doing there")
    return result


def _any(tokens: list[str], post: Mapping[str, Any], username: str) -> tuple[bool, list[str]]:
    result, rest = _all(tokens, post, username)
    while rest and rest[0] == "OR":
        other, rest = _all(rest[1:], post, username)
        result = result or other
    return result, rest


def _all(tokens: list[str], post: Mapping[str, Any], username: str) -> tuple[bool, list[str]]:
    result, rest = _one(tokens, post, username)
    while rest and rest[0] not in {"OR", ")"}:
        other, rest = _one(rest, post, username)
        result = result and other
    return result, rest


def _one(tokens: list[str], post: Mapping[str, Any], username: str) -> tuple[bool, list[str]]:
    if not tokens or tokens[0] in {")", "OR"}:
        raise ValueError("something is missing")
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        result, rest = _any(rest, post, username)
        if not rest or rest[0] != ")":
            raise ValueError("a parenthesis is not closed")
        return result, rest[1:]
    if first.startswith("-"):
        return not _term(first[1:], post, username), rest
    return _term(first, post, username), rest


def _term(term: str, post: Mapping[str, Any], username: str) -> bool:
    text = str(post["text"]).lower()
    if term.startswith("from:"):
        return username.lower() == term.removeprefix("from:").lower()
    if term == "is:retweet":
        return text.startswith("rt @")
    if term == "is:nullcast":
        return False
    if ":" in term:
        raise ValueError(f"there is no operator {term!r}")
    return re.search(rf"(?<!\w){re.escape(term.lower())}(?!\w)", text) is not None
