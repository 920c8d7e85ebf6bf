"""Write the samples of today's version."""

from tests.golden.store import write

print(f"Written: {write()}")  # noqa: T201
