"""Commands whose exit code is their answer."""

from typing import Any

import click

from domain.errors import BtrackerError


class UndecidedError(BtrackerError):
    """Something kept a command from its answer; it stands in ``cause``."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Judging(click.Command):
    """A command that exits 0 for yes and 1 for no, so that nothing else may exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it.

        Raises:
            UndecidedError: it could not find out.
        """
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            raise UndecidedError(error) from error
