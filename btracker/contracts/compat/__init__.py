"""What breaks those who rely on an older contract: removed, renamed, newly required, changed."""
