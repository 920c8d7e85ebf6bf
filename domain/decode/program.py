"""What a decoder of a program is: the one interface that every launchpad's plug-in has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple, Protocol

from msgspec import Struct

from domain.decode.shapes import LATEST_TIME
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import ChainEvent
from schemas.fields import Address, ChainTime
from schemas.place import Place

NO_TIMES: Mapping[bytes, int] = MappingProxyType({})
CPI_EVENT = bytes.fromhex("e445a52e51cb9a1d")
"""The tag of an instruction by which an Anchor program calls itself to record an event."""
KIND = 8
"""Bytes of a discriminator, with which the data of an instruction begins."""
EVENT_BODY = 16
"""Where an event's body begins: after the tag and the event's discriminator."""


class Found(NamedTuple):
    """An event and the path of the instruction that says it."""

    outer: int
    inner: int
    event: ChainEvent

    @property
    def path(self) -> str:
        """The instruction path, as it stands in the event's id."""
        return Place(0, 0, self.outer, self.inner, "").path


class Unreadable(NamedTuple):
    """An instruction that could not be read: why, and its data and its events' in hex."""

    outer: int
    inner: int
    reason: str
    data: str


class Reading(NamedTuple):
    """What a program did in one transaction, in execution order.

    ``time`` is the chain time that its events state, None where none does.
    """

    found: tuple[Found, ...]
    unreadable: tuple[Unreadable, ...] = ()
    time: ChainTime | None = None


class Program(Protocol):
    """A decoder of one program. ``vault_owners`` hold tokens for it and are no holders."""

    @property
    def program(self) -> Address:
        """The program's id."""

    @property
    def vault_owners(self) -> frozenset[Address]:
        """The authorities whose token accounts are vaults."""

    def decode(self, tx: Transaction) -> Reading:
        """Return what the program did in *tx*, which succeeded.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """


class Event(Struct, frozen=True, gc=False):
    """An event as the program recorded it, not read yet; its name is the IDL's."""

    outer: int
    inner: int
    name: str
    discriminator: bytes
    body: bytes


class Call(Struct, frozen=True, gc=False):
    """One instruction of a program with the events it recorded, in order; its name is the IDL's."""

    tx: Transaction
    outer: int
    inner: int
    name: str
    accounts: Sequence[int | str]
    data: bytes
    events: Sequence[Event]

    def account(self, index: int) -> Address:
        """Return an account of the instruction, counted from the front.

        Raises:
            UnreadableError: the instruction has fewer accounts, or names one that is not there.
        """
        keys, accounts = self.tx.keys, self.accounts
        if index >= len(accounts):
            raise UnreadableError(f"account {index} is needed but there are {len(accounts)}")
        named = accounts[index]
        return keys[named] if isinstance(named, int) and named < len(keys) else self.tx.named(named)


class Names(NamedTuple):
    """The names of a program's instructions and events, by discriminator."""

    program: Address
    instructions: Mapping[bytes, str]
    events: Mapping[bytes, str]


def calls(tx: Transaction, names: Names) -> list[Call]:
    """Return a program's instructions in execution order, each with the events it recorded.

    A program records an event by calling itself, and no other instruction of it can come between
    (a program cannot be re-entered), so an event belongs to the call before it.

    Raises:
        UnreadableError: the data of one of them is not there.
    """
    found: list[Call] = []
    events: list[Event] = []
    for instruction in tx.instructions:
        if instruction.program != names.program:
            continue
        outer, inner, data = instruction.outer, instruction.inner, instruction.data
        if found and data.startswith(CPI_EVENT):
            kind = data[len(CPI_EVENT) : EVENT_BODY]
            name = names.events.get(kind) or unknown(kind)
            events.append(Event(outer, inner, name, kind, data[EVENT_BODY:]))
        else:
            events, kind = [], data[:KIND]
            name = names.instructions.get(kind) or unknown(kind)
            found.append(Call(tx, outer, inner, name, instruction.raw_accounts, data, events))
    return found


def read_calls(
    found: Sequence[Call],
    read: Callable[[Call], Iterable[Found]],
    *,
    times: Mapping[bytes, int] = NO_TIMES,
) -> Reading:
    """Return what *read* finds in each call; one that cannot be read does not hide the others.

    *times*: by an event's discriminator where its body has the chain time, which is looked for
    where the transaction does not say it.
    """
    events: list[Found] = []
    unreadable: list[Unreadable] = []
    for call in found:
        try:
            events += read(call)
        except UnreadableError as error:
            unreadable.append(Unreadable(call.outer, call.inner, str(error), _dump(call)))
    return Reading(tuple(events), tuple(unreadable), _stated_time(found, times))


def times_at(**offsets: int) -> Mapping[bytes, int]:
    """Return by its discriminator where the body of each named event has the chain time."""
    return MappingProxyType({discriminator("event", name): at for name, at in offsets.items()})


def _stated_time(found: Sequence[Call], times: Mapping[bytes, int]) -> ChainTime | None:
    """Return the first possible chain time that an event states, None where none does."""
    for call in found if times else ():
        if call.tx.time is not None:
            return None
        for event in call.events:
            at = times.get(event.discriminator)
            if at is not None and at + 8 <= len(event.body):
                time = int.from_bytes(event.body[at : at + 8], "little")
                if time <= LATEST_TIME:
                    return time
    return None


def _dump(call: Call) -> str:
    """Return the data of a call and of its events in hex, separated by spaces."""
    events = ((CPI_EVENT + event.discriminator + event.body).hex() for event in call.events)
    return " ".join((call.data.hex(), *events))


def discriminator(kind: str, name: str) -> bytes:
    """Return the eight bytes by which Anchor tells instructions (``global``) or events apart.

    Source: Anchor; equal to the discriminators stated in all IDLs that were compared.
    """
    return sha256(f"{kind}:{name}".encode()).digest()[:8]


def named(kind: str, listed: str) -> Mapping[bytes, str]:
    """Return the IDL names that *listed* holds, with white space between, by discriminator."""
    return MappingProxyType({discriminator(kind, name): name for name in listed.split()})


UNKNOWN = "unknown:"
"""How the name of a discriminator begins that no IDL has."""


def unknown(kind: bytes) -> str:
    """Return how a discriminator is called that no IDL has: ``unknown:`` and its hex."""
    return f"{UNKNOWN}{kind.hex()}"
