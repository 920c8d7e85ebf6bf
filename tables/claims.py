"""claims -> claims, written by ``match_posts``."""

from schemas.claim_rows import ClaimRow
from schemas.topics import CLAIMS
from streams.app import app

claims = app.table(
    "claims",
    source=CLAIMS,
    value=ClaimRow,
    help="What is claimed and what was said of it. Key: kind and name, or ``clocks``.",
)
