"""What the collector counts of X (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

LINES = Counter(
    "btracker_x_lines_total",
    "What came of X, by kind: post, duplicate, deleted, control, broken.",
    ("kind",),
)
FILLED = Counter(
    "btracker_x_filled_total", "Posts that no stream had brought when a search found them."
)
CONNECTS = Counter("btracker_x_connects_total", "Connections that were tried.", ("stream",))
RECONNECTS = Counter(
    "btracker_x_reconnects_total",
    "Connections that ended or were never made, by cause.",
    ("stream", "cause"),
)
REQUESTS = Counter(
    "btracker_x_requests_total",
    "Requests other than streams, by what they ask and their outcome.",
    ("what", "outcome"),
)
LAG_SECONDS = Histogram(
    "btracker_x_lag_seconds",
    "How long after it was written a post came by the stream.",
    buckets=(0.5, 1, 2, 4, 8, 16, 60, 600),
)
QUEUED = Gauge("btracker_x_queued_lines", "Lines that were received and not yet handed on.")
BUDGET_USED = Gauge("btracker_x_budget_used_ratio", "Share of the day's budget that is used.")
COST = Gauge("btracker_x_cost_dollars", "What the day (UTC) has cost so far, at most.")
STOPPED = Gauge(
    "btracker_x_stopped", "1 while nothing is read: X refuses us, or the budget is used up."
)
ENGAGEMENTS = Counter(
    "btracker_x_engagements_total",
    "Times that the engagement of a post was looked up, by the age it was looked up for.",
    ("after_s",),
)
WATCHED = Gauge("btracker_x_watched_posts", "Posts that are kept and looked up again.")
CHECKED = Counter("btracker_x_checked_total", "Kept posts that were looked up again.")
