"""The embedded store: SQLite with a write-ahead log and FTS5."""
