"""What ``btracker bench nlp`` finds, and the table of it."""

import msgspec

from btracker.bench.report import Sheet


class Pace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The median of several runs on one core."""

    posts_per_second: float
    cpu_us_per_post: float


class NlpResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``model`` is None where there are no weights; memory is of this process, in MiB."""

    posts: int
    runs: int
    engine: str
    version: str
    model: Pace | None
    rules: Pace
    commands: Pace
    open_seconds: float
    memory_mib: int


def nlp_sheets(result: NlpResult) -> list[Sheet]:
    """Return the rates."""
    rows = [
        (name, pace.posts_per_second, pace.cpu_us_per_post)
        for name, pace in (
            (f"with {result.engine}", result.model),
            ("rules, language and words", result.rules),
            ("commands alone, as in the stream", result.commands),
        )
        if pace is not None
    ]
    sheet = Sheet(
        ("", "posts per CPU second", "CPU µs a post"),
        rows,
        note=f"{result.posts:,} made-up posts, median of {result.runs} runs on one core; opened in "
        f"{result.open_seconds} s, {result.memory_mib} MiB resident.",
    )
    return [sheet]
