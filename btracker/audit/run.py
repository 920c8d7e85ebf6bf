"""A whole audit: the topics, then the store."""

from collections.abc import Callable

from btracker.audit.store import audit_store
from domain.audit.findings import Gathering, Report
from schemas.kafka import Kafka
from streams import epochs
from streams.audit.run import audit_topics
from streams.log import open_log
from streams.settings import StreamSettings
from views.open import open_existing

NO_STORE = "The store was not looked at; name it with --store."


async def run_audit(
    kafka: Kafka,
    store: str | None,
    *,
    settings: StreamSettings,
    wait_s: float,
    most: int,
    hear: Callable[[str, int], None],
) -> Report:
    """Return what is wrong, at most *most* findings of it; *hear* is told how far it is.

    Raises:
        UsageError: the Kafka has none of our topics, or there is no such store.
        BtrackerError: Kafka or the store does not answer.
    """
    found = Gathering(most)
    views = open_existing(store) if store else None
    try:
        async with open_log(kafka) as log:
            case = await audit_topics(
                log, await epochs.known(kafka), found, settings=settings, wait_s=wait_s, hear=hear
            )
            if views:
                await audit_store(case, views, wait_s=wait_s, hear=lambda left: hear("left", left))
    finally:
        if views:
            await views.close()
    return found.report(*([] if views else [NO_STORE]))
