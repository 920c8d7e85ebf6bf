"""tweepy's clients at an address of our choice, one connection at a time, ends told by cause."""

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import msgspec
from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerTimeoutError,
)
from tweepy.asynchronous import AsyncClient, AsyncStreamingClient
from tweepy.asynchronous.streaming import AsyncBaseStream

from streams.sources.x.backoff import Cause, EndedError
from streams.sources.x.wire import refusal

LINE_BYTES = 1 << 22
"""aiohttp gives up on a line of more than twice its buffer; a post with all its parts has less."""
REQUEST_S = 30.0
REFUSAL_BYTES = 4_096
RESET_MAX_S = 3_600.0

FIELDS = {
    "expansions": [
        "author_id", "referenced_tweets.id", "referenced_tweets.id.author_id",
        "attachments.media_keys", "in_reply_to_user_id",
    ],
    "tweet_fields": [
        "created_at", "conversation_id", "entities", "lang", "note_tweet", "public_metrics",
        "referenced_tweets", "possibly_sensitive", "edit_history_tweet_ids", "attachments",
    ],
    "user_fields": [
        "created_at", "description", "public_metrics", "verified", "verified_type", "entities",
        "url",
    ],
    "media_fields": ["type", "url", "preview_image_url", "alt_text"],
}  # fmt: skip
"""What is asked for of every post."""

BACKFILL_MINUTES = 5
"""Of what the compliance stream said while nobody listened; who has that stream may ask for it.
Source: docs.x.com, compliance streams."""

Hear = Callable[[bytes], Awaitable[None]]

# It would log the headers of each request, and with them the token.
logging.getLogger("tweepy").setLevel(logging.CRITICAL)


class Answer:
    """An answer as tweepy wants it: with a coroutine that decodes it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def json(self) -> Any:
        """Return what the answer says."""
        try:
            return msgspec.json.decode(self._body)
        except msgspec.DecodeError:
            raise EndedError(Cause.PROTOCOL, "X answers with something that is not JSON") from None


class Requests:
    """Mixed into a client of tweepy's: requests to our address, refused by cause."""

    base: str
    bearer_token: str
    user_agent: str

    async def request(
        self,
        method: str,
        route: str,
        params: Any = None,
        json: Any = None,
        user_auth: bool = False,  # noqa: ARG002  # tweepy's signature.
    ) -> Answer:
        """Return the answer to a request.

        Raises:
            EndedError: it was refused, or nobody answers.
        """
        timeout = ClientTimeout(total=REQUEST_S)
        try:
            async with (
                open_session(timeout) as session,
                session.request(
                    method, self.base + route, params=params, json=json, headers=self.headers
                ) as response,
            ):
                return Answer(await response.read())
        except (ClientError, TimeoutError) as error:
            raise _unreachable(error) from None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.bearer_token}", "User-Agent": self.user_agent}


class XClient(Requests, AsyncClient):  # type: ignore[misc]  # tweepy has no types.
    """Searches and look-ups; answers are plain dictionaries."""

    def __init__(self, base: str, token: str) -> None:
        super().__init__(token, return_type=dict)
        self.base = base


