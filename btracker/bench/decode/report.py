"""The rates of decoding as a table for people."""

from btracker.bench.decode.run import DecodeResult, Rates
from btracker.bench.report import Sheet

HEADINGS = ("", "transactions/s", "CPU µs", "worker", "floor", "of it")


def decode_sheets(result: DecodeResult) -> list[Sheet]:
    """Return the mix and each program."""
    each = [(f"{one.protocol} ({one.different})", *_row(one.rates)) for one in result.programs]
    sheet = Sheet(
        HEADINGS,
        [*each, ("all, equal parts", *_row(result.mix))],
        note=f"{result.transactions:,} transactions with {result.events:,} events, median of "
        f"{result.laps} laps, by the time of one core; in brackets how many are different. The "
        "worker also judges copies and encodes what it says. The floor parses JSON and undoes "
        f"base64 and base58 of the events, but builds none.",
    )
    return [sheet]


def _row(rates: Rates) -> tuple[object, ...]:
    return (
        rates.decode.transactions_per_second,
        rates.decode.cpu_us_per_transaction,
        rates.worker.cpu_us_per_transaction,
        rates.floor.cpu_us_per_transaction,
        rates.of_floor,
    )
