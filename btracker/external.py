"""The servers that ``btracker up`` is given instead of the embedded ones."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from btracker.deployment import UpOptions
from btracker.embedded import ANSWER_S, kafka_answers
from btracker.kafka_access import is_entered
from btracker.urls import masked
from domain.errors import StoreError, UsageError
from views.open import KINDS, is_shared, open_views


async def check_external(options: UpOptions) -> None:
    """Make sure that every server that was named is there.

    Raises:
        UsageError: one is not, or its address is none.
        StoreError: the store cannot be opened.
    """
    kafka = options.kafka
    if kafka and not (await is_entered(kafka) and await kafka_answers(kafka)):
        raise UsageError(f"No Kafka answers at {kafka}; start it, or leave --kafka out.")
    if options.store:
        await _check_store(options.store)
    if options.redis and not await redis_answers_at(options.redis):
        raise UsageError(
            f"No Redis answers at {masked(options.redis)}, or it takes another password; start it, "
            "or leave --redis out."
        )


async def redis_answers_at(url: str) -> bool:
    """Return whether a Redis answers at *url* to whom it names.

    Raises:
        UsageError: it is no such url.
    """
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise UsageError(
            f"{masked(url)} is no address of a Redis; give redis://HOST:PORT/0."
        ) from error
    try:
        async with client:
            await client.ping()
    except (RedisError, OSError):
        return False
    return True


async def _check_store(url: str) -> None:
    if not is_shared(url):
        raise UsageError(f"Processes cannot share a store in memory; {KINDS}.")
    try:
        views = open_views(url)
    except OSError as error:
        raise UsageError(
            f"The store {masked(url)} cannot be made ({error.strerror}); choose another path."
        ) from error
    try:
        await views.counts()
    except StoreError as error:
        raise UsageError(f"{error} Start it, or leave --store out.") from error
    finally:
        await views.close()
