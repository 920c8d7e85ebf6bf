"""``btracker decode`` and ``btracker bench decode``: what scripts rely on."""

import json
from pathlib import Path

import msgspec
import pytest
import zstandard
from click.testing import CliRunner, Result

from btracker.bench.decode.mix import LAP, lap_of, mix_of
from btracker.bench.decode.run import run
from btracker.commands.bench import command as bench
from btracker.commands.decode import command
from domain.decode import decode
from domain.errors import UnreadableError
from tests.shared import SHARED, market_lines, market_truth, needs_shared, recorded

FILES = sorted((SHARED / "recorded" / "dbc").glob("*.json"))


def decoded(source: bytes) -> Result:
    """Return what the command makes of standard input."""
    return CliRunner().invoke(command, ["-"], input=source)


def events(result: Result) -> list[dict[str, object]]:
    """Return the printed objects."""
    return [json.loads(line) for line in result.stdout.splitlines()]


@needs_shared
def test_a_trade() -> None:
    """Every field of the contract, with the figures that the recording's balances state."""
    (event,) = events(decoded(recorded("dbc/swap-4RQk1sUf")))

    assert {
        "kind": "trade",
        "protocol": "meteora-dbc",
        "launchpad": None,
        "slot": 452397262,
        "signature": "4RQk1sUfQqt2tpNvbScJS2hdq3UhzwSZrx1fPqrDg1BmUpcqnYdAVD3Ne9VQRmb6J4Ryf4HfA1"
        "ZCM6xsboneqJAk",
        "path": "4.16",
        "time": "2026-10-01T20:38:37Z",
        "program": "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN",
        "mint": "8fMRoytndcRCjbxa5TAY3Smmv9W7JXmFHgSxeQP9wizp",
        "pool": "HLfVDQpRWL9KEHVXbGiRcgE3epYMLckY4iJa1KKaQvvD",
        "side": "buy",
        "trader": "CT6n2L18XMPWZm9tdpuAPia1wJCYnwfEpWyQPWRPzTt9",
        "baseAmount": "3603789239603",
        "quoteAmount": "104054789",
        "fee": "3121644",
        "feeInBase": False,
        "decimals": 6,
        "quoteMint": "So11111111111111111111111111111111111111112",
        "quoteDecimals": 9,
        "baseReserve": None,
        "quoteReserve": "1426537440",
        "threshold": "74958614076",
        "sqrtPriceX64": "97795790390404679",
        "price": "0.0000000281061187643204594642",  # Its square over 2^128, in whole tokens.
        "aside": False,
        "config": "72hdX81iELb1VU8TAvsbdg5AoEiDzF5X16XLecyjBNcY",
    } == event


@needs_shared
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_over_many_lines_is_one_transaction(file: Path) -> None:
    """The recorded files are indented; each has one event of the kind in its name.

    What else happened, in pools that a migration makes, is named beside it.
    """
    result = CliRunner().invoke(command, [str(file)])
    kinds = {"init": "launch", "migr": "migrate", "swap": "trade"}

    assert 0 == result.exit_code
    kept = [event["kind"] for event in events(result) if event["kind"] != "other"]
    assert [kinds[file.stem[:4]]] == kept


@needs_shared
def test_a_market_line_by_line() -> None:
    """One line per event: 3 configurations, 40 launches, 5,879 trades, 5 completions."""
    result = decoded(b"\n".join(market_lines()))
    kinds = [event["kind"] for event in events(result)]
    truth = market_truth()["tokens"].values()

    assert 0 == result.exit_code
    assert 3 == kinds.count("config")
    assert kinds.count("launch") == len(truth)
    assert kinds.count("trade") == sum(token["trade_count"] for token in truth)
    assert kinds.count("complete") == sum(token["complete"] for token in truth)
    assert 5_927 == len(kinds)


def test_a_failed_transaction_prints_nothing() -> None:
    """It changed nothing but the fee."""
    failed = next(line for line in market_lines() if b'"err":null' not in line)
    result = decoded(failed)

    assert (result.exit_code, result.output) == (0, "")


