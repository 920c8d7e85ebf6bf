"""Signals of scams and spam in a post, each with its place and weight. Evidence, never a verdict."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from domain.posts.analysis.spans import Found, lower
from domain.posts.launchers import ADDRESSEES
from domain.posts.lexicon import Lexicon
from domain.posts.tickers import cashtags

SPAM_FROM = 2
"""From this sum of weights on a post counts as spam."""
FULL = 5
"""A sum of weights that gives the highest score, 1."""
STUFFED = 5

_LINK = r"(?:https?://|t\.me/|[\w-]{1,40}\.(?:app|io|xyz|com|net|site|support|top|vip|fun)\b)"
_SIGNALS: dict[str, tuple[int, tuple[str, ...]]] = {
    "seed_phrase": (3, (
        r"(?:seed|recovery|secret|mnemonic) (?:phrase|words?)\b", r"private keys?\b",
        r"frase semilla\b", r"12 words\b",
    )),
    "doubling": (3, (
        r"send \S+ \w+[^.\n]{0,30}(?:get|receive|back)\b", r"double your\b", r"2x back\b",
        r"(?:sends?|transfer) [^.\n]{0,20}(?:and )?(?:get|receive) (?:double|2x|twice)\b",
    )),
    "recovery_scam": (3, (
        r"recover(?:ed|s|y)? (?:my|your|lost|all)?\s?(?:crypto|funds|wallet|bitcoin|money|sol)\b",
        r"lost everything but\b", r"hacker for hire\b", r"recovery (?:expert|agent)\b",
    )),
    "connect_wallet": (2, (
        r"(?:connect|verify|validate|sync|link)\s(?:your |the )?wallets?\b",
        r"(?:revoke|approve)\s(?:approvals?|permissions?)\b", r"conecta tu (?:wallet|billetera)\b",
    )),
    "airdrop_claim": (2, (
        rf"(?:claim|airdrop|eligib)\w*[\s\S]{{0,120}}?{_LINK}", rf"{_LINK}\S*claim",
        r"air ?drop (?:is )?(?:live|now|open)\b", (r"claim (?:your|free|the)\b[^.\n]{0,30}"
        r"(?:airdrop|rewards?|tokens?|bonus)\b"), r"receive [\d,]+ (?:free )?tokens\b",
    )),
    "guaranteed_returns": (2, (
        r"guaranteed\b[^.\n]{0,30}(?:returns?|profits?|gains?|daily|x\b|%)", r"\d+x guaranteed\b",
        r"\d+% (?:daily|per day|a day|weekly)\b", r"(?:100|1000|500)x (?:gem|incoming|potential|soon)\b",
        r"never loses\b", r"risk[- ]free\b", r"retornos garantizados\b", r"can'?t lose\b",
    )),
    "giveaway": (2, (
        r"give ?aways?\b", r"(?:follow|rt|retweet|like)[^.\n]{0,40}drop (?:your|ur) (?:wallet|address)",
        r"sending [\d.]+ (?:sol|usdc|eth|\w+) to\b", r"(?:random|lucky) (?:people|winners?)\b",
        r"sorteo\b",
    )),
    "wallet_drop": (2, (r"drop (?:your|ur) (?:sol |solana )?(?:wallets?|address(?:es)?)\b",)),
    "migration": (2, (
        r"(?:old|previous) (?:token|contract|coin) is (?:deprecated|dead|void)\b",
        r"migrate (?:your|now|at|to|here)\b", r"new (?:official )?contract\b", r"token migration\b",
        r"swap your old\b",
    )),
    "impersonation": (2, (
        r"official (?:coin|token|ca|contract)\b", r"coin official\b", r"official\s*✅",
        r"endorsed by\b", r"verified by @?\w+ team\b", r"(?:elon|trump|vitalik|musk)\b[^.\n]{0,20}official",
    )),
    "paid_promo": (2, (
        r"(?:promote|shill|pump|market) (?:your|ur|any) (?:coin|token|project)\b",
        r"(?:buy|get|provide)\s[^.\n]{0,20}(?:followers|holders|volume bot)\b", r"\d+k? holders cheap\b",
        r"(?:trending|dexscreener) (?:on |service|boost|package)", r"dm (?:me )?for promo\b",
    )),
    "telegram_pump": (2, (
        r"(?:join|enter)[^.\n]{0,40}(?:before|for) (?:the )?pump\b", r"(?:pump|gem|call)s? ?(?:group|channel|vip)\b",
        r"t\.me/\S*(?:pump|gem|call|vip|signal)\S*", r"whatsapp\b",
    )),
    "deposit_request": (2, (
        r"deposit (?:min|at least|from|only)\b", r"min(?:imum)? deposit\b", r"deposit [\d.]+ (?:sol|usdt|usdc|eth)\b",
    )),
    "dm_support": (2, (
        r"(?:dm|message|contact) @?\w*(?:support|help|admin)\w*\b", r"support (?:desk|agent|team) (?:on|at|via) (?:telegram|whatsapp)\b",
    )),
    "presale": (1, (r"(?<!no )pre-?sale\b", r"whitelist (?:spot|now|closes)\b", r"selected for\b")),
    "lookalike_domain": (1, (
        r"(?:claim|migrate|revoke|airdrop|bonus|reward|verify|validate|yield)[\w-]{0,40}\.(?:app|io|xyz|com|net|site|support|top|org|live)\b",
        r"[\w-]{1,40}\.support\b",
    )),
    "urgency": (1, (
        r"(?:ends?|closes?|expires?|closing) in \d+", r"before (?:snapshot|it'?s too late|it ends)\b",
        r"first \d+ only\b", r"(?:only|last) \d+ (?:spots?|hours?|left)\b", r"immediately\b",
        r"hurry\b", r"(?:ape|act|buy) now\b", r"cry later\b", r"so early\b", r"last chance\b",
    )),
}  # fmt: skip
_LEXICON = Lexicon({name: patterns for name, (_, patterns) in _SIGNALS.items()})
_NEGATED = re.compile(
    r"(?:\b(?:no|not|never|without|don'?t|do not|won'?t|zero|isn'?t|sin|ohne|sans|nobody|avoid|beware"
    r"|report(?:ed)?|stop)\b|n't)(?:\s+\w+){0,4}\s*$",
)
_HANDLE = re.compile(r"(?<![\w@])@(\w{3,20})(?!\w)")
_SKELETON = str.maketrans("01l!|5\u0456\u0430\u0441\u0435\u043e\u0440\u0445", "oiiiis\u0069aceopx")
_SKELETONS = tuple(one.translate(_SKELETON) for one in ADDRESSEES if len(one) > 7)


def signals(text: str) -> tuple[Found, ...]:
    """Return the first place of each signal in a normalised *text* that nothing negates."""
    lowered = lower(text)
    found: dict[str, Found] = {}
    for name, match in _LEXICON.matches(lowered):
        if name not in found and not _is_negated(lowered, match.start()):
            found[name] = Found(name, *match.span(), _SIGNALS[name][0])
    return tuple(
        sorted((*found.values(), *_lookalikes(text), *_stuffing(text)), key=lambda one: one.start)
    )


def score(found: tuple[Found, ...]) -> float:
    """Return 0 to 1; from 0.4 on a post counts as spam."""
    return min(1.0, total(found) / FULL)


def total(found: tuple[Found, ...]) -> int:
    """Return the sum of the weights."""
    return sum(one.weight for one in found)


def _is_negated(lowered: str, start: int) -> bool:
    return _NEGATED.search(lowered[max(0, start - 40) : start]) is not None


def _lookalikes(text: str) -> Iterator[Found]:
    for match in _HANDLE.finditer(text):
        handle = match[1].lower()
        if handle not in ADDRESSEES and _resembles(handle):
            yield Found("lookalike_handle", *match.span(), 3)
            return


def _resembles(handle: str) -> bool:
    """Whether a handle reads like one that launches tokens, or is one slip away from it."""
    skeleton = handle.translate(_SKELETON)
    return any(OSA.distance(skeleton, known, score_cutoff=1) <= 1 for known in _SKELETONS)


def _stuffing(text: str) -> Iterator[Found]:
    if len(cashtags(text)) >= STUFFED:
        yield Found("cashtag_stuffing", text.index("$"), len(text), 2)
