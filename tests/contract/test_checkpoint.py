"""Checkpoints of tables: whole after a crash; not believed when damaged, old or of other topics."""

import asyncio
import random
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from domain.errors import UsageError
from schemas.topics import RAW_CHAIN
from streams.app import River
from streams.checkpoint import Checkpoint, CheckpointError, Mark, prefix
from streams.checkpoints import Checkpoints
from streams.lanes import Entry
from streams.loading import AHEAD_MS, OLDEST_MS, Loaded, Wanted, doubt, now_ms, opened
from streams.settings import StreamSettings
from streams.table import RowTable

ROOT = Path(__file__).parents[2]
ROWS, FLUSHES = 3_000, 12
WANTED = {"t": Wanted(epochs=(1, 2), version="v", end=1_000_000)}
SEED = 20260103

WRITER = """
import sys
from pathlib import Path
from tests.contract.test_checkpoint import generation, mark
from streams.checkpoint import Checkpoint
checkpoint = Checkpoint(Path(sys.argv[1]))
number = checkpoint.marks()["t"].end if checkpoint.marks() else 0
while True:
    number += 1
    checkpoint.write(generation(number), {"t": mark(end=number)})
    print(number, flush=True)
"""


HOLDER = """
import sys
from pathlib import Path
from streams.checkpoints import Checkpoints
Checkpoints(Path(sys.argv[1]), every_s=1, epoch_of=int).hold()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def process(code: str, folder: Path) -> Iterator[Any]:
    """Give a process that runs *code* on a folder; it is killed at the end."""
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


def mark(*, end: int, as_of: int | None = None) -> Mark:
    """Return a mark of now."""
    return Mark((1, 2), "v", end, now_ms() if as_of is None else as_of)


def generation(number: int) -> dict[bytes, bytes | None]:
    """Return rows that all say their generation; of each generation another one is missing."""
    start = prefix("t")
    rows: dict[bytes, bytes | None] = {
        start + b"%06d" % key: b"%d" % number * 8 for key in range(ROWS)
    }
    return {**rows, start + b"%06d" % (number % ROWS): None}


def filled(folder: Path) -> None:
    """Write some generations, one after another, as a worker does."""
    checkpoint = Checkpoint(folder)
    for number in range(1, FLUSHES + 1):
        checkpoint.write(generation(number), {"t": mark(end=number)})
    checkpoint.close()


def load(folder: Path) -> dict[str, Loaded]:
    """Open a checkpoint, and leave it as it is then."""
    kept, loaded = opened(folder, {"t": bytes}, WANTED)
    kept.checkpoint.close()
    return loaded


def is_whole(loaded: Loaded) -> bool:
    """Whether rows are all of the one generation that the mark says."""
    expected = {
        key[len(prefix("t")) :].decode(): row
        for key, row in generation(loaded.mark.end).items()
        if row is not None
    }
    return expected == loaded.rows


def test_rows_come_back_as_of_their_mark(tmp_path: Path) -> None:
    """Written and deleted rows, and no others, after it was closed and opened."""
    filled(tmp_path)
    loaded = load(tmp_path)["t"]

    assert FLUSHES == loaded.mark.end
    assert is_whole(loaded)


def test_tables_do_not_mix(tmp_path: Path) -> None:
    """A table whose name begins like another's has its own rows, and is forgotten alone."""
    checkpoint = Checkpoint(tmp_path)
    names = ("t", "ta", "s")
    rows = {prefix(name) + b"k": name.encode() for name in names}
    checkpoint.write(rows, {name: mark(end=1) for name in names})
    checkpoint.forget("t")
    found = {name: list(checkpoint.rows(name)) for name in names}
    checkpoint.close()

    assert {"t": [], "ta": [(b"k", b"ta")], "s": [(b"k", b"s")]} == found


def test_what_a_kill_leaves_is_whole(tmp_path: Path) -> None:
    """Killed in the middle of writing, over and over: the rows are those of one flush."""
    dice = random.Random(SEED)
    reached = 0
    for _ in range(6):
        with process(WRITER, tmp_path) as writer:
            for _ in range(dice.randint(2, 12)):
                told = int(writer.stdout.readline())
            writer.kill()
        loaded = load(tmp_path)["t"]

        assert is_whole(loaded)
        # What was flushed before it was told is there; the kill may have come one or two later.
        assert max(told, reached) <= loaded.mark.end
        reached = loaded.mark.end


def flip(data: bytearray, dice: random.Random) -> None:
    """Change a bit somewhere."""
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def cut(data: bytearray, dice: random.Random) -> None:
    """Lose the end."""
    del data[-dice.randint(1, len(data)) :]


def blank(data: bytearray, dice: random.Random) -> None:
    """Have zeros where a block was."""
    start = dice.randrange(len(data))
    data[start : start + 4_096] = bytes(len(data[start : start + 4_096]))


@pytest.mark.parametrize("harm", [flip, cut, blank])
def test_damage_is_never_believed(
    tmp_path: Path, harm: Callable[[bytearray, random.Random], None]
) -> None:
    """Whatever file is damaged, and where: all rows of one flush are loaded, or none."""
    filled(tmp_path / "good")
    files = {path.name: path.read_bytes() for path in (tmp_path / "good").iterdir()}
    dice = random.Random(SEED)
    noticed = 0
    for number in range(60):
        name = dice.choice([name for name, data in files.items() if data and name != "LOG"])
        data = bytearray(files[name])
        harm(data, dice)
        folder = tmp_path / str(number)
        folder.mkdir()
        for other, content in files.items():
            (folder / other).write_bytes(data if other == name else content)
        loaded = load(folder)

        assert "t" not in loaded or is_whole(loaded["t"]), name
        noticed += "t" not in loaded

    assert noticed > 10


