"""Which evidence joins a post and a token, and which does not."""

import pytest

from schemas.event import Op
from schemas.post import Author
from tests.unit.match.claims import document, launch, post, said


def test_the_launchpad_names_the_post() -> None:
    """The post's id in a document of a signed launch is exact, whatever else speaks against it."""
    link = said([launch(), post("1", "OTHER", "Other", author="8"), document(post_id="1")])["M"]

    assert ("matched", "1", 0.99, ("tweetId",), 45_000) == (
        link.status, link.post_id, link.confidence, link.evidence, link.delay_ms,
    )  # fmt: skip
    assert ("https://x.com/who/status/1", "post 1") == (link.url, link.text)


def test_a_named_post_that_the_stream_missed() -> None:
    """It is linked by its id, with the author and text of the document; the id tells its time."""
    stated = document(
        post_id="2102038470456246272", post_author_id="7", post_author="who", description="text"
    )
    link = said([launch(at=20), stated])["M"]

    assert "https://x.com/who/status/2102038470456246272" == link.url
    assert ("text", 20_000) == (link.text, link.delay_ms)
    assert Author(id="7", username="who") == link.author


def test_a_named_post_without_an_author() -> None:
    """The address works without the author's name; an id that is no plausible time tells none."""
    link = said([launch(), document(post_id="1")])["M"]

    assert ("https://x.com/i/web/status/1", None, None) == (
        link.url,
        link.created_ms,
        link.delay_ms,
    )


@pytest.mark.parametrize("launchpad", ["pump", "meteora-dbc", "bags"])
def test_a_post_named_elsewhere_is_only_a_reference(launchpad: str) -> None:
    """On other launchpads anybody may write anybody's post into a document."""
    claims = [launch(launchpad=launchpad), post(), document(post_id="1", post_author_id="7")]

    assert {} == said(claims)


def test_ticker_and_name_and_time() -> None:
    """Without a document they are enough, with less confidence."""
    link = said([launch(), post()])["M"]

    assert ("matched", ("ticker", "name", "delay")) == (link.status, link.evidence)
    assert 0.7 < (link.confidence or 0) < 0.9


def test_the_ticker_alone_never_joins() -> None:
    """Tickers are not unique."""
    assert {} == said([launch(name="Something Else"), post()])


@pytest.mark.parametrize("known", [{"post_author_id": "7"}, {"post_conversation_id": "1"}])
def test_author_or_conversation_with_the_ticker(known: dict[str, str]) -> None:
    """A known author, or conversation, and the ticker join even under another name."""
    assert "matched" == said([launch(name="Else"), post(), document(**known)])["M"].status


def test_another_author() -> None:
    """A document that names somebody else speaks against the post."""
    assert {} == said([launch(), post(), document(post_author_id="8")])


@pytest.mark.parametrize(
    ("at", "is_linked"), [(-10, True), (-11, False), (86_400, True), (86_401, False)]
)
def test_the_window(at: int, is_linked: bool) -> None:
    """A launch may come from 10 s before its post to a day after it."""
    assert is_linked == ("M" in said([launch(at=at), post()]))


def test_a_name_alone() -> None:
    """A command that leaves the ticker open is joined by name and author."""
    claims = [launch(symbol="AUTO"), post("1", None, "Boom Box"), document(post_author_id="7")]

    assert "matched" == said(claims)["M"].status


def test_lookalike_tickers_stay_apart() -> None:
    """A Cyrillic ticker is another ticker."""
    assert {} == said([launch(symbol="HOPA"), post("1", "\u041d\u041e\u0420\u0410")])


def test_long_tickers_and_names_are_cut_on_the_chain() -> None:
    """A symbol has room for ten characters; a name that was cut still begins like the other."""
    claims = [
        launch(symbol="SUPERLONGT", name="Super Long Tick"),
        post("1", "SUPERLONGTICKER", "Super Long Ticker"),
    ]

    assert "matched" == said([*claims, document(post_author_id="7")])["M"].status


def test_the_launcher_answers() -> None:
    """The launcher's reply that names the mint joins also what the name does not."""
    reply = post(
        "9",
        None,
        None,
        username="launchcoin",
        author="1",
        mints=("M",),
        reply_to="1",
        conversation_id="1",
    )
    link = said([launch(name="Else"), post(), reply])["M"]

    assert ("matched", "1") == (link.status, link.post_id)
    assert "launcher" in link.evidence


def test_the_author_names_the_mint_in_the_thread() -> None:
    """So does the author's own reply."""
    reply = post("9", None, None, mints=("M",), reply_to="1", conversation_id="1")

    assert "thread" in said([launch(name="Else"), post(), reply])["M"].evidence


def test_a_stranger_who_names_the_mint_proves_nothing() -> None:
    """Anybody can reply with an address."""
    reply = post("9", None, None, author="8", mints=("M",), reply_to="1", conversation_id="1")

    assert {} == said([launch(name="Else"), post(), reply])


def test_a_copycat_within_seconds() -> None:
    """Of two tokens for one post the launchpad's document decides; the other has none."""
    claims = [launch("M1", at=40), launch("M2", at=50), post(), document("M2", post_id="1")]

    assert {"M2": "1"} == {mint: link.post_id for mint, link in said(claims).items()}


def test_two_tokens_for_one_post_are_ambiguous() -> None:
    """Where nothing decides, nothing is guessed: the candidates are kept."""
    links = said([launch("M1", at=44), launch("M2", at=46), post()])

    assert {"M1": "ambiguous", "M2": "ambiguous"} == {m: link.status for m, link in links.items()}
    assert ["1"] == [candidate.id for candidate in links["M1"].candidates]


def test_relaunches_of_one_author_pair_up() -> None:
    """Two posts and two launches of the same token pair up in time."""
    claims = [post("1"), launch("M1", at=40), post("2", at=60), launch("M2", at=105)]

    assert {"M1": "1", "M2": "2"} == {mint: link.post_id for mint, link in said(claims).items()}


def test_a_post_named_by_two_launches() -> None:
    """The first in chain order has it; the other keeps it as a candidate."""
    claims = [
        launch("M1", slot=101), launch("M2", slot=100), post(),
        document("M1", post_id="1"), document("M2", post_id="1"),
    ]  # fmt: skip

    assert {"M1": "ambiguous", "M2": "matched"} == {
        m: link.status for m, link in said(claims).items()
    }


def test_a_launch_undone() -> None:
    """Its link is withdrawn, and the post is free for another."""
    claims = [
        launch("M1", at=44), launch("M2", at=46), post(), launch("M1", at=44, op=Op.UNDO),
    ]  # fmt: skip

    assert {"M2": "1"} == {mint: link.post_id for mint, link in said(claims).items()}


def test_an_edited_post_is_one_post() -> None:
    """The document may name a later version; the post is known by its first id."""
    edited = post("1", edit_ids=("1", "2"))

    assert "1" == said([launch(), post(), edited, document(post_id="2")])["M"].post_id
