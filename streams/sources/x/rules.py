"""Launchers -> the rules of X's filtered stream, and what differs from those that are there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from domain.posts.launchers import Launcher

LENGTH_MAX = 1_024
OURS = ("launch:", "bot:")
"""How the tags of our rules begin; rules of others are left alone, though what they match costs."""


class Rule(NamedTuple):
    """A rule of the stream, and the tag by which it is ours."""

    value: str
    tag: str


class Known(NamedTuple):
    """A rule that X has."""

    id: str
    rule: Rule


class Change(NamedTuple):
    """What makes X's rules ours: rules to add, ids of rules to delete."""

    add: tuple[Rule, ...]
    delete: tuple[str, ...]


def rules_of(launchers: Iterable[Launcher]) -> tuple[Rule, ...]:
    """Return the rules that ask for what is said to *launchers* and by their bots."""
    found = []
    for launcher in launchers:
        said_to = " OR ".join(f"@{handle}" for handle in launcher.handles)
        said_by = " OR ".join(f"from:{bot}" for bot in launcher.bots)
        found.append(Rule(f"({said_to}) -is:retweet -is:nullcast", f"launch:{launcher.name}"))
        if said_by:
            found.append(Rule(said_by, f"bot:{launcher.name}"))
    return tuple(found)


def query_of(rules: Iterable[Rule]) -> str:
    """Return one search for what any of *rules* matches."""
    return " OR ".join(f"({rule.value})" for rule in rules)


def known_rules(answer: Mapping[str, Any]) -> list[Known]:
    """Return the rules that X answers with."""
    return [
        Known(str(one["id"]), Rule(one["value"], one.get("tag") or ""))
        for one in answer.get("data") or ()
    ]


def change(wanted: Iterable[Rule], known: Sequence[Known]) -> Change:
    """Return what has to be added and deleted; a rule that is there twice is deleted once."""
    missing, delete = list(wanted), list[str]()
    for one in known:
        if one.rule in missing:
            missing.remove(one.rule)
        elif one.rule.tag.startswith(OURS):
            delete.append(one.id)
    return Change(tuple(missing), tuple(delete))
