"""Whether X answers: what ``btracker doctor`` asks. It is not billed."""

from typing import NoReturn

from domain.errors import BtrackerError
from streams.sources.x.backoff import EndedError
from streams.sources.x.client import XStream
from streams.sources.x.settings import XSettings

PATIENCE_S = 10.0


async def try_x(settings: XSettings) -> None:
    """Ask X for the rules of the stream.

    Raises:
        BtrackerError: it does not answer, or refuses us; the sentence holds nothing of the token.
    """
    stream = XStream(
        settings.base, settings.token, stall_s=PATIENCE_S, hear=_never, on_live=lambda: None
    )
    try:
        await stream.get_rules()
    except EndedError as ended:
        raise BtrackerError(f"{ended}.") from None


async def _never(_: bytes) -> NoReturn:
    raise AssertionError
