"""What goes wrong with a node, on command; chance is decided by seed and key, not by time."""

import hashlib
from dataclasses import dataclass, field

from tests.node.view import Traits


@dataclass(frozen=True)
class NodeFaults:
    """Faults of one node; none by default. Shares are from 0 to 1.

    Of notifications: ``drop``, ``duplicate`` (at once, again), ``reorder`` (one block later),
    ``all_ones`` (one more, with the signature of 64 zero bytes). ``lag``: blocks behind the chain.
    ``stalled``: its slot stands still while its connections live, and it catches up afterwards.
    ``mute``: it goes on, but its subscribers hear nothing, ever, of what comes meanwhile.
    ``down``: it ends whatever connection is made, without an answer.

    By itself, in seconds of the clock: ``disconnect_every_s`` all its connections are cut;
    ``stall_every_s`` it is stalled for ``stall_for_s``.

    ``null_share`` of transactions are answered with null, of blocks with -32004, ``null_times``
    times, and then found. ``hidden`` of signatures never appear in getSignaturesForAddress.
    ``wrong``: of transactions and blocks, which are answered with another one.
    ``too_new``: of transactions, which have -32015 whatever is asked. ``http_500``, ``hang`` (for
    ``hang_s``) and ``http_429`` (in bursts of five): of HTTP requests, by their number.

    ``requests_per_s`` (a bucket of as many: HTTP calls, connections and what is asked over them)
    and ``connections``: what is allowed; more are refused with 429, and counted.
    ``retry_after_s`` stands in that answer, unless it is None.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    all_ones: float = 0.0
    lag: int = 0
    stalled: bool = False
    mute: bool = False
    down: bool = False
    disconnect_every_s: float | None = None
    stall_every_s: float | None = None
    stall_for_s: float = 5.0
    null_share: float = 0.0
    null_times: int = 1
    hidden: float = 0.0
    wrong: float = 0.0
    too_new: float = 0.0
    http_500: float = 0.0
    hang: float = 0.0
    hang_s: float = 30.0
    http_429: float = 0.0
    requests_per_s: float | None = None
    connections: int | None = None
    retry_after_s: int | None = 1
    traits: Traits = field(default_factory=Traits)


def happens(share: float, *key: object) -> bool:
    """Tell whether what happens in *share* of cases happens in this one; always the same."""
    if not share:
        return False
    digest = hashlib.blake2b("/".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64
