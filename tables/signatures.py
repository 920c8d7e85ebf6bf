"""raw.chain -> signatures, written by ``decode_transactions``."""

from schemas.rows import SignatureRow
from schemas.topics import RAW_CHAIN
from streams.app import app

signatures = app.table(
    "signatures",
    source=RAW_CHAIN,
    value=SignatureRow,
    help="What the decoder knows of a transaction. Key: signature.",
)
