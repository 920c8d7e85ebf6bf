"""What was noted of a dashboard in a browser, as figures and a verdict."""

import json
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from statistics import median
from typing import Any, NamedTuple

Note = dict[str, Any]

WARM_SHARE = 0.25
"""Of the time at first, in which caches and lists fill up to what they keep."""
MAY_GROW = 0.10
REACHES = 0.85
"""Of the updates, those that reach the one page; the rest are of other tokens."""
TASK_MOST_MS = 200
INP_MOST_MS = 200
INP_SHARE = 0.98
"""Of a page's interactions, as browsers define INP for many of them."""


class Finding(NamedTuple):
    """A rule, what was found of it, and whether it holds."""

    rule: str
    found: str
    holds: bool


class Judged(NamedTuple):
    """All findings, and figures that no rule is about."""

    findings: tuple[Finding, ...]
    figures: dict[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether every rule holds."""
        return all(one.holds for one in self.findings)

    def as_text(self) -> str:
        """Return it for people."""
        lines = [
            f"{'ok    ' if one.holds else 'BROKEN'} {one.rule}: {one.found}"
            for one in self.findings
        ]
        figures = [f"       {name}: {figure}" for name, figure in self.figures.items()]
        return "\n".join([*lines, *figures]) + "\n"

    def as_json(self) -> str:
        """Return it for programs."""
        findings = [one._asdict() for one in self.findings]
        return json.dumps({"isGood": self.is_good, "findings": findings, **self.figures}) + "\n"


def judged(notes: Sequence[Note], *, rate: int) -> Judged:
    """Judge what was noted, in the order in which it was."""
    samples = [one for one in notes if one["kind"] == "sample"]
    resting = [one for one in samples if one["tab"] == "resting"]
    # Where somebody goes about, only what was measured at the same place can be compared.
    boards = [one for one in samples if one["tab"] == "going" and one["where"] == "/"]
    flat = [
        _flat(f"{name} of who {tab}", [one[key] for one in of])
        for tab, of in (("rests", resting), ("goes about", boards))
        for name, key in (("heap, MB", "heapMb"), ("nodes", "nodes"), ("listeners", "listeners"))
    ]
    findings = [
        _told(resting, rate),
        *flat,
        _tasks(samples),
        _inp(samples),
        _series(notes),
        _faults(notes),
        _ended(notes),
    ]
    return Judged(tuple(findings), _figures(notes, samples, resting))


def _told(resting: Sequence[Note], rate: int) -> Finding:
    """Look whether as much reached the page as was to."""
    found = _rate(resting, "messages")
    return Finding(f"{rate} updates a second", f"{found} at rest", found >= rate * REACHES)


def _flat(rule: str, values: Sequence[float]) -> Finding:
    """Compare the last quarter with the one after the warm-up, both by their medians."""
    after = values[int(len(values) * WARM_SHARE) :]
    part = max(1, len(after) // 3)
    if len(after) < 2:
        return Finding(rule, "too few samples", holds=False)
    before, last = median(after[:part]), median(after[-part:])
    return Finding(
        rule,
        f"{before:.1f}, at the end {last:.1f}, most {max(values):.1f}",
        last <= before * (1 + MAY_GROW),
    )


def _tasks(samples: Iterable[Note]) -> Finding:
    tasks = [task for one in samples for task in one["tasks"] if not task["isOurs"]]
    over = [task for task in tasks if task["ms"] > TASK_MOST_MS]
    # On a machine that others use, a task waits for the processor: that is not the page's.
    own = [task for task in over if task["ranMs"] > TASK_MOST_MS]
    longest, ran = (max((one[key] for one in tasks), default=0) for key in ("ms", "ranMs"))
    found = (
        f"{len(tasks)} over 50 ms, {len(over)} over {TASK_MOST_MS}, {len(own)} had so much "
        f"of the processor; longest {longest} ms, at most {ran} ms of the processor"
    )
    return Finding(f"no task of over {TASK_MOST_MS} ms", found, not own)


def _inp(samples: Iterable[Note]) -> Finding:
    longest: dict[tuple[str, int], float] = {}
    for one in samples:
        for event in one["interactions"]:
            key = one["tab"], event["id"]
            longest[key] = max(event["ms"], longest.get(key, 0))
    made = max((one["interactionsInAll"] for one in samples if one["tab"] == "going"), default=0)
    # Those of less than 16 ms are counted, but not told.
    times = sorted([*longest.values(), *[0.0] * max(0, made - len(longest))])
    if not times:
        return Finding("INP", "nobody did anything", holds=False)
    inp = times[ceil(len(times) * INP_SHARE) - 1]
    middle, most = median(times), times[-1]
    found = f"{inp:.0f} ms of {len(times)} interactions, median {middle:.0f}, longest {most:.0f}"
    return Finding(f"INP under {INP_MOST_MS} ms", found, inp < INP_MOST_MS)


def _series(notes: Iterable[Note]) -> Finding:
    series = [one for one in notes if one["kind"] == "series"]
    wrong = [one for one in series if one["wrong"]]
    compared = sum(one["compared"] for one in series)
    found = f"{len(series)} series of {compared} candles in all, {len(wrong)} not REST's"
    if wrong:
        found += f": {wrong[0]['examples']}"
    return Finding("candles are REST's", found, bool(series) and not wrong)


def _faults(notes: Iterable[Note]) -> Finding:
    faults = [one["text"] for one in notes if one["kind"] == "fault"]
    return Finding("no errors", f"{len(faults)} {faults[:1] or ''}".strip(), not faults)


def _ended(notes: Sequence[Note]) -> Finding:
    is_done = any(one["kind"] == "done" for one in notes)
    return Finding("it went to its end", "yes" if is_done else "no", is_done)


def _figures(
    notes: Sequence[Note], samples: Sequence[Note], resting: Sequence[Note]
) -> dict[str, Any]:
    market = [one for one in notes if one["kind"] == "market"]
    ended = next(one for one in notes if one["kind"] == "ended")
    seconds = (samples[-1]["at"] - samples[0]["at"]) / 1000 if len(samples) > 1 else 1.0
    tasks = [
        {**task, "tab": one["tab"], "where": one["where"]}
        for one in samples
        for task in (*one["tasks"], *one["frames"])
        if not task["isOurs"]
    ]
    return {
        "seconds": round(seconds),
        "sent": ended["sent"],
        "latest told after it was due, s": round(ended["lateS"], 2),
        "messages a second at rest": _rate(resting, "messages"),
        "KB a second at rest": round(_rate(resting, "bytes") / 1000, 1),
        "share of a core at rest": _share(resting),
        "slots behind, median and most": _spread(market, lambda one: one["behindSlots"]),
        "load of the machine, median and most": _spread(market, lambda one: one["load"]),
        "longest": sorted(tasks, key=lambda one: -one["ms"])[:5],
    }


def _rate(samples: Sequence[Note], key: str) -> float:
    if len(samples) < 2:
        return 0.0
    seconds = float(samples[-1]["at"] - samples[0]["at"]) / 1000
    total = float(sum(one[key] for one in samples[1:]))
    return round(total / seconds, 1)


def _share(samples: Sequence[Note]) -> float:
    """Return how much of a core a tab's main thread had."""
    ran: float = sum(one["ranMs"] for one in samples)
    over: float = sum(one["overMs"] for one in samples)
    return round(ran / over, 2) if over else 0.0


def _spread(notes: Iterable[Note], of: Callable[[Note], float | None]) -> str:
    values = [value for one in notes if (value := of(one)) is not None]
    return f"{median(values):.1f}, {max(values):.1f}" if values else "unknown"
