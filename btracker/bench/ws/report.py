"""What ``btracker bench ws`` prints for people."""

from importlib.metadata import version

from btracker.bench.report import Sheet
from btracker.bench.serving.load import Spread
from btracker.bench.ws.run import WsResult


def ws_sheets(result: WsResult) -> list[Sheet]:
    """Return the API next to the floor."""
    both = (result.api, result.floor)
    sheet = Sheet(
        ("", "API", "floor"),
        [
            ("handshake p50/p99 ms", *(_times(one.handshake) for one in both)),
            ("handshakes that failed", *(one.failed for one in both)),
            ("KiB a connection, idle", *(one.idle_kib for one in both)),
            ("KiB a connection, with a token", *(one.subscribed_kib for one in both)),
            ("an update of a token p50/p99 ms", *(_times(one.paced.times) for one in both)),
            ("CPU µs/message", *(one.paced.cpu_us_per_message for one in both)),
            ("messages per CPU second", *(one.paced.messages_per_cpu_second for one in both)),
            ("an update to everybody p50/p99 ms", *(_times(one.everybody) for one in both)),
            ("a board to everybody p50/p99 ms", *(_times(one.board) for one in both)),
            ("most memory of all processes, MiB", *(one.peak_memory_mib for one in both)),
        ],
        note=_note(result),
    )
    return [sheet]


def _times(spread: Spread) -> str:
    return f"{spread.p50_ms:,} / {spread.p99_ms:,}"


def _note(result: WsResult) -> str:
    api, where = result.api, "on a core of its own" if result.pinned else "not pinned to a core"
    several = f"{result.replicas} processes behind nginx, all {where}"
    to = several if result.replicas > 1 else f"one process, {where}"
    return (
        f"{api.connections:,} connections at 1,000 a second to {to}; "
        f"{api.paced.updates_per_second:,} updates of tokens a second, each to 8 subscribers of a "
        f"process; median of {result.runs} runs; "
        "times are from an update's arrival in the process to its last write. The floor is a "
        "listener on the cache that writes the same frames with os.write, without heartbeats. An "
        f"update to everybody takes {result.everybody_times_floor} times as long, a CPU second is "
        f"good for {result.messages_times_floor} times the messages, and an update of a token is "
        f"{result.paced_p99_beyond_floor_ms} ms later at p99. uvicorn {version('uvicorn')}, "
        f"websockets {version('websockets')}, uvloop {version('uvloop')}."
    )
