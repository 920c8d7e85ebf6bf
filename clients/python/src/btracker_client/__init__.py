"""A client of Btracker: REST with pages and retries, the live stream without holes."""

from btracker_client.client import Client
from btracker_client.errors import BtrackerClientError, ClosedError, ProblemError
from btracker_client.live import Message, Place, merged

__all__ = [
    "BtrackerClientError", "Client", "ClosedError", "Message", "Place", "ProblemError", "merged",
]  # fmt: skip
