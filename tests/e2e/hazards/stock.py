"""Stock parts of Faust, put back where ours stand.

A remedy of ours overrides a part of Faust: without the override the stock part does the work. What
we check and Faust does not is left out with it, or a worker would stop instead of being wrong.
"""

from typing import Any

from streams.app import River
from streams.recovery import OwnTableManager
from streams.transport import ChunkConsumer, ChunkConsumerThread
from streams.worker import Worker
from streams.writer import Writer

OVERRIDES: dict[str, list[tuple[type, str]]] = {
    "recovery": [
        (OwnTableManager, "recovery"),
        (OwnTableManager, "on_start"),
        (ChunkConsumer, "_getmany"),
    ],
    "fetch wait": [(ChunkConsumerThread, "_create_worker_consumer")],
    "stop": [
        (Worker, "_on_sigint"),
        (Worker, "_on_sigterm"),
        (Worker, "_crash"),
        (Worker, "on_worker_shutdown"),
    ],
}
"""What of ours stands for each part."""


def put_back(part: str) -> None:
    """Let the stock *part* do the work of ours."""
    for ours, override in OVERRIDES[part]:
        delattr(ours, override)
    if part == "recovery":
        ChunkConsumer._is_current = flows
        River.finish = finish
        Writer._check_order = let_pass


def flows(consumer: ChunkConsumer) -> bool:
    """Whether records may flow, whatever has become of their partitions."""
    return consumer.flow_active


async def finish(river: River, *chunk: Any) -> None:
    """Finish a chunk, whatever has become of its partition."""
    await river.writer.finish(*chunk)


def let_pass(*_: Any) -> None:
    """Take any chunk, though the one before it never came."""