class XStream(Requests, AsyncStreamingClient):  # type: ignore[misc]  # tweepy has no types.
    """Streams and their rules; a connection that ends, for whatever reason, raises why.

    ``hear`` gets each line that is not empty, ``on_live`` is called once X answers.
    """

    def __init__(
        self, base: str, token: str, *, stall_s: float, hear: Hear, on_live: Callable[[], None]
    ) -> None:
        super().__init__(token, return_type=dict, max_retries=0)
        self.base = base
        self._stall_s, self._hear, self._on_live = stall_s, hear, on_live

    async def listen(self) -> NoReturn:
        """Listen to the filtered stream until the connection ends.

        Raises:
            EndedError: it did.
        """
        await self._run(lambda: self.filter(**FIELDS))

    async def comply(self, of: str, partition: int) -> NoReturn:
        """Listen to a partition (1 to 4) of a compliance stream until the connection ends.

        *of*: tweets, or users.

        Raises:
            EndedError: it did.
        """
        params = {"partition": str(partition), "backfill_minutes": str(BACKFILL_MINUTES)}
        await self._run(
            lambda: asyncio.create_task(self._connect("GET", f"{of}/compliance", params=params))
        )

    async def _run(self, begin: Callable[[], asyncio.Task[None]]) -> NoReturn:
        timeout = ClientTimeout(total=None, sock_connect=REQUEST_S, sock_read=self._stall_s)
        self.session = open_session(timeout)
        task = begin()
        try:
            # Not awaited: it swallows that it is cancelled.
            await asyncio.wait({task})
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        task.result()
        raise EndedError(Cause.CLOSED, "The connection has ended")

    async def _connect(self, method: str, endpoint: str, **kwargs: Any) -> None:
        of, _, what = endpoint.rpartition("/")
        url = f"{self.base}/2/{of or 'tweets'}/{what}/stream"
        await AsyncBaseStream._connect(self, method, url, headers=self.headers, **kwargs)  # noqa: SLF001  # What its own host is written into.

    async def on_connect(self) -> None:
        """Say that X answers."""
        self._on_live()

    async def on_data(self, raw_data: bytes) -> None:
        """Hand a line on as it came; waiting for room slows X down, and loses nothing."""
        await self._hear(raw_data)

    async def on_keep_alive(self) -> None:
        """Nothing: that something was read is what kept it alive."""

    async def on_closed(self, resp: ClientResponse) -> None:  # noqa: ARG002  # tweepy's signature.
        """Leave tweepy's loop, which would connect again at once."""
        raise EndedError(Cause.CLOSED, "X has closed the connection")

    async def on_connection_error(self) -> None:
        """Leave tweepy's loop; why it was called is the exception that is being handled."""
        raise _unreachable(sys.exc_info()[1]) from None

    async def on_exception(self, exception: Exception) -> None:
        """Leave tweepy's loop with what has happened."""
        if isinstance(exception, EndedError):
            raise exception
        # A line beyond all bounds is a ValueError of aiohttp's.
        raise EndedError(
            Cause.PROTOCOL, f"The stream cannot be read ({type(exception).__name__})"
        ) from exception

    async def on_disconnect(self) -> None:
        """Nothing: whoever listens hears why."""


def open_session(timeout: ClientTimeout) -> ClientSession:
    """Return a session that raises ``EndedError`` where an answer is a refusal."""
    # The cookies and the environment of others are none of X's business.
    return ClientSession(
        timeout=timeout,
        cookie_jar=DummyCookieJar(),
        trust_env=False,
        read_bufsize=LINE_BYTES,
        raise_for_status=_refuse,
    )


async def _refuse(response: ClientResponse) -> None:
    if 200 <= response.status < 300:
        return
    body = await response.content.read(REFUSAL_BYTES)
    response.close()
    raise refusal(response.status, body, asked_s=_asked_s(response, now=time.time()))


def _asked_s(response: ClientResponse, *, now: float) -> float:
    """Return for how long X asks to be left alone, 0 where it does not say."""
    headers = response.headers
    try:
        if "x-rate-limit-reset" in headers:
            asked_s = int(headers["x-rate-limit-reset"]) - now
        else:
            asked_s = float(headers.get("retry-after", 0))
    except ValueError:
        return 0.0
    return min(RESET_MAX_S, max(0.0, asked_s))


def _unreachable(error: BaseException | None) -> EndedError:
    if isinstance(error, ServerTimeoutError | TimeoutError):
        return EndedError(Cause.STALLED, "X says nothing any more")
    # The text of some of them holds the address.
    return EndedError(Cause.UNREACHABLE, f"X cannot be reached ({type(error).__name__})")
