"""raw.chain -> decoders, written by ``decode_transactions``."""

from schemas.rows import DecodeRow
from schemas.topics import RAW_CHAIN
from streams.app import app

decoders = app.table(
    "decoders",
    source=RAW_CHAIN,
    value=DecodeRow,
    help="The decoder's clock and counts for a raw partition. Key: its number.",
)
