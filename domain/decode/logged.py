"""Events that a program writes into the log, where no instruction that we have records them."""

from binascii import Error as Base64Error
from binascii import a2b_base64

from msgspec.structs import replace

from domain.decode.program import KIND, Call, Event, Names, calls, unknown
from domain.decode.transaction import Transaction
from schemas.fields import Address

_DATA = "Program data: "


def calls_or_logged(tx: Transaction, names: Names) -> list[Call]:
    """Return a program's instructions with the events it recorded.

    A program that says each event twice is heard in the log only where a node has kept no inner
    instructions at all.

    Raises:
        UnreadableError: the data of an instruction is not there.
    """
    if tx.has_inner:
        return calls(tx, names)
    return calls_with_logs(tx, names)


def calls_with_logs(tx: Transaction, names: Names) -> list[Call]:
    """Return a program's instructions in execution order, each with the events it logged.

    The n-th invocation in the log is the n-th instruction of the program. An event stands at the
    path of its instruction. A log that was cut has fewer: the rest come without events. One that
    has more is of instructions that we do not have, so nobody can tell which is whose.

    Raises:
        UnreadableError: the data of an instruction is not there.
    """
    found = calls(tx, names)
    logged = _logged(tx.logs, names.program)
    if len(logged) > len(found):
        return found
    return [
        replace(call, events=[_event(call, names, said) for said in data])
        for call, data in zip(found, [*logged, *[[]] * len(found)], strict=False)
    ]


def _event(call: Call, names: Names, said: bytes) -> Event:
    kind, body = said[:KIND], said[KIND:]
    return Event(call.outer, call.inner, names.events.get(kind) or unknown(kind), kind, body)


def _logged(lines: tuple[str, ...], program: Address) -> list[list[bytes]]:
    """Return what each invocation of *program* logged itself.

    A line of data does not name its program: it is the innermost one that runs. A program that
    invokes itself records an event.
    """
    found: list[list[bytes]] = []
    running: list[tuple[str, list[bytes]]] = []
    for line in lines:
        if line.startswith(_DATA):
            if running:
                running[-1][1].extend(map(_data, line[len(_DATA) :].split(" ")))
            continue
        words = line.split(" ")
        if words[0] != "Program" or len(words) < 3:
            continue
        if words[2] == "invoke":
            lane: list[bytes] = []
            if words[1] == program and not (running and running[-1][0] == program):
                found.append(lane)
            running.append((words[1], lane))
        elif running and words[1] != "log:" and words[2].rstrip(":") in {"success", "failed"}:
            running.pop()
    return found


def _data(text: str) -> bytes:
    """Return base64 as bytes, none for what is no base64."""
    try:
        return a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        return b""
