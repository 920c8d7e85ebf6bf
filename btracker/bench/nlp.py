"""How fast posts are read, with the model and without it, and what the reader takes."""

import time
from collections.abc import Callable, Sequence
from statistics import median

import psutil

from btracker.bench.nlp_result import NlpResult, Pace
from domain.posts.command import read_command
from domain.posts.normalise import normalise
from language.engines import Choice
from language.reader import Reader, Text

TEXTS = (
    "@launchcoin $TIDE + Tidepool\n\nfixed-rate borrowing, no liquidations. live with 1,400 users",
    (
        "we built a copilot for accountants: it reads receipts and argues with the tax office. "
        "@launchcoin $LEDG + Ledger Lou https://example.com"
    ),
    "what happens if two people ask @launchcoin for the same ticker at the same time?",
    "$SOL 172, $BTC 103k. weekend thread",
    "own a fraction of a cask of single malt. insured, bottled in 2031 @launchcoin $CASK (Cask)",
    "gm. short film studio owned by its fans, act one is in the can @launchcoin $REEL + Reel Two",
)
"""Made up, as long as posts are: about 30 word pieces."""


def run(choice: Choice, *, posts: int, runs: int) -> NlpResult:
    """Return how fast made-up posts are read on one core; every post is another text."""
    began = time.perf_counter()
    reader = Reader(choice)
    opened = time.perf_counter() - began
    texts = [f"{TEXTS[n % len(TEXTS)]} no {n}" for n in range(posts)]
    said = [Text(text) for text in texts]
    with_model = None
    if reader.model is not None:
        with_model = _pace(lambda: reader.read_all(said), posts, runs)
    words = Reader("keywords")
    return NlpResult(
        posts=posts,
        runs=runs,
        engine=reader.engine,
        version=reader.version,
        model=with_model,
        rules=_pace(lambda: words.read_all(said), posts, runs),
        commands=_pace(lambda: _commands(texts), posts, runs),
        open_seconds=round(opened, 2),
        memory_mib=psutil.Process().memory_info().rss >> 20,
    )


def _commands(texts: Sequence[str]) -> None:
    for text in texts:
        read_command(normalise(text))


def _pace(job: Callable[[], object], posts: int, runs: int) -> Pace:
    spent = median(_cpu(job) for _ in range(runs))
    return Pace(
        posts_per_second=round(posts / spent, 1), cpu_us_per_post=round(spent / posts * 1e6, 1)
    )


def _cpu(job: Callable[[], object]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began
