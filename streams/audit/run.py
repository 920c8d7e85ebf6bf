"""An audit of the topics, from raw input to what is public."""

from collections.abc import Callable, Mapping

from domain.audit.findings import Gathering
from streams.audit.case import Case
from streams.audit.claims import audit_match, read_claims
from streams.audit.cut import silent, take_cut
from streams.audit.decoders import audit_decoders
from streams.audit.events import audit_events, bounds_of
from streams.audit.letters import letters_by_place
from streams.audit.readers import audit_readers
from streams.log import Log
from streams.settings import StreamSettings
from streams.standing import Standing


async def audit_topics(
    log: Log,
    epochs: Mapping[str, int],
    found: Gathering,
    *,
    settings: StreamSettings,
    wait_s: float,
    hear: Callable[[str, int], None],
) -> Case:
    """Recount every stage and compare; what is wrong goes to *found*.

    *hear* is told how many records are ``left`` for stages to take (they are waited for *wait_s*
    seconds), how many there are to be read in ``all``, and how many of them were ``read``.
    """
    standing = Standing(log, epochs)
    cut = await take_cut(log, standing, wait_s=wait_s, hear=lambda left: hear("left", left))
    letters = await letters_by_place(log)
    case = Case(
        log, standing, cut, epochs, letters, found, settings, lambda count: hear("read", count)
    )
    hear("all", sum(part.kept.end - part.kept.start for part in cut.values()))
    for finding in silent(cut):
        found.add(finding)
    bounds = await bounds_of(case)
    events = await audit_events(case, bounds)
    claims = await read_claims(case)
    await audit_readers(case, claims)
    await audit_decoders(case, bounds, events, claims)
    await audit_match(case, events.facts, claims.match)
    return case