@pytest.mark.parametrize("kind", [".sst", "MANIFEST", "CURRENT"])
def test_a_missing_file_is_noticed(tmp_path: Path, kind: str) -> None:
    """What is gone altogether is as bad as what is damaged, and the next start is sound again."""
    filled(tmp_path)
    next(path for path in tmp_path.iterdir() if kind in path.name).unlink()

    assert {} == load(tmp_path)
    filled(tmp_path)
    assert is_whole(load(tmp_path)["t"])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"epochs": (1, 3)}, "created anew"),
        ({"epochs": (0, 2)}, "created anew"),
        ({"version": "w"}, "another form"),
        ({"end": 11}, "the changelog ends at 10"),
        ({"as_of": -OLDEST_MS}, None),
        ({"as_of": -OLDEST_MS - 1}, "so old"),
        ({"as_of": AHEAD_MS + 1}, "from the future"),
    ],
)
def test_rows_are_used_only_where_they_belong(
    changed: dict[str, object], reason: str | None
) -> None:
    """Other topics, other rows, a shorter changelog, too old: each is refused, and says why."""
    as_it_is: dict[str, object] = {"epochs": (1, 2), "version": "v", "end": 10, "as_of": 0}
    found = doubt(Mark(**as_it_is | changed), Wanted((1, 2), "v", 10), now_ms=0)

    assert found is None if reason is None else reason in str(found)


def test_refused_rows_do_not_come_back(tmp_path: Path) -> None:
    """What is not used is gone from the checkpoint; what is written later stands alone."""
    filled(tmp_path)
    other = {"t": Wanted((1, 3), "v", 1_000_000)}
    kept, loaded = opened(tmp_path, {"t": bytes}, other)
    kept.checkpoint.write({prefix("t") + b"new": b"row"}, {"t": Mark((1, 3), "v", 1, now_ms())})
    kept.checkpoint.close()
    kept, again = opened(tmp_path, {"t": bytes}, other)
    kept.checkpoint.close()

    assert {} == loaded
    assert {"new": b"row"} == again["t"].rows


def test_another_format_is_not_read(tmp_path: Path) -> None:
    """What a later release may have written differently is made anew, not guessed at."""
    checkpoint = Checkpoint(tmp_path)
    checkpoint.write({b"\0meta2": b""}, {})
    checkpoint._db.put(b"\0meta", b'{"format":2,"marks":{}}')

    with pytest.raises(CheckpointError, match="format 2"):
        checkpoint.marks()
    checkpoint.close()


def test_a_folder_has_one_worker(tmp_path: Path) -> None:
    """A second process is refused with one sentence; the end of the first frees the folder."""
    with process(HOLDER, tmp_path) as first:
        assert b"held\n" == first.stdout.readline()
        with pytest.raises(UsageError, match=r"in use by another worker.*BTRACKER_TABLES"):
            Checkpoints(tmp_path, every_s=1, epoch_of=int).hold()
        first.kill()
        first.wait()
    next_one = Checkpoints(tmp_path, every_s=1, epoch_of=int)
    next_one.hold()
    next_one.release()


PLACE = RAW_CHAIN.name, 0


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[tuple[Checkpoints, RowTable]]:
    """Give the checkpoints of an app that is never started, and the table that they are of."""
    app = River()
    app.use(StreamSettings(kafka="127.0.0.1:1", tables=folder))
    sums = app.table("sums", source=RAW_CHAIN, value=int)
    app.finalize()
    app._epochs = {RAW_CHAIN.name: 1, sums.topic.name: 1}
    await reload(app.checkpoints, sums)
    sums.hold(0)
    yield app.checkpoints, sums
    await app.checkpoints.on_stop()


async def reload(checkpoints: Checkpoints, sums: RowTable) -> Mapping[str, int]:
    """Return the rows of a table as they are on disk."""
    sums.drop(0)
    await checkpoints.load(PLACE, [sums], {sums.topic.name: 1})
    return sums.of(0)


@pytest.mark.parametrize("is_written", [False, True])
async def test_a_close_that_is_cancelled_is_done_all_the_same(
    tmp_path: Path, *, is_written: bool
) -> None:
    """A recovery that is overtaken leaves to the next one a checkpoint that is whole and closed."""
    async with kept(tmp_path) as (checkpoints, sums):
        sums.wrote(0, [Entry(b"key", b"7")], 1, now_ms())
        if is_written:
            await checkpoints._write(PLACE)
        busy = threading.Event()
        checkpoints._thread.submit(busy.wait)
        closing = asyncio.create_task(checkpoints.keep(()))
        await asyncio.wait([closing], timeout=0.01)
        closing.cancel()
        await asyncio.wait([closing])
        busy.set()

        assert {"key": 7} == await reload(checkpoints, sums)


@pytest.mark.parametrize(("age_ms", "rows"), [(0, {"key": 7}), (OLDEST_MS + 1, {})])
async def test_rows_are_as_old_as_their_sending(
    tmp_path: Path, age_ms: int, rows: dict[str, int]
) -> None:
    """Whenever its answer was heard: a worker may have stood still in between, for a day."""
    async with kept(tmp_path) as (checkpoints, sums):
        sums.wrote(0, [Entry(b"key", b"7")], 1, now_ms() - age_ms)

        assert rows == await reload(checkpoints, sums)
