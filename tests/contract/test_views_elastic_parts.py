"""Parts of the Elasticsearch store without a server: mappings on record, addresses, holdings."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.errors import StoreError, UsageError
from tests import samples
from tests.samples import put
from views.elastic import answer as answer_module
from views.elastic import bulk
from views.elastic.address import address_of
from views.elastic.ask import Asking
from views.elastic.client import Elastic
from views.elastic.holdings import Owned, changes, entry, merged
from views.elastic.mapping import mapping
from views.elastic.names import NOUNS, Names, Place, mapping_of, place_of
from views.elastic.query import near
from views.open import open_views

KNOWN = {"keyword", "long", "double", "boolean", "date", "object", "dense_vector"}
GOLDEN = Path(__file__).with_name("elastic_mappings.json")


def test_mappings_are_those_on_record() -> None:
    """What a schema means to Elasticsearch changes on purpose only: edit the file beside this."""
    made = {noun: mapping_of(noun) for noun in (*NOUNS, "trades")}

    assert json.loads(GOLDEN.read_text()) == json.loads(msgspec.json.encode(made))


def test_every_mapping_is_strict() -> None:
    """Nothing that we put beside a record is taken unless it is foreseen; text is never guessed."""
    for noun in (*NOUNS, "trades"):
        found = mapping_of(noun)

        assert "strict" == found["dynamic"]
        assert {"keyword", "long", "double", "boolean", "date", "object", "dense_vector"} >= set(
            types_of(found)
        )


def types_of(found: dict[str, Any]) -> list[str]:
    """Return the types of all fields of a mapping."""
    fields = found.get("properties", {}).values()
    return [kind for field in fields for kind in (field["type"], *types_of(field))]


@pytest.mark.parametrize(
    "answer", [(500, b'{"error":{"type":"x","reason":"y"}}'), (200, b"<html>"), (200, b"")]
)
async def test_a_server_that_fails_is_out_of_reach(answer: tuple[int, bytes]) -> None:
    """Whoever writes waits and tries again: no record pays for a fault of another."""
    async with answering(*answer) as elastic:
        ask = Asking(elastic, Names("t"))
        with pytest.raises(StoreError):
            await ask.search("tokens", {"size": 1})
        with pytest.raises(StoreError):
            answer_module.bulk(await elastic.ask("POST", "/_bulk", b"{}\n"))


@pytest.mark.parametrize(
    ("statuses", "refused"),
    [((500, 201), [0]), ((500,), [0]), ((500, 500), None), ((500, 429), None), ((503,), None)],
)
async def test_a_fault_over_one_document_holds_the_others_up_for_a_while_only(
    statuses: tuple[int, ...], refused: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again, then refused with what was said, unless the server takes no other."""
    monkeypatch.setattr(bulk, "PATIENCE_S", 0.0)
    lines = [
        bulk.Line(Place("tokens"), f"{number}", b"{}", {"version": 1})
        for number, _ in enumerate(statuses)
    ]
    error = {"type": "x_exception", "reason": "why"}
    items = [
        {"index": {"status": one, **({} if one < 300 else {"error": error})}} for one in statuses
    ]
    told = msgspec.json.encode({"errors": True, "items": items})
    async with answering(200, told) as elastic:
        sending = bulk.send(elastic, Names("t"), Nobody(), lines)
        if refused is None:
            with pytest.raises(StoreError):
                await sending
        else:
            assert [bulk.Refused(lines[at], "x_exception: why") for at in refused] == await sending


class Nobody:
    """Makes no indices."""

    async def make(self, places: Iterable[Place]) -> None:
        """Have nothing to make."""
        assert not set(places)


@asynccontextmanager
async def answering(status: int, body: bytes) -> AsyncIterator[Elastic]:
    """Give a connection to a server that has one answer to everything."""
    head = f"HTTP/1.1 {status} .\r\nX-Elastic-Product: Elasticsearch\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        elastic = Elastic(address_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        yield elastic
        await elastic.close()


def test_an_unknown_type_is_refused() -> None:
    """A schema with a type that nobody has thought of does not become a mapping by guessing."""

    class Odd(msgspec.Struct):
        at: bytes

    with pytest.raises(TypeError, match="Bytes"):
        mapping(Odd, None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("elasticsearch://h", ("http://h:9200", "", "", "btracker")),
        ("http://h:1/a-b", ("http://h:1", "", "", "a-b")),
        ("https://ann:p%40ss@h", ("https://h:443", "ann", "p@ss", "btracker")),
        ("https://:key@[::1]:9200/x", ("https://[::1]:9200", "", "key", "x")),
    ],
)
def test_addresses(url: str, expected: tuple[str, ...]) -> None:
    """An address says where, who we are, and what our indices are called."""
    assert expected == tuple(address_of(url))


@pytest.mark.parametrize(
    "url", ["https://", "http://h:99999", "http://h/UPPER", "http://h/a/b", "http://h/x?y=1"]
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    """One sentence says what it should be; no secret is in it."""
    with pytest.raises(UsageError) as raised:
        open_views(url.replace("//", "//ann:secret@", 1))

    assert "secret" not in str(raised.value)


def test_all_states_of_a_trade_stand_in_one_index() -> None:
    """The day is that of the slot in the id, so a corrected time moves nothing."""
    place = place_of("trades", "432000:s:2")

    assert 2 == place.day
    assert ("x-trades-g1-000002", place) == (
        index := Names("x").index_of(place, "g1"),
        Names("x").parts(index)[0],
    )
    assert ("x-trades-000002-write", "x-trades") == (
        Names("x").write(place), Names("x").read("trades"),
    )  # fmt: skip


def test_an_account_that_went_elsewhere_leaves_a_mark() -> None:
    """An older state of it, written again, is not counted by its old owner any more."""
    ann, bob = Owned("m", "ann"), Owned("m", "bob")
    first = changes([put(samples.account("m", "a", "ann", 5), 1)], {})
    moved = changes([put(samples.account("m", "a", "bob", 7), 2)], {"m:a": ("ann", 1)})
    of_ann = merged(merged({}, first[ann]), moved[ann])

    assert (None, "0.000007") == (entry(ann, of_ann).sort, entry(bob, moved[bob]).amount)
    assert (False, True) == (entry(ann, of_ann).standing, entry(bob, moved[bob]).standing)
    assert of_ann == merged(of_ann, first[ann])
    assert {} == changes([put(samples.account("m", "a", "ann", 5), 1)], {"m:a": ("bob", 2)})


def test_no_text_makes_too_many_clauses() -> None:
    """A query has at most 1,024 clauses, however long the text is."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    text = " ".join(a + "".join(b + c for b in letters for c in letters) for a in letters)
    clause = near(text, "titles", "words")
    assert clause is not None

    assert 256 < len(clause["bool"]["should"]) < 1_000
