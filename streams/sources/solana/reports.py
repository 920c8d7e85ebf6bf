"""What the live chain says of itself on ``btracker.progress``: each node, and the sweep."""

from domain.amounts import timestamp
from schemas.fields import ChainTime
from schemas.progress import GONE, Counts, Progress
from streams.sources.solana.desk import SOURCE, Desk
from streams.sources.solana.standing import Standing
from streams.sources.solana.sweep import Sweep


def node_progress(standing: Standing, desk: Desk) -> Progress:
    """Return how a node stands."""
    return _progress(
        standing.name, standing.state, standing.detail, slot=standing.head, desk=desk,
        counts=Counts(seen=standing.told_count, applied=standing.told_count),
    )  # fmt: skip


def gone_progress(name: str) -> Progress:
    """Return that a node was taken out of the configuration."""
    return Progress(stage="collect", partition=0, source=name, kind="chain", state=GONE)


def sweep_progress(sweep: Sweep, desk: Desk, *, head: int) -> Progress:
    """Return how far all is complete, and what keeps it from getting on."""
    behind = max(0, head - desk.walk.through)
    parts = (
        f"{behind:,} slots behind",
        f"{desk.filled:,} filled",
        f"{desk.retracted:,} taken back" if desk.retracted else "",
        sweep.trouble or "",
    )
    state = "stalled" if sweep.trouble else "running"
    return _progress(
        SOURCE, state, ", ".join(filter(None, parts)), slot=desk.head, desk=desk, counts=Counts()
    )


def _progress(
    name: str, state: str, detail: str, *, slot: int, desk: Desk, counts: Counts
) -> Progress:
    return Progress(
        stage="collect",
        partition=0,
        source=name,
        kind="chain",
        state=state,
        detail=detail,
        head_slot=slot,
        chain_time=_time(desk.time),
        complete_through_slot=desk.walk.through,
        counts=counts,
    )


def _time(time: ChainTime) -> str | None:
    return timestamp(time) if time else None
