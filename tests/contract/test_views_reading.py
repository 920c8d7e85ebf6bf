"""What a record of a public topic makes of the document that is in the store."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from domain.errors import UnreadableError
from schemas.token import Token
from schemas.topics import HOLDERS, TOKENS, TRADES, Topic
from tests.samples import account, token, trade
from views.index.reading import batch_of, read
from views.memory import MemoryViews


async def stored(*tokens: Token) -> MemoryViews:
    """Return a store that has read *tokens*, one batch for each."""
    views = MemoryViews()
    for one in tokens:
        write = read(TOKENS.name, b"m", msgspec.json.encode(one), at=1)
        await views.write(batch_of({TOKENS.name: [write]}))
    return views


async def test_a_token_of_which_nothing_is_left_is_deleted() -> None:
    """Its launch was retracted, and no trade stands: it is as if it had never been."""
    launched = token("m", trades=2, version=1)
    empty = token("m", launched_at=None, version=2)
    views = await stored(launched, empty)

    assert None is await views.token("m")
    assert 0 == (await views.counts()).tokens


async def test_what_is_left_of_a_token_stays() -> None:
    """A token whose launch nobody has told of has its trades, or its completion, all the same."""
    for left in ({"trades": 1}, {"stage": "completed"}, {"stage": "migrated"}):
        views = await stored(token("m", **{"launched_at": None, **left}))

        assert await views.token("m")


@pytest.mark.parametrize(
    ("topic", "record"),
    [
        (TOKENS, token("m", slot=2**64)),
        (TOKENS, token("m", version=2**64)),
        (TRADES, replace(trade("m", 0), time="noon")),
        (HOLDERS, replace(account("m", "a", "o", 1), base_units="many")),
    ],
)
def test_what_makes_no_sense_is_read_by_nobody(topic: Topic, record: Any) -> None:
    """It is set aside, and the live feed, which reads beside the store, passes none of it on."""
    with pytest.raises(UnreadableError):
        read(topic.name, b"m", msgspec.json.encode(record), at=1)


async def test_a_deleted_token_comes_back() -> None:
    """Launched again in a later block it is there again; an older record changes nothing."""
    empty, again = token("m", launched_at=None, version=2), token("m", version=3)
    views = await stored(empty, again, empty)

    assert await views.token("m")
