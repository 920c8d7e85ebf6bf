"""Text -> sentiment, -1 to 1: VADER with words of this market. Weak: launches praise themselves."""

from functools import cache
from typing import Any

MOST = 2_000
"""Characters that are scored: the analyser takes time by the square of its words."""

_WORDS = {
    "rug": -3.0, "rugged": -3.0, "rugpull": -3.5, "dump": -2.0, "dumping": -2.0, "rekt": -2.5,
    "honeypot": -3.0, "scam": -3.2, "fud": -1.5, "cooked": -1.8, "jeet": -1.5, "bearish": -2.0,
    "bullish": 2.2, "moon": 1.8, "mooning": 2.0, "based": 1.5, "lfg": 2.0, "wagmi": 1.8,
    "ngmi": -1.8, "gem": 1.5, "shipped": 1.2, "degen": 0.0, "burn": 0.0, "burned": 0.0,
}  # fmt: skip


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415

    made = SentimentIntensityAnalyzer()
    made.lexicon.update(_WORDS)
    return made


def sentiment(text: str) -> float:
    """Return the compound score of *text*, which should be without URLs and handles."""
    return float(_analyser().polarity_scores(text[:MOST])["compound"])
