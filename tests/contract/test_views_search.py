"""Searches that people make, each answered among the first three."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from domain.search import begins, fragments, wanted_fragments, words
from tests import samples
from tests.samples import batch
from tests.stores import EACH, empty_store
from views.contract import Views

in_one_loop = pytest.mark.asyncio(loop_scope="module")

TOKENS = [
    ("LUNPU", "Lunar Pulse"), ("PIXPU", "Pixel Pulse"), ("LOTVA", "Lotus Vault"),
    ("ORBPU", "Orbit Pulse"), ("SOLHA", "Solar Harbor"), ("LUNKI", "Lunar Kiwi"),
    ("PULLU", "Pulse Lunar"), ("PIXNO", "Pixel Nova"), ("FLUTI", "Flux Tiger"),
    ("CLOFO", "Cloud Forge"), ("FLUSI", "Flux Signal"), ("NEOPR", "Neon Prism"),
    ("SPAPI", "Spark Pixel"), ("KIWHA", "Kiwi Harbor"), ("NOVAT", "Nova Atlas"),
    ("HARCL", "Harbor Cloud"), ("AGENT", "Prism Pepper"), ("AGEFO", "Agent Forge"),
    ("GIFTS", "Gifties"), ("SUPER", "SuperFriend"), ("DUPE", "Dupe"), ("月亮", "月亮港口"),
    ("ЛУНА", "Лунный Пульс"), ("CAFE", "Café Crème"), ("AI", "Noodle"), ("PEPE2", "Pepe the 2nd"),
]  # fmt: skip
POSTS = [
    ("p1", "gm! launch $KOALA + Koala Bank - savings for students", "koalafan"),
    ("p2", "just a walk in the park", "walker_jane"),
    ("p3", "推出 $BAO 包子铺 全世界的早餐", "bao_cn"),
]
SEARCHES = [
    # The beginning of a word, in any case.
    ("lun", "LUNPU"), ("PIX", "PIXPU"), ("supe", "SUPER"), ("neon", "NEOPR"), ("gif", "GIFTS"),
    ("superf", "SUPER"),
    # Typing errors: another letter, one too few, one too many, two swapped.
    ("lumar pulse", "LUNPU"), ("lotos", "LOTVA"), ("harbr kiwi", "KIWHA"), ("giftiess", "GIFTS"),
    ("superfreind", "SUPER"), ("tigre", "FLUTI"), ("pirsm", "NEOPR"), ("dupee", "DUPE"),
    # Tickers, with the sign too, and one with an error.
    ("LUNKI", "LUNKI"), ("$fluti", "FLUTI"), ("$AI", "AI"), ("agent", "AGENT"), ("LUMPU", "LUNPU"),
    ("pepe2", "PEPE2"),
    # Two words, in either order, begun, or written as one.
    ("harbor kiwi", "KIWHA"), ("nova atl", "NOVAT"), ("pulse lunar", "PULLU"),
    ("cloudforge", "CLOFO"), ("super friend", "SUPER"), ("agent forge", "AGEFO"),
    # Other scripts, and accents that were not typed.
    ("月亮", "月亮"), ("港口", "月亮"), ("лунный", "ЛУНА"), ("лунный пулс", "ЛУНА"),
    ("cafe creme", "CAFE"),
    # Posts, by text, inside a script without blanks, and by author.
    ("koala", "p1"), ("savings students", "p1"), ("walker_jane", "p2"), ("包子", "p3"),
]  # fmt: skip


@pytest_asyncio.fixture(params=EACH, scope="module", loop_scope="module")
async def views(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Views]:
    """Each store in turn, with the tokens and posts."""
    tokens = [samples.token(f"mint{s}", symbol=s, name=name) for s, name in TOKENS]
    authors = {p: samples.Author(id=p, username=name) for p, _, name in POSTS}
    posts = [samples.post(p, text, author=authors[p]) for p, text, _ in POSTS]
    server = request.getfixturevalue("elastic") if request.param == "elasticsearch" else None
    async with empty_store(request.param, tmp_path_factory.mktemp("store"), server) as store:
        await store.write(batch(*tokens, *posts))
        yield store


@in_one_loop
@pytest.mark.parametrize(("text", "expected"), SEARCHES)
async def test_what_is_meant_is_among_the_first_three(
    views: Views, text: str, expected: str
) -> None:
    """Prefixes, typing errors, tickers, word order, other scripts and posts are understood."""
    found = [hit.id.removeprefix("mint") for hit in await views.search(text, limit=3)]

    assert expected in found


@in_one_loop
async def test_the_exact_ticker_is_first(views: Views) -> None:
    """Whoever types a whole ticker or name gets that token first."""
    for symbol, name in TOKENS:
        assert (await views.search(symbol, limit=1))[0].id == f"mint{symbol}"
        assert (await views.search(name, limit=1))[0].id == f"mint{symbol}"


@in_one_loop
async def test_a_mint_is_found_by_its_beginning(views: Views) -> None:
    """An address, or the first letters of it, finds its token."""
    assert (await views.search("mintGIF", limit=1))[0].id == "mintGIFTS"


@in_one_loop
async def test_nonsense_finds_nothing(views: Views) -> None:
    """What resembles nothing has no answer."""
    assert await views.search("xyzzyqq", limit=3) == ()


@in_one_loop
async def test_of_equals_the_one_with_more_holders_is_first(views: Views) -> None:
    """Copies of a name are ranked by their holders."""
    copies = [samples.token(f"copy{n}", symbol="COPY", holders=n) for n in (1, 30, 4)]
    await views.write(batch(*copies))

    assert [h.id for h in await views.search("copy", limit=3)] == ["copy30", "copy4", "copy1"]


def test_words_are_folded() -> None:
    """Case, accents and compatibility forms make no difference; signs part words."""
    assert words("Lunar-PULSE $Lunpu_x n\u00e9 \uff26\ufb01ve") == (
        "lunar", "pulse", "lunpu", "x", "ne", "ffive",
    )  # fmt: skip


def test_a_word_shares_a_fragment_with_its_misspelling() -> None:
    """As many errors as are forgiven leave a fragment in common, so candidates are found by it."""
    for word, errors in (("kiwi", 1), ("abcd", 1), ("harbour", 1), ("abcdefgh", 2)):
        wrong = {word}
        for _ in range(errors):
            wrong = {other for one in wrong for other in misspelt(one)}

        assert [] == [one for one in wrong if not fragments(word) & wanted_fragments(one)]


def misspelt(word: str) -> set[str]:
    """Return a word with each single error behind its first letter, a wrong letter being new."""
    found = {word[:n] + word[n + 1 :] for n in range(1, len(word))}
    found |= {word[:n] + "q" + word[n + 1 :] for n in range(1, len(word))}
    found |= {word[:n] + "q" + word[n:] for n in range(1, len(word) + 1)}
    swaps = range(1, len(word) - 1)
    return found | {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in swaps}


def test_every_word_must_begin_one() -> None:
    """The filter wants each word; the search forgives."""
    assert begins("pul lun", ["Lunar Pulse", None])
    assert not begins("pul kiwi", ["Lunar Pulse"])
    assert begins("", [])
