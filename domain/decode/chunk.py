"""What a run of raw records caused, as the decoder of a partition says it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from schemas.chain_events import Config
from schemas.claim import LaunchClaim
from schemas.event import Clock, OnChain
from schemas.fields import Mint, Signature
from schemas.progress import Progress
from schemas.rows import DecodeRow, SignatureRow


class Refused(NamedTuple):
    """A record that cannot be read, by its offset, and why."""

    offset: int
    reason: str


class Readdressed(NamedTuple):
    """A record that lies under another key than its signature, and so perhaps elsewhere."""

    offset: int
    signature: Signature


class DecodedChunk(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a run of raw records caused. ``signatures``: None deletes a row.

    ``events`` are (mint, event) in the order of emission, ``clocks`` go to every partition.
    Clocks come in ``events`` too, with no mint, where they stand between the others. ``unknown``
    counts, by protocol, instructions and events of programs we know that no IDL of ours has.
    """

    signatures: Mapping[Signature, SignatureRow | None]
    row: DecodeRow
    events: Sequence[tuple[Mint | None, OnChain | Clock]]
    launches: Sequence[LaunchClaim]
    configs: Sequence[Config]
    refused: Sequence[Refused]
    readdressed: Sequence[Readdressed]
    unknown: Mapping[str, int]
    progress: Progress
