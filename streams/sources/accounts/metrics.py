"""What the reader of accounts counts (Prometheus)."""

from prometheus_client import Counter

TOKENS = Counter(
    "btracker_accounts_tokens_total",
    "Tokens launched before the start, by what became of their accounts: read, absent, known, "
    "unreadable.",
    ("outcome",),
)