def test_a_line_that_is_none_of_the_shapes_is_named() -> None:
    """Exit 1 and the number of the line; the other lines are printed all the same."""
    result = decoded(
        b"\n".join([market_lines()[3], b"", b'{"a":1}', market_lines()[4], b"garbage"])
    )

    assert 1 == result.exit_code
    assert ["launch", "trade"] == [event["kind"] for event in events(result)]
    assert [
        "line 3: the JSON holds no transaction with its meta",
        "line 5: it is not a transaction in JSON: JSON is malformed: invalid character (byte 0)",
        "Give what getTransaction returns, entries of blocks, or enhanced-webhook objects.",
    ] == result.stderr.splitlines()


@pytest.mark.parametrize("source", [b"", b"\n\n", zstandard.compress(b"")])
def test_an_empty_input_is_called_empty(source: bytes) -> None:
    """Nothing at all is not a success either, and is said as that."""
    result = decoded(source)

    assert "" == result.stdout
    assert isinstance(result.exception, UnreadableError)
    assert "nothing in it" in str(result.exception)


def test_a_packed_file_is_unpacked() -> None:
    """What is packed with zstd, in however many frames, prints the same events."""
    lines = market_lines()[:40]
    packed = [zstandard.compress(b"\n".join(some) + b"\n") for some in (lines[:7], lines[7:])]

    assert decoded(b"\n".join(lines)).stdout == decoded(b"".join(packed)).stdout


def test_a_packed_file_that_is_cut_off_is_called_so() -> None:
    """Its whole lines are printed, then it fails."""
    result = decoded(zstandard.compress(b"\n".join(market_lines()))[:-9])

    assert isinstance(result.exception, UnreadableError)
    assert "cut off" in str(result.exception)


@pytest.mark.parametrize("source", [b"garbage", b'{"jsonrpc":"2.0","result":null}', b"1\n2"])
def test_input_without_a_transaction_fails(source: bytes) -> None:
    """Exit 1, and what is wrong with the first line."""
    result = decoded(source)

    assert 1 == result.exit_code
    assert "" == result.stdout
    assert result.stderr.startswith("line 1: ")


def test_many_broken_lines_are_counted() -> None:
    """Ten are named, the others counted."""
    result = decoded(b"\n".join([market_lines()[3]] + [b"{}"] * 25))

    assert 1 == result.exit_code
    assert "15 more are not shown" in result.stderr.splitlines()


def test_an_instruction_that_cannot_be_read_is_named() -> None:
    """A swap without inner instructions: its transaction and the reason."""
    answer = json.loads(market_lines()[4])
    answer["meta"]["innerInstructions"] = []
    result = decoded(msgspec.json.encode(answer))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "came without its event" in result.stderr


def test_the_benchmark_measures_what_it_says(tmp_path: Path) -> None:
    """A lap of each program it was given, whatever else lies beside it; the floor does less."""
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "one.json").write_bytes(market_lines()[4])
    result = run(mix_of(market_lines()[:4], tmp_path), laps=1)
    (program,) = result.programs

    assert ("meteora-dbc", 5) == (program.protocol, program.different)
    assert LAP == result.transactions < result.events
    assert result.mix == program.rates
    assert result.mix.floor.cpu_us_per_transaction < result.mix.decode.cpu_us_per_transaction


def test_what_the_benchmark_repeats_is_no_copy() -> None:
    """Every transaction of a lap has a signature of its own, and did what the first one did."""
    lines = market_lines()[3:5]
    first, *_, last = (decode(line) for line in lap_of(lines))

    assert LAP == len({decode(line).signature for line in lap_of(lines)})
    assert decode(lines[1]).events == last.events
    assert decode(lines[0]) == first


def test_the_benchmark_prints_json_and_a_table() -> None:
    """JSON for scripts, with the machine; a table for people."""
    as_json = CliRunner().invoke(bench, ["decode", "--runs", "1", "--json"])
    as_table = CliRunner().invoke(bench, ["decode", "--runs", "1"])
    result = json.loads(as_json.stdout)

    assert (result["bench"], result["transactions"]) == ("decode", LAP)
    assert result["mix"]["decode"]["transactionsPerSecond"] > 0
    assert {"processor", "cores", "python", "btracker"} <= result["machine"].keys()
    assert {"msgspec", "solders"} <= result["machine"]["versions"].keys()
    assert "transactions/s" in as_table.stdout
