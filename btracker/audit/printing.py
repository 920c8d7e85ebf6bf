"""What ``btracker audit`` prints for people, and how it looks while it runs."""

import sys
from collections.abc import Iterator
from typing import Self

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from domain.audit.boundary import NEVER
from domain.audit.findings import Judged, Report

HEADINGS = (
    "stage", "partition", "seen", "applied", "duplicate", "not ours", "dead-lettered", "missing",
)  # fmt: skip


class AuditBar:
    """A bar of the records read, where there is a terminal for it."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._bar.add_task("Looking", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def hear(self, what: str, count: int) -> None:
        """Show how far the audit is."""
        if what == "left":
            self._bar.update(self._task, description=f"Waiting for {count:,} records to be taken")
        elif what == "all":
            self._bar.update(self._task, description="Reading", total=count)
        else:
            self._bar.advance(self._task, count)


def print_report(report: Report) -> None:
    """Print the counts of every stage and partition, then what is wrong."""
    rows = [HEADINGS, *map(_row, report.stages)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        click.echo("  ".join(cells))
    click.echo()
    for note in (*report.notes, *_limits(report)):
        click.echo(note)
    for finding in report.findings:
        click.echo(f"WRONG {finding}.")
    rest = report.wrong - sum(finding.count for finding in report.findings)
    if rest:
        click.echo(f"… and {rest:,} more.")
    click.echo(f"Wrong: {report.wrong:,}." if report.wrong else "Nothing is missing.")


def _row(one: Judged) -> tuple[str, ...]:
    counts = one.counts
    numbers = (
        counts.seen, counts.applied, counts.duplicate, counts.not_ours, counts.dead_lettered,
        one.missing,
    )  # fmt: skip
    return (one.stage, str(one.partition), *(f"{number:,}" for number in numbers))


def _limits(report: Report) -> Iterator[str]:
    """Yield what was not judged, and why."""
    for one in report.stages:
        where = f"{one.stage} {one.partition}"
        if one.from_slot >= NEVER:
            yield f"{where} is not judged: too little of its log is kept."
        elif one.from_slot:
            yield f"{where} is judged from slot {one.from_slot:,} on; before that, not all is kept."
        if one.behind:
            yield f"{where} is {one.behind:,} records behind; those were not judged."
