"""What people write to ask for a token."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posts.command import LIKELY, read_command
from domain.posts.normalise import normalise
from schemas.post import Command
from tests.shared import SHARED

LABELLED = SHARED / "nlp" / "posts.dev.jsonl"
PEOPLE = Path(__file__).with_name("people.jsonl")
PLAIN = ("BOOM", "Boom Box")


def likely(text: str) -> Command | None:
    """Return the command of a text as it came, if it counts as one."""
    command = read_command(normalise(text))
    return command if command and command.confidence >= LIKELY else None


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("@launchcoin $BOOM + Boom Box", "A"),
        ("gm! @LaunchCoin launch $boom+Boom Box - a box", "A"),
        ("@a_b @launchacoin\n$BOOM\n+\nBoom Box\nloud", "A"),
        ("@believeapp \uff04BOOM + Boom Box | v2", "A"),
        ("@launchcoin + $BOOM + Boom Box", "A"),
        ("@launchcoin turn this into a coin: $BOOM + Boom Box \U0001f680", "A"),
        ("@launchcoin $BOOM (Boom Box) is loud", "A"),
        ("@launchcoin $BOOM \u201cBoom Box\u201d we are loud", "A"),
        ("@launchcoin Name: Boom Box Ticker: BOOM", "A"),
        ("@launchcoin\nTicker: $BOOM\nName: Boom Box\nDescription: x", "A"),
        ("@launchcoin ticker is BOOM name is Boom Box", "A"),
        ("@launchcoin $BOOM - Boom Box. It is loud", "B"),
        ("@launchcoin $BOOM: Boom Box", "B"),
        ("@launchcoin $BOOM\nBoom Box", "B"),
        ("@launchcoin $BOOM Boom Box", "B"),
        ("@launchcoin $BOOM named Boom Box, loud", "B"),
        ("@launchcoin BOOM + Boom Box", "B"),
        ("@launchcoin Boom Box + $BOOM", "B"),
        ("$BOOM + Boom Box @launchcoin", "B"),
        ("@launchcoin launch Boom Box $BOOM", "B"),
        ("hey @launchcoin can you launch Boom Box ($BOOM)", "B"),
        ("@bankrbot launch a coin called Boom Box with ticker $BOOM on base", "B"),
        ("@clanker create token Boom Box, ticker BOOM", "B"),
    ],
)
def test_forms_with_ticker_and_name(text: str, tier: str) -> None:
    """Plus, brackets, quotes, labels, dashes and bare words all give ticker and name."""
    command = likely(text)

    assert command is not None
    assert (*PLAIN, tier) == (command.ticker, command.name, command.tier)


@pytest.mark.parametrize(
    ("text", "ticker", "name"),
    [
        ("@launchcoin $BOOM", "BOOM", None),
        ("this deserves a coin @launchcoin $boom https://t.co/x", "BOOM", None),
        ("@launchcoin deploy $BOOM on base now", "BOOM", None),
        ("@launchcoin + Patio Lights", None, "Patio Lights"),
    ],
)
def test_half_a_command(text: str, ticker: str | None, name: str | None) -> None:
    """A ticker or a name alone is a command of the lowest tier."""
    command = likely(text)

    assert command is not None
    assert (ticker, name, "C") == (command.ticker, command.name, command.tier)


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("Okapi Robotics. Teaching arms", "Okapi Robotics"),
        ("R&amp;D for All. labs", "R&D for All"),
        ("asdfjkl;", "asdfjkl;"),
        ("Bolt Nine $SOL only", "Bolt Nine"),
        ("Midge: forecasts", "Midge"),
        ("Boom Box by @someone", "Boom Box"),
        ("Jeepni, real-time na mapa", "Jeepni"),
        ("\u5305\u5b50\u94fa \u6bcf\u5929\u65e9\u4e0a", "\u5305\u5b50\u94fa"),
        ("Sky Net https://t.co/abc", "Sky Net"),
        ("Sky Net sky.net is up", "Sky Net"),
        ("chat.fun", "chat.fun"),
    ],
)
def test_where_a_name_ends(rest: str, name: str) -> None:
    """At the end of a sentence or line, a dash, colon, comma, URL, ticker; in CJK at a space."""
    command = likely(f"@launchcoin $T1 + {rest}")

    assert command is not None
    assert name == command.name


@pytest.mark.parametrize(
    "text",
    [
        "reply with \u201c@launchcoin $BOOM + Boom Box\u201d to launch",
        "should i @launchcoin $BOOM + Boom Box or is that too much?",
        "imagine typing @launchcoin $BOOM + Boom Box",
        "don't @launchcoin $BOOM + Boom Box. please",
        "someone did @launchcoin $BOOM + Boom Box. do not buy",
        "How it works: reply to any post with @launchcoin $TICKER + Name",
    ],
)
def test_hedged_commands_are_kept_with_less_confidence(text: str) -> None:
    """Who quotes, asks, teaches or refuses gives a command that only the chain can confirm."""
    command = read_command(normalise(text))

    assert command is not None
    assert 0 < command.confidence < LIKELY


@pytest.mark.parametrize(
    "text",
    [
        "@launchcoin $BOOM is pumping, when fees?",
        "@launchcoin thanks for $BOOM",
        "@launchcoin the $BOOM chart looks great",
        "bought $BOOM on @launchcoin yesterday",
        "I paid $5 + tip for this coffee @launchcoin",
        "I paid $TEA + tip for this @launchcoin_cafe",
        "@Iaunchacoin $GLUCO + Glucose Buddy OFFICIAL",
        "$BOOM + Boom Box",
        "@launchcoin you + me = love",
        "@launchcoin made me 10x on $BOOM",
    ],
)
def test_chatter_is_no_command(text: str) -> None:
    """Talk about tokens and launchers, other handles and lookalikes ask for nothing."""
    assert None is likely(text)


def test_a_retweet_never_asks() -> None:
    """What somebody else asked for is not asked again by repeating it."""
    assert None is read_command("RT @x: @launchcoin $BOOM + Boom Box")


@pytest.mark.parametrize(
    "text",
    [
        "tempted to @launchcoin $BOOM + Boom Box",
        "you should @launchcoin $BOOM + Boom Box",
        "somebody replied @launchcoin $BOOM + Boom Box",
        "@launchcoin thank you for launching $BOOM + Boom Box",
        "don't launch $BOOM + Boom Box @launchcoin",
        "@launchcoin $BOOM contract address please",
        "@launchcoin $BOOM Best Project",
        "@launchcoin $BOOM / SOL pool is thin",
        "@launchcoin make $BOOM great again",
        "@launchcoin $BOOM es una estafa",
    ],
)
def test_talk_about_commands_and_tickers_is_no_command(text: str) -> None:
    """What governs the handle or the ticker, and words unlike the ticker, tell talk from asking."""
    assert None is likely(text)


@pytest.mark.parametrize(
    "text",
    [
        "I just had to @launchcoin $BOOM + Boom Box",
        "hey @launchcoin can you launch $BOOM + Boom Box please?",
        "@launchcoin call it Boom Box, ticker BOOM",
        "@launchcoin [$BOOM] [Boom Box]",
        "@launchcoin boom + Boom Box",
        "@launchcoin Boom Box / BOOM",
        "@launchcoin \U0001f680 $BOOM \U0001f680 + Boom Box",
        "Project: Boom Box\nTicker: $BOOM\n@launchcoin",
    ],
)
def test_more_ways_to_ask(text: str) -> None:
    """Polite questions, other separators and labels, and small letters before a plus are read."""
    command = likely(text)

    assert command is not None
    assert PLAIN == (command.ticker, command.name)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_read(before: str, after: str) -> None:
    """Nothing that people write makes the grammar fail; confidence stays between 0 and 1."""
    command = read_command(normalise(f"{before} @launchcoin {after}"))

    assert command is None or 0 < command.confidence <= 1


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece",
    ["@launchcoin ", "name ", "$A ", "@launchcoin launch a ", "reply with ", " ", "\n", "1."],
)
def test_long_posts_cost_little(piece: str) -> None:
    """A post of 25,000 characters of one piece is read in well under a second."""
    read_command(normalise("@launchcoin " + piece * (25_000 // len(piece))))


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled posts are not on this machine")
def test_labelled_posts(capsys: pytest.CaptureFixture[str]) -> None:
    """Development figure: precision >= 0.99 and recall >= 0.95 on the 254 labelled posts."""
    rows = [json.loads(line) for line in LABELLED.read_text().splitlines()]
    pairs = [(likely(row["text"]), row["command"]) for row in rows]
    both = [(found, label) for found, label in pairs if found and label]
    found, labels = sum(bool(f) for f, _ in pairs), sum(bool(label) for _, label in pairs)
    figures = {
        "precision": len(both) / found,
        "recall": len(both) / labels,
        "tickerExact": sum(f.ticker == label["ticker"] for f, label in both) / len(both),
        "nameExact": sum(f.name == label["name"] for f, label in both) / len(both),
    }
    with capsys.disabled():
        print("commands, development figure:", {"n": len(rows), **figures})  # noqa: T201

    assert figures["precision"] >= 0.99
    assert figures["recall"] >= 0.95
    assert figures["tickerExact"] >= 0.99
    assert figures["nameExact"] >= 0.97


def test_forms_that_no_sample_showed() -> None:
    """Development figure: 143 ways to ask, in many languages, and 311 posts that do not ask.

    They were written before the grammar was looked at, and mended on afterwards.
    """
    rows = [json.loads(line) for line in PEOPLE.read_text().splitlines()]
    pairs = [(likely(row["text"]), row["command"]) for row in rows]
    asked = [(found, label) for found, label in pairs if label]
    read = [(found.ticker, found.name) for found, _ in asked if found]

    assert sum(found is not None for found, label in pairs if not label) == 0
    assert len(read) >= 0.97 * len(asked)
    assert read == [(label["ticker"], label["name"]) for found, label in asked if found]
