"""``btracker nlp``: what the language part makes of a post, and how good it is."""

import asyncio
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from btracker import options

ENGINES = ("auto", "onnx", "torch", "keywords")
EXAMPLE = """
\b
Examples:
  btracker nlp read '@launchcoin $BOOM + Boom Box'
  btracker nlp evaluate labelled.jsonl
"""

engine = click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
    help="What reads categories; auto takes ONNX Runtime, words alone where it has no weights.",
)  # fmt: skip
head = click.option(
    "--head", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head that `btracker nlp train` has written.",
)  # fmt: skip


@click.group(epilog=EXAMPLE, short_help="Read posts, and measure how well they are read.")
def command() -> None:
    """Read posts as the stream does, train a head, and measure on labelled files."""


@command.command(epilog="Example: btracker nlp read '@launchcoin $BOOM + Boom Box' --json")
@click.argument("text")
@click.option(
    "--context", multiple=True, metavar="TEXT",
    help="The post that it answers, or the title of a page it links; may be given several times.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@engine
@head
def read(
    text: str, *, context: tuple[str, ...], as_json: bool, engine: str, head: Path | None
) -> None:
    """Say what is read in TEXT, where it stands, and why its class is what it is."""
    from btracker.reading.show import as_object, show
    from language.reader import Reader, Text

    reader = Reader(engine, head=head)  # type: ignore[arg-type]
    reading = reader.read(Text(text, context))
    if as_json:
        click.echo(msgspec.json.encode(as_object(reading)))
    else:
        show(reading)


@command.command(epilog="Example: btracker nlp evaluate labelled.jsonl --engine keywords")
@click.argument("file", type=click.File("rb"))
@engine
@head
def evaluate(file: BinaryIO, *, engine: str, head: Path | None) -> None:
    """Print figures of quality on FILE as JSON, with 95 % intervals and baselines.

    FILE has one JSON object a line: text, category, command, spam, lang, mints, features, or name,
    description, category. What a row does not say is not judged.
    """
    from language.evaluate import evaluate as measure
    from language.labelled import read_labelled

    result: dict[str, Any] = measure(read_labelled(file), engine, head=head)  # type: ignore[arg-type]
    click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))


@command.command(epilog="Example: btracker nlp train labelled.jsonl head.npz")
@click.argument("file", type=click.File("rb"))
@click.argument("head", type=click.Path(dir_okay=False, path_type=Path))
@engine
def train(file: BinaryIO, head: Path, *, engine: str) -> None:
    """Train a head on the classes of FILE and write it to HEAD, arrays without code.

    It is mixed half and half with the sentences that stand for each class, which it learns too.
    From about 40 examples per class on it is better than these alone.
    """
    from btracker.reading.train import train_head
    from language.labelled import read_labelled

    rows = train_head(read_labelled(file), head, engine)  # type: ignore[arg-type]
    click.echo(f"{head}: trained on {rows:,} texts.")


@command.command(epilog="Example: btracker nlp again --data data")
@options.data
@options.kafka
@engine
def again(*, data: Path, kafka: str | None, engine: str) -> None:
    """Have everything read again that another engine or version has read, as after an upgrade.

    Give the engine that the reader of projects runs with. It reads them as it reads new ones; see
    its lag. Replies are left as they are: the posts that they answer are not kept.
    """
    from btracker.kafka_access import kafka_for
    from btracker.reading.again import Reader, read_again
    from language.engines import open_engine
    from language.reader import engine_name, version_of

    opened = open_engine(engine)  # type: ignore[arg-type]
    reader = Reader(engine_name(opened), version_of(opened))
    asked = asyncio.run(read_again(kafka_for(kafka, data), reader))
    click.echo(
        f"Asked for {asked.posts:,} posts and {asked.tokens:,} tokens to be read by "
        f"{reader.engine} {reader.version}."
    )
