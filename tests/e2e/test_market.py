"""A day of a market through the whole system: every figure equals the recorded truth."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.deployment import Deployment
from tests.recordings import failed, lines_of, moved, write
from tests.shared import MARKET as RECORDING
from tests.truth import RESOLUTIONS, Market, load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RECORDING.exists(), reason="the recorded market's truth is not here"),
]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    """The recorded market's truth."""
    return load(RECORDING)


def test_a_day_at_full_speed_is_exact_within_a_minute(
    tmp_path: Path, truth: dict[str, Any]
) -> None:
    """At full speed the whole day is visible within 60 s, and every figure is the truth's."""
    with Deployment(tmp_path, "--recording", str(RECORDING), "--speed", "max") as up:
        took = up.wait(truth["end_slot"])
        market = Market(up.api, truth)
        status = up.status()

        assert market.differences() == []
        assert took < 60
        assert status is not None
        assert status["counts"]["transactions"] == sum(truth["transactions"].values())
        assert status["counts"]["failed"] == truth["transactions"]["failed"]
        assert status["counts"]["tokens"] == len(truth["tokens"])
        assert status["counts"]["deadLettered"] == 0

        busiest = max(truth["tokens"], key=lambda mint: len(truth["tokens"][mint]["trades"]))
        quietest = min(truth["tokens"], key=lambda mint: len(truth["tokens"][mint]["trades"]))
        for mint, resolution in itertools.product((busiest, quietest), RESOLUTIONS):
            assert market.candle_differences(mint, resolution) == []


def test_a_paced_day_is_exact(tmp_path: Path, truth: dict[str, Any]) -> None:
    """The speed of the replay changes no figure."""
    with Deployment(tmp_path, "--recording", str(RECORDING), "--speed", "3000") as up:
        up.wait(truth["end_slot"], within_s=150)

        assert Market(up.api, truth).differences() == []


def test_a_restart_in_the_middle_changes_nothing(tmp_path: Path, truth: dict[str, Any]) -> None:
    """Stopped half-way and started again, the day ends in the same figures."""
    options = ("--recording", str(RECORDING), "--speed", "4000")
    half = (truth["end_slot"] + 452_000_000) // 2
    with Deployment(tmp_path, *options) as up:
        up.reach(half)
        assert up.stop() < 10
        up.start()
        up.wait(truth["end_slot"], within_s=120)

        assert Market(up.api, truth).differences() == []


def test_raw_input_delivered_twice_at_once_counts_once(
    tmp_path: Path, truth: dict[str, Any]
) -> None:
    """Every transaction twice in a row: the same figures, and every copy is counted."""
    doubled = [copy for line in lines_of(RECORDING) for copy in (line, line)]
    recording = write(tmp_path / "doubled", doubled, like=RECORDING)
    with Deployment(tmp_path / "data", "--recording", str(recording), "--speed", "max") as up:
        up.wait(truth["end_slot"])
        status = up.status()

        assert Market(up.api, truth).differences() == []
        assert status is not None
        assert status["counts"]["duplicates"] >= len(doubled) // 2
        assert status["counts"]["transactions"] == len(doubled) // 2


def test_raw_input_delivered_again_a_day_later_counts_once(
    tmp_path: Path, truth: dict[str, Any]
) -> None:
    """The whole day again, when the clock has moved on by a day: the same figures."""
    lines = lines_of(RECORDING)
    later = moved(failed(reversed(lines)), seconds=86_400, salt=b"later")
    recording = write(tmp_path / "again", [*lines, later, *lines], like=RECORDING)
    with Deployment(tmp_path / "data", "--recording", str(recording), "--speed", "max") as up:
        up.wait(json.loads(later)["slot"])

        assert Market(up.api, truth).differences() == []
