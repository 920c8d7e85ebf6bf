"""Which recording may be added to what a data folder holds."""

from pathlib import Path

import pytest

from btracker.data_folder import check_data_folder
from btracker.deployment import DEMO, DEMO_HEAD_START_HOURS, UpOptions
from domain.errors import UsageError
from streams.sources.frames import Cursor, Frame
from streams.sources.journal import Journal
from streams.sources.recording import first_time, open_recording

START = first_time(open_recording(DEMO))
DAY_S = 86_400
NAMED = UpOptions(
    data=Path(), host="127.0.0.1", port=0, recording=DEMO, speed=None, as_live=False,
    head_start_hours=0, kafka=None, store=None, redis=None, workers=1,
)  # fmt: skip
DEFAULT = NAMED._replace(as_live=True, head_start_hours=DEMO_HEAD_START_HOURS)


def hold(data: Path, source: str, time: int) -> None:
    """Make *data* hold a source that was read to *time*."""
    with Journal(data / "journal", keep_s=2 * DAY_S) as journal:
        journal.append(Frame(source, "recording:other", (), None, Cursor(time=time)))


@pytest.mark.parametrize("asked", [NAMED, DEFAULT])
def test_an_empty_folder_takes_any_recording(tmp_path: Path, asked: UpOptions) -> None:
    """Where nothing is, anything may begin, and nothing is created by asking."""
    check_data_folder(asked._replace(data=tmp_path / "data"))

    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("time", "is_taken"), [(START + DAY_S, True), (START + 3 * DAY_S, False)])
def test_a_recording_too_old_to_count_is_refused(tmp_path: Path, time: int, is_taken: bool) -> None:
    """What begins longer than two days before the newest block would go to no candle."""
    hold(tmp_path, "other", time)
    asked = NAMED._replace(data=tmp_path)
    if is_taken:
        check_data_folder(asked)
    else:
        with pytest.raises(UsageError, match="too old to count"):
            check_data_folder(asked)


def test_a_live_chain_and_a_recording_do_not_mix(tmp_path: Path) -> None:
    """Neither is added to the other: times of both would be those of one market."""
    live = NAMED._replace(recording=None, solana="ws://node")
    for name, held, asked in (("a", "other", live), ("b", "solana", NAMED)):
        hold(tmp_path / name, held, START)

        with pytest.raises(UsageError, match="cannot be mixed"):
            check_data_folder(asked._replace(data=tmp_path / name))

    hold(tmp_path / "c", "solana", START)
    check_data_folder(live._replace(data=tmp_path / "c"))


def test_the_demo_is_not_added_to_another_recording(tmp_path: Path) -> None:
    """Whoever names no recording wants to see what is there, not the demo on top of it."""
    hold(tmp_path, "other", START)

    with pytest.raises(UsageError, match="name that one again"):
        check_data_folder(DEFAULT._replace(data=tmp_path))


def test_what_a_folder_holds_goes_on(tmp_path: Path) -> None:
    """A recording that was begun there goes on, however far the clock has come."""
    hold(tmp_path, f"{open_recording(DEMO).fingerprint}:live", START + 90 * DAY_S)

    check_data_folder(DEFAULT._replace(data=tmp_path))
