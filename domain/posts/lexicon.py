"""Many patterns over one text, cheaply: only where a word begins, only those that may begin so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_START = re.compile(r"(?<!\w)\S")
_LOOK_BEHIND = re.compile(r"\(\?<[!=][^()]*\)")
_MAY_BE_MISSING = ("?", "*", "{")


class _Patterns(NamedTuple):
    """What may begin with a character: all in one, which says no to most words, and each."""

    any: re.Pattern[str]
    named: list[tuple[str, re.Pattern[str]]]


class Lexicon:
    """Patterns by name, each a list of alternatives for a text in lower case.

    They are kept by the character they begin with, where one can tell; of 30 patterns that leaves
    about five to try at a word.
    """

    def __init__(self, named: Mapping[str, Sequence[str]]) -> None:
        begins = {
            name: [(one, first_characters(one)) for one in alternatives]
            for name, alternatives in named.items()
        }
        known = {char for some in begins.values() for _, chars in some for char in chars or ()}
        self._by_first = {char: _patterns(begins, char) for char in known}
        self._others = _patterns(begins, "")

    def matches(self, lowered: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Yield name and match of everything that begins a word, in the order of places."""
        for start in _START.finditer(lowered):
            some = self._by_first.get(start[0], self._others)
            at = start.start()
            if some.any.match(lowered, at) is None:
                continue
            for name, pattern in some.named:
                match = pattern.match(lowered, at)
                if match:
                    yield name, match


def first_characters(pattern: str) -> frozenset[str] | None:
    """Return the characters that *pattern* can begin with, or None where it may be any."""
    while look := _LOOK_BEHIND.match(pattern):
        pattern = pattern[look.end() :]
    branches = _split(pattern)
    if len(branches) > 1:
        return _union(branches)
    if pattern.startswith("(?:"):
        inner, rest = _group(pattern)
        return None if rest.startswith(_MAY_BE_MISSING) else _union(_split(inner))
    if pattern[:1].isalnum() and not pattern[1:].startswith(_MAY_BE_MISSING):
        return frozenset(pattern[0])
    return None


def _patterns(
    begins: Mapping[str, Sequence[tuple[str, frozenset[str] | None]]], char: str
) -> _Patterns:
    """Return what may begin with *char*: one pattern a name, alternatives in their order."""
    fitting = {
        name: "|".join(one for one, chars in some if chars is None or char in chars)
        for name, some in begins.items()
    }
    patterns = {name: pattern for name, pattern in fitting.items() if pattern}
    return _Patterns(
        re.compile("|".join(patterns.values()) or r"(?!)"),
        [(name, re.compile(pattern)) for name, pattern in patterns.items()],
    )


def _union(branches: Sequence[str]) -> frozenset[str] | None:
    firsts = [first_characters(branch) for branch in branches]
    known = [chars for chars in firsts if chars is not None]
    return frozenset().union(*known) if len(known) == len(firsts) else None


def _group(pattern: str) -> tuple[str, str]:
    """Return what stands in the group that *pattern* begins with, and what follows it."""
    for at, depth in _depths(pattern):
        if depth == 0 and pattern[at] == ")":
            return pattern[3:at], pattern[at + 1 :]
    raise ValueError(f"The group is not closed: {pattern!r}.")


def _split(pattern: str) -> list[str]:
    """Return the branches of *pattern*: what stands between bars outside of all brackets."""
    bars = [at for at, depth in _depths(pattern) if depth == 0 and pattern[at] == "|"]
    return [pattern[a + 1 : b] for a, b in zip([-1, *bars], [*bars, len(pattern)], strict=True)]


def _depths(pattern: str) -> Iterator[tuple[int, int]]:
    """Yield each character's place with how many brackets are open after it; no escaped ones."""
    depth, escaped, in_set = 0, False, False
    for at, char in enumerate(pattern):
        if escaped or char == "\\":
            escaped = not escaped
            continue
        in_set = char == "[" or (in_set and char != "]")
        if not in_set:
            depth += (char == "(") - (char == ")")
        yield at, depth + in_set
