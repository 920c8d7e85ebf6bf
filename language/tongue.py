"""Text -> language: what X says of it, else fastText's identification."""

import re
import warnings
from typing import Any

from language.weights import LANGUAGES, find

SURE = 0.3
"""Below this chance a text is of no known language: ``und``, as X says it too."""
SHORT = 3
"""Latin text of fewer words is not told apart; most of what is posted is English."""
UNKNOWN = "und"
_BY_X = re.compile(r"[a-z]{2,3}\Z")
_WORD = re.compile(r"[^\W\d_]{2,}")
_X_CANNOT_TELL = frozenset(("und", "art", "zxx", "qam", "qct", "qht", "qme", "qst"))
_SAME = {"in": "id", "iw": "he"}


class Tongue:
    """Tells languages apart, by ISO 639-1 code where there is one."""

    def __init__(self) -> None:
        self._model: Any = None
        path = find(LANGUAGES)
        if path is not None:
            import fasttext  # noqa: PLC0415

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._model = fasttext.load_model(str(path))

    def of(self, text: str, *, said: str | None = None) -> str:
        """Return the language of a ``plain`` *text*; *said* is what X takes it for."""
        if said is not None and said not in _X_CANNOT_TELL and _BY_X.match(said):
            return _SAME.get(said, said)
        words = _WORD.findall(text)
        if not words:
            return UNKNOWN
        if len(words) < SHORT and all(word.isascii() for word in words):
            return "en"
        return self._told(text.replace("\n", " "))

    def _told(self, text: str) -> str:
        if self._model is None:
            return "en" if text.isascii() else UNKNOWN
        labels = self._model.predict(text)
        (label,), (chance,) = labels[0][:1], labels[1][:1]
        return str(label).removeprefix("__label__") if chance >= SURE else UNKNOWN
