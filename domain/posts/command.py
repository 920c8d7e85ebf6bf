"""A post's launch command: addressee, ticker, name, and how sure its form is."""

from collections.abc import Iterator
from itertools import islice

from domain.posts.asking import ANYWHERE, BEFORE, DIRECT, SHORT
from domain.posts.forms import CONFIDENCE, Asked, Form, read_form
from domain.posts.hedges import is_hedged
from domain.posts.launchers import ADDRESS, ADDRESSEES
from schemas.post import Command

HEDGED = 0.4
"""What remains of the confidence of a command that is quoted, asked, taught or refused."""

LIKELY = 0.45
"""A command from this confidence on counts as one; the chain confirms or refutes the others."""

MENTIONS = 8
REACH = 600
"""How many mentions are read, and how many characters after each: posts reach 25,000."""
BEHIND = 120
"""How many characters before a mention are read, where nothing follows it."""


def read_command(text: str) -> Command | None:
    """Return the best command in a normalised *text*, or None; of equal ones the first.

    A retweet gives no command. ``ticker`` is upper case.
    """
    if text.startswith("RT @"):
        return None
    return max(_commands(text), key=lambda found: found.confidence, default=None)


def _commands(text: str) -> Iterator[Command]:
    for mention in islice(ADDRESS.finditer(text), MENTIONS):
        handle = mention[1].lower()
        launcher = ADDRESSEES[handle]
        asked = _asked(
            text,
            before=text[max(0, mention.start() - BEHIND) : mention.start()],
            after=text[mention.end() : mention.end() + REACH],
        )
        if asked is None or asked.tier not in launcher.tiers or _names_a_handle(asked):
            continue
        hedged = is_hedged(
            text,
            start=mention.start(),
            end=mention.end(),
            ticker=asked.ticker,
            name=asked.name,
            at=asked.at,
        )
        yield Command(
            addressee=handle,
            launcher=launcher.name,
            ticker=asked.ticker,
            name=asked.name,
            tier=asked.tier,
            confidence=CONFIDENCE[asked.tier] * (HEDGED if hedged else 1),
        )


def _asked(text: str, *, before: str, after: str) -> Asked | None:
    """Return the first form that fits, best first; the handle is between *before* and *after*."""
    return (
        _first(DIRECT, after)
        or _first(ANYWHERE, text)
        or (None if after.strip() else _first(BEFORE, before))
        or _first(SHORT, after)
    )


def _names_a_handle(asked: Asked) -> bool:
    return asked.name is None and (asked.ticker or "").lower() in ADDRESSEES


def _first(forms: tuple[Form, ...], text: str) -> Asked | None:
    return next((asked for form in forms if (asked := read_form(form, text))), None)
