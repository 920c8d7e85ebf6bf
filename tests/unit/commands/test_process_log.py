"""The log of a supervised process holds what it said, as JSON lines, bounded in size."""

import json
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from btracker import process_log
from btracker.process_log import ProcessLog


def written(folder: Path, *pieces: bytes) -> list[dict[str, str]]:
    """Return the records that a log holds after it was fed *pieces*."""
    log = ProcessLog(folder, "broker")
    for piece in pieces:
        log.feed(piece)
    log.close()
    return [json.loads(line) for line in log.path.read_bytes().splitlines()]


def test_json_passes_and_all_else_is_wrapped(tmp_path: Path) -> None:
    """A JSON object is a record as it is; another line becomes the message of one."""
    mine = {"time": "t", "level": "ERROR", "message": "100 % of it"}
    found = written(tmp_path, json.dumps(mine).encode() + b"\n\x1b[32mready\x1b[0m %s\n\n[1]\n")

    assert mine == found[0]
    assert ["ready %s", "[1]"] == [record["message"] for record in found[1:]]
    assert {"broker"} == {record["process"] for record in found[1:]}


@given(data=st.binary(max_size=400), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_it_does_not_matter_how_output_arrives(tmp_path_factory, data, cuts) -> None:
    """The same bytes make the same records, in whatever pieces they come."""
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    whole = written(tmp_path_factory.mktemp("log"), data) if data.strip() else []
    parts = written(tmp_path_factory.mktemp("log"), *pieces) if data.strip() else []

    assert [one.get("message") for one in whole] == [one.get("message") for one in parts]


def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    """A line longer than the limit is written in pieces, nothing of it lost."""
    found = written(tmp_path, *[b"x" * process_log.LINE_BYTES] * 3)

    assert 3 * process_log.LINE_BYTES == sum(len(record["message"]) for record in found)
    assert len(found) > 1


def test_the_files_stay_small(tmp_path: Path, monkeypatch) -> None:
    """Old lines are dropped file by file."""
    monkeypatch.setattr(process_log, "FILE_BYTES", 2_000)
    written(tmp_path, *[b"line %d\n" % number for number in range(500)])
    files = list(tmp_path.iterdir())

    assert process_log.FILES_KEPT + 1 == len(files)
    assert all(file.stat().st_size <= 2_000 for file in files)
