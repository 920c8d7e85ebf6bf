"""What goes wrong with the server, on command; chance is decided by the post, not by time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class XFaults:
    """Faults; none by default. Shares are from 0 to 1.

    Of posts on the stream: ``drop`` (it never comes there), ``duplicate`` (at once, again),
    ``malformed`` (half a line before it), ``bare_rule`` (a matching rule without a tag), ``split``
    (its line comes in several writes).

    ``cut_every`` and ``close_every``: after so many lines a connection is reset, or ended in order.
    ``mute``: connections live and nothing is said, not even that they do.
    ``connections`` at once and ``connects`` in ``window_s``: more are refused with 429.
    ``keep_alive_s``: between two signs of life. ``hidden_s``: age from which a search shows a post.
    ``compliance``: the plan has the compliance stream.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    malformed: float = 0.0
    bare_rule: float = 0.0
    split: float = 0.0
    cut_every: int = 0
    close_every: int = 0
    mute: bool = False
    connections: int = 1
    connects: int = 50
    window_s: float = 900.0
    keep_alive_s: float = 20.0
    hidden_s: float = 0.0
    compliance: bool = False
