"""Events that a program writes into the log, where no instruction records them."""

from binascii import Error as Base64Error
from binascii import a2b_base64

from domain.decode.program import Call, Event, calls
from domain.decode.transaction import Transaction
from schemas.fields import Address

_DATA = "Program data: "


def calls_with_logs(tx: Transaction, program: Address) -> tuple[Call, ...]:
    """Return a program's instructions in execution order, each with the events it logged.

    The n-th invocation in the log is the n-th instruction of the program. An event stands at the
    path of its instruction. A log that was cut has fewer: the rest come without events.

    Raises:
        UnreadableError: the data of an instruction is not there.
    """
    found = calls(tx, program)
    logged = _logged(tx.logs, program)
    return tuple(
        call._replace(events=tuple(Event(call.outer, call.inner, d[:8], d[8:]) for d in data))
        for call, data in zip(found, [*logged, *[[]] * len(found)], strict=False)
    )


def _logged(lines: tuple[str, ...], program: Address) -> list[list[bytes]]:
    """Return what each invocation of *program* logged itself.

    A line of data does not name its program: it is the innermost one that runs.
    """
    found: list[list[bytes]] = []
    running: list[list[bytes]] = []
    for line in lines:
        if line.startswith(_DATA):
            if running:
                running[-1] += map(_data, line[len(_DATA) :].split(" "))
            continue
        words = line.split(" ")
        if words[0] != "Program" or len(words) < 3:
            continue
        if words[2] == "invoke":
            running.append([])
            if words[1] == program:
                found.append(running[-1])
        elif running and words[1] != "log:" and words[2].rstrip(":") in {"success", "failed"}:
            running.pop()
    return found


def _data(text: str) -> bytes:
    """Return base64 as bytes, none for what is no base64."""
    try:
        return a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        return b""
