"""The codec between schemas and Faust: what it must hold on every upgrade of either."""

from typing import Any

import faust
import msgspec
import pytest
from faust.exceptions import ValueDecodeError
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnreadableError
from schemas.base import Row
from schemas.claim import Claim
from schemas.event import Clock, Event, Joined
from schemas.place import RawPosition
from schemas.rows import ClockRow, CurveRow
from schemas.topics import EVENTS
from streams.table import RowTable
from streams.wire import codec, wire

BAD = [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b"[1,2"]


class Amounts(Row, frozen=True, array_like=True, gc=False):
    """Integers of any size."""

    small: int
    large: int


@pytest.fixture
def app() -> faust.App:
    """Give an app that is never started."""
    app = faust.App("wire-test", store="memory://", topic_disable_leader=True)
    app.finalize()
    return app


def carried(value_type: Any) -> Any:
    """Return the codec as topics and tables take it from the type."""
    return value_type._options.serializer


@pytest.mark.parametrize("schema", [Event, Claim, CurveRow, ClockRow])
@pytest.mark.parametrize("data", [*BAD, None])
def test_anything_bad_is_a_value_decode_error(
    app: faust.App, schema: object, data: bytes | None
) -> None:
    """Bytes that do not fit, or no bytes at all, raise what Faust expects, nothing else."""
    with pytest.raises(ValueDecodeError):
        app.serializers.loads_value(wire(schema), data, serializer=carried(wire(schema)))


@pytest.mark.parametrize("data", [*BAD, None])
def test_anything_bad_is_unreadable_to_us(data: bytes | None) -> None:
    """Outside of Faust the same bytes are our own error."""
    with pytest.raises(UnreadableError):
        codec(Event).decode(data)


@given(st.integers(0, 2**64 - 1), st.integers(-(2**128), 2**128))
def test_integers_of_any_size_survive(small: int, large: int) -> None:
    """No amount turns into a float, however large."""
    amounts = Amounts(small, large)

    assert amounts == codec(Amounts).decode(codec(Amounts).encode(amounts))


def test_a_union_comes_back_as_the_member_it_was(app: faust.App) -> None:
    """The tag of a record says which struct it is."""
    for event in (Joined(7), Clock(RawPosition(1, 2, 3, 4), 5, 6, 7)):
        own = wire(Event)
        data = app.serializers.dumps_value(own, event, serializer=carried(own))

        assert event == app.serializers.loads_value(own, data, serializer=carried(own))


def test_the_same_schema_is_the_same_type() -> None:
    """Faust decodes once for all agents only if their value type is identical."""
    assert wire(CurveRow) is wire(CurveRow)
    assert wire(CurveRow) is not wire(ClockRow)


def test_topics_and_tables_take_the_codec_from_the_type(app: faust.App) -> None:
    """A table takes no serializer, at recovery least of all: it must come with the type."""
    table = RowTable(app, name="t", source=EVENTS, value=CurveRow)
    topic = app.topic("t", value_type=wire(CurveRow))

    assert table.value_serializer is codec(CurveRow)
    assert table.changelog_topic.value_type is wire(CurveRow) is topic.value_type


def test_rows_are_frozen() -> None:
    """A row that is changed in place would never reach the changelog."""
    with pytest.raises(AttributeError):
        CurveRow(fence=()).trades = 1  # type: ignore[misc]


def test_old_rows_decode_when_fields_are_added() -> None:
    """What was written before a field existed takes the field's default."""
    old = msgspec.json.encode([[None]])

    assert CurveRow(fence=(None,)) == codec(CurveRow).decode(old)
