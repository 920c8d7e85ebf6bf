"""What ``btracker bench recovery`` prints for people."""

from btracker.bench.recovery.run import RecoveryResult
from btracker.bench.report import print_table


def print_recovery(result: RecoveryResult) -> None:
    """Print how long each kind of start took."""
    starts = {
        "cold, from the changelog": result.cold,
        "warm, from the checkpoint": result.warm,
        "standby that takes over": result.takeover,
    }
    print_table(
        ("", "rows read", "recovery s", "rows/s", "until work s", "memory MB"),
        [
            (
                name,
                start.from_checkpoint + start.from_changelog,
                start.recovery_s,
                round((start.from_checkpoint + start.from_changelog) / (start.recovery_s or 1)),
                start.until_work_s,
                start.memory // 2**20,
            )
            for name, start in starts.items()
            if start is not None
        ],
        note=f"{result.keys:,} rows of {result.bytes // max(1, result.keys)} bytes in "
        f"{result.partitions} partitions, broker {result.broker}. The floor, a bare aiokafka "
        f"consumer that decodes the changelog into a dictionary, takes {result.floor_s} s. Until "
        "work: from the start of the process until it has worked in every partition; for the "
        "standby from the end of the other worker.",
    )
