"""What ``btracker rebuild`` prints for people."""

import click

from btracker.rebuild.run import Rebuilt


def print_rebuilt(found: Rebuilt) -> None:
    """Print each kind with its canonical hash, what differs, and the conclusion."""
    click.echo(f"{'kind':10} {'documents':>10} {'kept':>8} {'different':>9}  canonical hash")
    for kind in found.kinds:
        different = f"{kind.different:,}" if found.was_there else "-"
        click.echo(
            f"{kind.name:10} {kind.documents:10,} {kind.kept:8,} {different:>9}  {kind.hash}"
        )
        if kind.hash_before != kind.hash and found.was_there:
            click.echo(f"{'before':40}  {kind.hash_before}")
    click.echo()
    for note in found.notes:
        click.echo(note)
    if found.set_aside:
        click.echo(
            f"It could not be compared and is kept as {found.set_aside}; there is a new one."
        )
        return
    if not found.was_there:
        click.echo("There was no store; now there is one.")
        return
    for kind in found.kinds:
        for sentence in kind.first:
            click.echo(f"DIFFERENT {kind.name}: {sentence}.")
        rest = kind.different - len(kind.first)
        if rest:
            click.echo(f"… and {rest:,} more of {kind.name}.")
    if kept := sum(kind.kept for kind in found.kinds):
        click.echo(f"Kept {kept:,} documents that the topics no longer have.")
    click.echo(
        "Equal: the store is what the topics say."
        if found.is_equal
        else "The store was not what the topics say; now it is."
    )
