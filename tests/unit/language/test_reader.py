"""What is read of a text: spans that are there, context that counts, words where no model is."""

import json

import pytest

from domain.posts.analysis.classes import PROTOTYPES
from domain.posts.analysis.scams import SPAM_FROM, signals, total
from language.pipeline import pipeline
from language.reader import Reader, Text
from tests.shared import SHARED

MINT = "9C3cdEDZcQn5squBenj59qWTJ8QogGzyeH9aiD7o2P94"
POST = (
    "@launchcoin $TIDE + Tidepool\nfixed-rate borrowing &amp; lending, audited by two firms. "
    f"TVL 1.4m. CA {MINT} https://tide.example/app"
)


def test_the_parts_of_a_post(words: Reader) -> None:
    """Command, handles, tickers, mints, links and features, each where it stands."""
    reading = words.read(Text(POST))

    assert reading.is_launch
    assert ("launchcoin",) == reading.handles
    assert ("TIDE",) == reading.cashtags
    assert (MINT,) == reading.mints
    assert ("https://tide.example/app",) == reading.links
    assert {"audit": "audited by", "traction": "TVL 1.4m"} == {
        one.name: one.text for one in reading.project.features if one.name != "website"
    }
    assert all(reading.text[slice(*one.span)] == one.text for one in reading.project.features)


def test_the_rules_are_a_spacy_pipeline() -> None:
    """Findings are spans of the document and values of its components."""
    doc = pipeline()(POST)

    assert "TIDE" == doc._.command.ticker
    assert {"audit", "traction", "website"} == {span.label_ for span in doc.spans["features"]}


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["", "\ud800", "+" * 25_000, "a." * 5_000_000, "x https://" * 2_000]
)
def test_any_text_is_read(words: Reader, text: str) -> None:
    """Nothing, halves of characters, one long word and millions of characters cost little."""
    assert words.read(Text(f"@launchcoin $BOOM + Boom Box {text}")).is_launch


@pytest.mark.parametrize("category", sorted(PROTOTYPES))
def test_without_a_model_words_decide(words: Reader, category: str) -> None:
    """What is read by words alone says so."""
    project = words.read(Text("a game with quests and guilds", about_project=True)).project

    assert project.degraded
    assert ("gaming", "keywords") == (project.category, project.engine)
    assert category in words.read(Text("gm")).verdict.scores


def test_what_a_reply_answers_counts(reader: Reader) -> None:
    """A command alone says nothing of its project; the post above it does."""
    command = "@launchcoin $BOOM + Boom"
    alone = reader.read(Text(command)).project
    answering = reader.read(
        Text(command, ("We fund clinical trials and open research data on rare diseases.",))
    ).project

    assert "desci" == answering.category != alone.category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("@launchcoin $SWIM + Lap. swimming lessons for children, 40 teachers", "education"),
        ("our app splits the rent and pays the landlord in usdc @launchcoin $RNT + Rentz",
         "payments"),
        ("@launchcoin $ORE + Orebit: tokenized gold bars in a Zurich vault", "rwa"),
        ("price went down again, who is still holding", "other"),
    ],
)  # fmt: skip
def test_texts_nobody_tuned_on(reader: Reader, text: str, category: str) -> None:
    """Plain cases come out right."""
    assert category == reader.read(Text(text)).project.category


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("send 2 SOL get 4 SOL back", {"doubling"}),
        ("DM @helpdesk_support with your seed phrase", {"seed_phrase", "dm_support"}),
        ("claim your airdrop at https://sol-claim.app, connect wallet",
         {"airdrop_claim", "connect_wallet", "lookalike_domain"}),
        ("@Iaunchcoin $TIDE + Tidepool", {"lookalike_handle"}),
        ("@launchcoin $TIDE + Tidepool", set()),
        ("Passkeys for every dapp. No seed phrase, no extension", set()),
        ("we never ask for your private keys", set()),
    ],
)  # fmt: skip
def test_signals_of_scams_and_what_negates_them(text: str, reasons: set[str]) -> None:
    """Each signal is named; a text that warns of one is none."""
    found = signals(text)

    assert reasons == {one.name for one in found}
    assert bool(reasons) == (total(found) >= SPAM_FROM)


def test_languages(words: Reader) -> None:
    """X's word counts where it has one; else the text's own."""
    text = "@launchcoin $MERC + Mercado: los puestos de la colonia en una sola app, pagas con QR"

    assert "es" == words.read(Text(text)).language
    assert "pt" == words.read(Text(text, language="pt")).language
    assert "es" == words.read(Text(text, language="und")).language
    assert "und" == words.read(Text("@launchcoin $A1 🚀")).language


@pytest.mark.skipif(not SHARED.exists(), reason="the shared facts are not beside the project")
def test_a_sample_of_the_labelled_posts(reader: Reader) -> None:
    """Mints are exact and classes mostly right on every eighth post; all are measured apart."""
    lines = (SHARED / "nlp" / "posts.dev.jsonl").read_text().splitlines()[::8]
    rows = [json.loads(line) for line in lines]
    readings = [reader.read(Text(row["text"])) for row in rows]
    both = zip(rows, readings, strict=True)
    right = sum(row["category"] == reading.verdict.category for row, reading in both)

    assert [row["mints"] for row in rows] == [list(reading.mints) for reading in readings]
    assert [row["is_launch"] for row in rows] == [reading.is_launch for reading in readings]
    assert right >= 0.7 * len(rows)
