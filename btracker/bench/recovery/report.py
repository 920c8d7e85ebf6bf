"""What ``btracker bench recovery`` prints for people."""

from btracker.bench.recovery.run import RecoveryResult
from btracker.bench.report import Sheet


def recovery_sheets(result: RecoveryResult) -> list[Sheet]:
    """Return how long each kind of start took."""
    starts = {
        "cold, from the changelog": result.cold,
        "warm, from the checkpoint": result.warm,
        "standby that takes over": result.takeover,
    }
    sheet = Sheet(
        (
            "",
            "rows read",
            "recovery s",
            "rows/s",
            "until work s",
            "CPU µs/row",
            "memory MiB",
            "peak MiB",
        ),
        [
            (
                name,
                start.from_checkpoint + start.from_changelog,
                start.recovery_s,
                round((start.from_checkpoint + start.from_changelog) / (start.recovery_s or 1)),
                start.until_work_s,
                start.cpu_us_per_row,
                start.memory // 2**20,
                start.peak_memory_mib,
            )
            for name, start in starts.items()
            if start is not None
        ],
        note=f"{result.keys:,} rows of {result.bytes // max(1, result.keys)} bytes in "
        f"{result.partitions} partitions, broker {result.broker}, median of {result.runs} runs. "
        "The floor, a bare aiokafka consumer"
        f" that decodes the changelog into a dictionary, takes {result.floor_s} s. Until "
        "work: from the start of the process until it has worked in every partition; for the "
        "standby from the end of the other worker, and the processor time is of both its lives.",
    )
    return [sheet]
