"""The command line: every module of ``btracker.commands`` is a command of its name."""

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import Any

import click

from btracker import commands
from btracker.exits import FAILED, INTERRUPTED, OK, UNDECIDED, UNREAD, WRONG_USE
from btracker.judging import UndecidedError
from domain.errors import BtrackerError, UsageError

DEBUG = "--debug"

EPILOG = "Example: btracker up --recording my-recording --speed max"


class Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # Click's signature.
        """Return the names of all commands, in order."""
        return sorted(module.name for module in iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None if there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{commands.__name__}.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; who read what it prints may go (click would call that a failure)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _unread()


@click.group(cls=Commands, epilog=EPILOG)
@click.version_option(version("btracker"), prog_name="btracker")
@click.option(DEBUG, is_flag=True, help="Show a traceback when something goes wrong.")
def btracker(debug: bool) -> None:  # Taken out before, so that it may stand anywhere.
    """Track launchpad tokens on Solana: from raw transactions and posts to exact figures, live."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 failed, 2 wrong use; errors are one sentence on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in given
    # It prints what is raised as well; a service that logs hears it all the same.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    sys.exit(run([argument for argument in given if argument != DEBUG], debug=debug))


def run(arguments: Sequence[str], *, debug: bool) -> int:
    """Run a command; return its exit code."""
    try:
        result: Any = btracker.main(
            args=list(arguments), prog_name="btracker", standalone_mode=False
        )
    except click.ClickException as error:
        return _refuse(error)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # Nobody should meet a traceback unasked.
        if debug:
            traceback.print_exc()
        return _fail(*_told(error))
    return result if isinstance(result, int) else OK


def _told(error: Exception) -> tuple[str, int]:
    """Return what is said of an error, and the exit code."""
    if isinstance(error, UndecidedError):
        return _told(error.cause)[0], UNDECIDED
    if isinstance(error, BtrackerError):
        return str(error), WRONG_USE if isinstance(error, UsageError) else FAILED
    what = f"{type(error).__name__}: {error}"
    return (
        f"Something unexpected happened ({what}); run it again with {DEBUG} to see where.",
        FAILED,
    )


def _refuse(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    return _fail(_sentence(error), error.exit_code)


def _sentence(error: click.ClickException) -> str:
    """Return what click has to say, and where to read on."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "btracker"
    return f"{error.format_message()} See: {path} --help"


def _unread() -> int:
    """Let nothing more be written to an output whose reader has gone, not even at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return UNREAD


def _fail(sentence: str, code: int) -> int:
    click.echo(f"Error: {sentence}", err=True)
    return code
