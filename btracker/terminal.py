"""What a person sees: sentences that stay, and one line that changes (now and then, if piped)."""

import shutil
import sys
import time
from contextlib import suppress

PART = " \N{MIDDLE DOT} "
"""Between the parts of the line that changes; where it is too long, the last ones are left out."""
PLAIN_EVERY_S = 5.0
CLEAR = "\r\x1b[2K"


class Terminal:
    """Standard output, a terminal or not."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._shown = ""
        self._shown_at = 0.0

    def say(self, sentence: str) -> None:
        """Print a sentence that stays."""
        self._print((CLEAR if self._live else "") + sentence + "\n")
        if self._live and self._shown:
            self._print(self._shown)

    def show(self, line: str) -> None:
        """Replace the line that changes; where nothing can be replaced, print it now and then."""
        if self._live:
            self._shown = fitted(line, shutil.get_terminal_size().columns - 1)
            self._print(CLEAR + self._shown)
        elif line != self._shown and time.monotonic() - self._shown_at >= PLAIN_EVERY_S:
            self._shown, self._shown_at = line, time.monotonic()
            self._print(line + "\n")

    def end(self) -> None:
        """Leave the line that changes as it is."""
        if self._live and self._shown:
            self._print("\n")
        self._shown = ""

    @staticmethod
    def _print(text: str) -> None:
        # Whoever read this may have gone; what runs here is not about that.
        with suppress(BrokenPipeError):
            sys.stdout.write(text)
            sys.stdout.flush()


def fitted(line: str, width: int) -> str:
    """Return as many whole parts of a line as fit, since half a number looks like another one.

    >>> fitted("lag 12 min \N{MIDDLE DOT} 5,900 trades", 20)
    'lag 12 min'
    """
    while len(line) > width and PART in line:
        line = line.rpartition(PART)[0]
    return line[:width]
