"""Old bytes mean today what they meant when a release wrote them, and today's are on record."""

from typing import Any

import msgspec
import pytest

from schemas.chain_events import Launch, Migrate, Trade
from schemas.rows import Spot
from tests.golden.carriers import Carrier, carriers
from tests.golden.making import Making, includes, meaning
from tests.golden.store import VERSION, Line, Sample, releases, samples, written

CARRIERS = {carrier.name: carrier for carrier in carriers()}
TODAY = list(samples(VERSION))
EVERY = [sample for release in releases() for sample in samples(release)]


def name_of(sample: Any) -> str:
    """Return the name of a test's sample."""
    return f"{sample.release}-{sample.carrier}" if isinstance(sample, Sample) else ""


@pytest.mark.parametrize("sample", EVERY, ids=name_of)
def test_old_bytes_mean_what_they_meant(sample: Sample) -> None:
    """Each field of each sample of every release has its value, under its name."""
    value = CARRIERS[sample.carrier].decode(bytes(sample.line.wire))

    assert includes(meaning(value), sample.line.meaning)


@pytest.mark.parametrize("sample", TODAY, ids=name_of)
def test_todays_bytes_are_on_record(sample: Sample) -> None:
    """A value is written byte for byte as on record; ``python -m tests.golden`` changes that."""
    carrier = CARRIERS[sample.carrier]
    written = carrier.encode(carrier.decode(bytes(sample.line.wire)))

    assert bytes(sample.line.wire) == written


@pytest.mark.parametrize("kind", [Launch, Trade, Migrate, Spot])
def test_rows_may_end_before_what_came_later(kind: type) -> None:
    """Bytes from before a field was appended mean what they meant, and the field is unknown."""
    info = msgspec.inspect.type_info(kind)
    last = max(place for place, field in enumerate(info.fields) if field.required)
    for value in Making(2**70).samples(kind):
        cut = msgspec.json.decode(msgspec.json.encode(value))[: last + 2 - isinstance(value, Spot)]
        old = msgspec.json.decode(msgspec.json.encode(cut), type=kind)
        names = [field.name for field in info.fields]

        assert names[last + 1 :]
        for name in names[: last + 1]:
            assert getattr(old, name) == getattr(value, name)
        for field in info.fields[last + 1 :]:
            assert getattr(old, field.name) == field.default


def test_every_carrier_has_samples_of_today() -> None:
    """Tables, topics and whatever else outlives a release are all there, and nothing else."""
    assert set(CARRIERS) == {sample.carrier for sample in TODAY}


@pytest.mark.parametrize("carrier", CARRIERS.values(), ids=CARRIERS)
def test_every_alternative_is_on_record(carrier: Carrier) -> None:
    """Each kind of a union, each field given and left out: as many as the types ask for today."""
    recorded = [sample.line for sample in TODAY if sample.carrier == carrier.name]

    assert list(map(_bytes, written(carrier))) == list(map(_bytes, recorded))


def _bytes(line: Line) -> tuple[bytes, bytes]:
    return bytes(line.wire), bytes(line.means)
