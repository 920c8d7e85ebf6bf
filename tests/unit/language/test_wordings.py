"""What follows of readings: the last word on a post counts, and a token's project is its post's."""

from collections.abc import Mapping

from language.reader import Reader, Text
from language.wordings import KEPT_MS, Known, Said, known, newest, texts
from schemas.post import Author, Post, PostGone
from schemas.project import Analysed
from schemas.wording import PostWording, TokenWording

TEXT = "@launchcoin $OWL + Owl Town, a game with quests"


def post(post_id: str, text: str = TEXT, created_ms: int = 0) -> Post:
    """Return a post."""
    return Post(
        id=post_id, url="", text=text, author=Author(id="1"), created_at="",
        created_ms=created_ms, edit_ids=(post_id,),
    )  # fmt: skip


def read(reader: Reader, said: list[Said], rows: Mapping[str, Analysed] | None = None) -> Known:
    """Return what follows of *said*, read as the agent does it."""
    last, stands = newest(said), rows or {}
    found = [reader.read(text) if text else None for text in texts(last, stands)]
    return known(zip(last, found, strict=True), stands, epoch=1_000)


def test_only_the_last_word_counts(words: Reader) -> None:
    """An edited post is read once, as it is now; one that is deleted not at all."""
    said: list[Said] = [
        (1, PostWording(post("1", "first"))),
        (2, PostWording(post("2"))),
        (3, PostWording(post("1"))),
        (4, PostGone("2")),
    ]
    found = read(words, said)

    assert [("1", TEXT)] == [(p.id, p.text) for p in found.posts if isinstance(p, Post)]
    assert PostGone("2") in found.posts
    assert found.rows["2"] is None
    assert found.vectors == {"post:1": None, "post:2": None}


def test_a_token_has_the_project_of_its_post(words: Reader) -> None:
    """With the context that the post was read in: in the same chunk, and from its row."""
    context = ("We fund clinical trials of rare diseases.",)
    first = read(
        words,
        [
            (1, PostWording(post("1", "@launchcoin $A1 + Ace"), context)),
            (2, TokenWording("mint", "@launchcoin $A1 + Ace", "1")),
        ],
    )
    row = first.rows["1"]
    assert row is not None
    later = read(words, [(3, TokenWording("mint", "@launchcoin $A1 + Ace", "1"))], {"1": row})

    assert ["desci"] == [about.fact.project.category for about in first.facts]
    assert [1_003] == [about.revision for about in later.facts]
    assert [about.fact for about in first.facts] == [about.fact for about in later.facts]


def test_a_token_without_a_post_has_that_of_its_document(words: Reader) -> None:
    """And none once nothing describes it."""
    found = read(
        words,
        [
            (1, TokenWording("a", "Owl. a game with quests")),
            (2, TokenWording("b", "")),
            (3, TokenWording("c", "a game, whose post was read elsewhere", "7")),
        ],
    )

    assert ["gaming", None, "gaming"] == [
        about.fact.project and about.fact.project.category for about in found.facts
    ]


def test_old_rows_go(words: Reader) -> None:
    """After two days no token asks for them."""
    row = Analysed(words.read(Text(TEXT)).project, None, 5)
    found = read(words, [(1, PostWording(post("2", created_ms=KEPT_MS + 6)))], {"1": row})

    assert found.rows["1"] is None
