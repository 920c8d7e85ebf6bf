"""What ``btracker bench capture`` prints for people."""

from btracker.bench.capture.run import CaptureResult
from btracker.bench.report import Sheet
from btracker.bench.serving.load import Spread


def capture_sheets(result: CaptureResult) -> list[Sheet]:
    """Return each mode next to the floor of its rate."""
    where = "a core of its own" if result.pinned else "no core of its own"
    missing = sum(lap.missing for lap in result.laps)
    sheet = Sheet(
        (
            "p50 / p99 ms", "a second", "raw record", "event", "asked", "answer", "CPU µs each",
            "peak MiB",
        ),
        [
            (
                lap.mode, lap.per_second, _times(lap.raw), _times(lap.event), _times(lap.asked),
                _times(lap.answer), lap.cpu_us, lap.peak_memory_mib,
            )
            for lap in result.laps
        ],
        note=f"{result.seconds} s each, median of {result.runs} runs, broker {result.broker}, the "
        f"collector on {where}; "
        f"{missing:,} transactions did not arrive. From the moment a transaction was due to be "
        "told, whatever became of those before, until others can read its raw record, and its "
        "first event; in logs mode until the node is asked for it, and how long the node takes to "
        f"answer (of which {result.answer_ms:g} ms are waited on purpose). In blocks mode a "
        "transaction is due when its slot of 400 ms ends. The floor is a bare producer instead of "
        "a node and a collector.",
    )  # fmt: skip
    return [sheet]


def _times(spread: Spread | None) -> str:
    return f"{spread.p50_ms:,} / {spread.p99_ms:,}" if spread else ""
