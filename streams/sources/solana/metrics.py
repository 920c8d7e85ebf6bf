"""What the collector counts of its nodes (Prometheus). ``node`` is a host and a port."""

from prometheus_client import Counter, Gauge, Histogram

NOTIFICATIONS = Counter(
    "btracker_solana_notifications_total",
    "What a node told over its WebSocket, by kind: slot, logs, transaction, block, ignored.",
    ("node", "kind"),
)
FIRST = Counter(
    "btracker_solana_first_total",
    "Transactions of which a node told before all others.",
    ("node",),
)
MISSED = Counter(
    "btracker_solana_missed_total",
    "Transactions on the chain of which a node never told, though it was listened to.",
    ("node",),
)
BEHIND_SECONDS = Histogram(
    "btracker_solana_behind_seconds",
    "How long after the first node another one told of a transaction.",
    ("node",),
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
RECONNECTS = Counter(
    "btracker_solana_reconnects_total",
    "Connections that ended or were never made, by cause.",
    ("node", "cause"),
)
REQUESTS = Counter(
    "btracker_solana_requests_total",
    "Requests over HTTP, by method and outcome: answered, limited, refused, failed.",
    ("node", "method", "outcome"),
)
WAITS_SECONDS = Counter(
    "btracker_solana_budget_wait_seconds_total",
    "How long requests waited so that no more than the budget went out.",
    ("node",),
)
HEAD = Gauge("btracker_solana_head_slot", "The newest slot that a node told of.", ("node",))
FINALIZED = Gauge("btracker_solana_finalized_slot", "The newest slot that is final.")
COMPLETE = Gauge("btracker_solana_complete_slot", "The slot through which every block was reached.")
FILLED = Counter(
    "btracker_solana_filled_total",
    "Transactions of which no stream had told when their block was reached.",
)
RETRACTED = Counter(
    "btracker_solana_retracted_total", "Processed transactions that were taken back."
)
CONTRADICTIONS = Counter(
    "btracker_solana_contradictions_total",
    "Confirmed blocks that cannot be on the chain behind others, or that lack what was told as "
    "confirmed of their slot.",
)
WRONG = Counter(
    "btracker_solana_wrong_answers_total",
    "Answers that are none to what was asked, by method: nonsense, or of something else.",
    ("node", "method"),
)
