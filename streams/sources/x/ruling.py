"""The rules of the stream, kept in step with the configuration."""

import logging
from typing import Any

from tweepy import StreamRule

from streams.sources.x.backoff import Cause, EndedError
from streams.sources.x.client import XStream
from streams.sources.x.rules import Rule, change, known_rules

log = logging.getLogger(__name__)


async def keep_rules(stream: XStream, wanted: tuple[Rule, ...]) -> None:
    """Make the stream's rules the *wanted* ones; rules without a tag of ours stay.

    Raises:
        EndedError: X does not answer, or refuses a rule.
    """
    answer = await stream.get_rules()
    add, delete = change(wanted, known_rules(answer))
    # First what is new: nothing is missed, and what matches both comes once.
    if add:
        _check(await stream.add_rules([StreamRule(value=r.value, tag=r.tag) for r in add]))
    if delete:
        _check(await stream.delete_rules(list(delete)))
    if add or delete:
        log.info("Rules of X's stream: %d added, %d deleted.", len(add), len(delete))


def _check(answer: Any) -> None:
    errors = answer.get("errors") or ()
    refused = [one for one in errors if "Duplicate" not in str(one.get("title"))]
    if refused:
        what = "; ".join(str(one.get("title") or one.get("detail")) for one in refused)[:300]
        raise EndedError(Cause.PROTOCOL, f"X refuses a rule ({what})")
