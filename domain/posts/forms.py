"""What one form of asking for a token is, and what is read where it fits."""

import re
import unicodedata
from typing import Literal, NamedTuple

from domain.posts.names import name_at
from domain.posts.vocabulary import NO_NAMES

Tier = Literal["A", "B", "C"]
CONFIDENCE: dict[Tier, float] = {"A": 0.95, "B": 0.7, "C": 0.5}


KIN_FROM = 0.7
"""Of a ticker's letters so many are its name's, in order: NUGGS and Nugget share 4 of 5."""
SHARED = 4
LEAD_WORDS = 2
_SCRIPT = re.compile(r"[a-z]", re.IGNORECASE)
UNCASED_WORDS = 2
_UNCASED_SENTENCE = re.compile(
    r"[了是吗嗎吧不没沒我你他什么么怎谁誰何]|언제|뭐|왜|얼마|いつ|いくら|どう|(?:です|ます|ですか|した|ない)|[はをが]|(?:요|다|까|죠|네)(?:\s|$)"
)
"""Particles and endings of Chinese, Japanese and Korean sentences."""


class Asked(NamedTuple):
    """What one form found."""

    tier: Tier
    ticker: str | None
    name: str | None
    at: int | None = None
    """Where it begins, for a form that may stand anywhere."""


class Form(NamedTuple):
    """One way to ask. ``pattern`` names a group ``ticker``, ``name`` or both.

    Where it has no group ``name``, the name begins at its end. ``named``: no name, no command.
    ``plain``: the name may not begin like the rest of an ordinary sentence. ``kin``: the ticker
    has to look like the name's, since nothing else says that it is one. ``bare``: nothing stands
    between ticker and name, so it has to be written like one where the ticker is not like it.
    ``free``: it may stand anywhere. ``signs``: it has one of these characters.
    """

    tier: Tier
    pattern: re.Pattern[str]
    named: bool = True
    plain: bool = False
    kin: bool = False
    bare: bool = False
    free: bool = False
    signs: str = ""

    def find(self, text: str) -> re.Match[str] | None:
        """Return its first match; one that is bound to the start is not looked for elsewhere."""
        if self.signs and not any(sign in text for sign in self.signs):
            return None
        is_bound = self.pattern.pattern.startswith(r"\A")
        return self.pattern.match(text) if is_bound else self.pattern.search(text)


_FIGURE = re.compile(
    r"[|+\s-]*\d[\d.,]*\s*(?:%|x\b|[kmb]?\s*(?:mc|mcap|cap|holders?|users?|trades?|sol|usd|today)\b)",
    re.IGNORECASE,
)
"""What follows a ticker as a figure, not as a name."""
_SENTENCE_GOES_ON = frozenset(
    """a about again ain't airdrop already ama am ath binance bearish bullish an and any are army as asap at bags be because been bought but
    buy by ca can chart coin contract cto community could crew dev devs did do does doesn't down dumping
    everybody everyone fam family fees for from gang gets giveaway gm gn go goes going gone graduated had has have he here hit
    hits holder holders how i i'm if in is isn't it it's its just keeps launched let's lets lfg liquidity listed
    listing     live lmao lol looking looks many me  mcap mooning more my new nice no not now of off ok on only or
    our over please pls plz presale price pumping q&a  rug rugged scam sell sending she should so sold soon still strong team
    than thank thanks that that's the then there they this to today token tomorrow tonight
    too up update updates vs was we went were what when where which who why will with would yesterday you your
    """.split()  # noqa: SIM905 - A list of words is clearest as a text.
)


def read_form(form: Form, text: str) -> Asked | None:
    """Return what *form* finds in the *text* that follows a handle, or None."""
    match = form.find(text)
    if match is None:
        return None
    groups = match.groupdict()
    name = name_at(groups.get("name") or text[match.end() :])
    ticker = groups.get("ticker") or groups.get("other")
    if name is not None and (
        (form.plain and _goes_on(name) and not is_kin(ticker or "", name))
        or _FIGURE.match(name)
        or (form.kin and not is_kin(ticker or "", name))
        or (form.bare and not _is_written_as_name(ticker or "", name))
        or ("name" in groups and name.lower() in NO_NAMES)
    ):
        name = None
    if form.named and name is None:
        return None
    return Asked(
        form.tier,
        ticker.upper() if ticker else None,
        name if form.named else None,
        match.start() if form.free else None,
    )


def is_like(ticker: str, name: str) -> bool:
    """Whether *ticker* is like a part of *name*: kin of what begins at a word, or sharing a run."""
    bare = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    words = bare.split()
    wanted = ticker.lower()
    runs = {wanted[at : at + SHARED] for at in range(max(1, len(wanted) - SHARED + 1))}
    return any(run in bare.replace(" ", "") for run in runs) or any(
        is_kin(wanted, " ".join(words[at:])) for at in range(len(words))
    )


def is_kin(ticker: str, name: str) -> bool:
    """Whether *ticker* looks like one for *name*: it begins like it, and follows its letters."""
    letters = [letter for letter in name.lower() if letter.isalnum()]
    wanted = ticker.lower()
    if not letters or wanted[:1] != letters[0] or wanted == name.lower() == ticker:
        return False
    at, met = 0, 0
    for letter in wanted:
        if letter in letters[at:]:
            at, met = letters.index(letter, at) + 1, met + 1
    return met >= KIN_FROM * len(wanted)


def _is_written_as_name(ticker: str, name: str) -> bool:
    """Whether *name* looks like one beside *ticker*, or is short where scripts cannot be compared."""
    if _SCRIPT.search(name):
        return is_like(ticker, name)
    words = name.split()
    if name.upper() == name.lower():
        return (
            name.strip("0123456789.,%+- ") != ""
            and len(words) <= UNCASED_WORDS
            and not _UNCASED_SENTENCE.search(name)
        )
    return words[0][:1].isupper()


def _goes_on(name: str) -> bool:
    """Whether a name begins like the rest of an ordinary sentence."""
    words = name.split()
    if words[0].lower() in NO_NAMES and len(words) <= LEAD_WORDS:
        return True
    return words[0].lower() in _SENTENCE_GOES_ON or (len(words) > 4 and not words[0][:1].isupper())
