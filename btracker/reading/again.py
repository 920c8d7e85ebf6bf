"""Posts and tokens as they are published -> wordings, so that another version reads them."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from schemas.kafka import Kafka
from schemas.post import Post, PostGone
from schemas.project import Project
from schemas.token import Token
from schemas.topics import POSTS, TOKENS, WORDINGS, Topic
from schemas.wording import PostWording, TokenWording, Wording
from streams.log import Log, Span, open_log

Newest = dict[str, bytes | None]
"""The newest value by key; None: it is gone."""


class Again(NamedTuple):
    """How many posts and tokens were asked to be read again."""

    posts: int
    tokens: int


class Reader(NamedTuple):
    """Who reads now."""

    engine: str
    version: str

    def has_read(self, project: Project | None) -> bool:
        """Whether what is published is its own."""
        return project is not None and (project.engine, project.version) == self


async def read_again(kafka: Kafka, reader: Reader) -> Again:
    """Ask for what *reader* has not read yet; a post that is deleted meanwhile stays deleted."""
    async with open_log(kafka) as log, AIOKafkaProducer(**kafka.options, acks="all") as producer:
        before = await log.spans(log.places([POSTS.name]))
        posts = dict(_posts(await _newest(log, POSTS), reader))
        tokens = dict(_tokens(await _newest(log, TOKENS), reader))
        for key, wording in [*posts.items(), *tokens.items()]:
            await _send(producer, key, wording)
        async for key in _gone(log, before):
            if key in posts:
                await _send(producer, key, PostGone(key))
    return Again(len(posts), len(tokens))


def _posts(newest: Newest, reader: Reader) -> Iterator[tuple[str, Wording]]:
    """Yield posts; not replies that have been read, whose context is kept nowhere."""
    for key, value in newest.items():
        post = None if value is None else msgspec.json.decode(value, type=Post)
        if post is None or reader.has_read(post.project):
            continue
        if post.project is None or post.reply_to is None:
            yield key, PostWording(replace(post, project=None))


def _tokens(newest: Newest, reader: Reader) -> Iterator[tuple[str, Wording]]:
    for key, value in newest.items():
        token = None if value is None else msgspec.json.decode(value, type=Token)
        if token is None or reader.has_read(token.project):
            continue
        post = token.post
        if post.status == "matched" and post.text:
            yield key, TokenWording(token.mint, post.text, post.id)
        elif token.description:
            yield key, TokenWording(token.mint, f"{token.name or ''}. {token.description}")


async def _newest(log: Log, topic: Topic) -> Newest:
    found: Newest = {}
    for place, span in (await log.spans(log.places([topic.name]))).items():
        async for records in log.read(place, span):
            found.update({(one.key or b"").decode(): one.value for one in records})
    return found


async def _gone(log: Log, before: Mapping[Any, Span]) -> AsyncIterator[str]:
    """Yield the keys of posts that were deleted since *before*."""
    for place, span in (await log.spans(log.places([POSTS.name]))).items():
        async for records in log.read(place, Span(before[place].end, span.end)):
            for record in records:
                if record.value is None and record.key:
                    yield record.key.decode()


async def _send(producer: AIOKafkaProducer, key: str, wording: Wording) -> None:
    value = msgspec.json.encode(wording)
    await producer.send_and_wait(WORDINGS.name, value, key=key.encode(), partition=0)
