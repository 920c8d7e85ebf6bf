"""What is wrong with a Kafka, in one sentence each that names the remedy."""

from collections.abc import Iterable

from domain.errors import BtrackerError, UsageError
from schemas.kafka import Kafka


def silent(kafka: Kafka) -> BtrackerError:
    """Return the error of a Kafka that does not answer."""
    return BtrackerError(
        f"No Kafka answers at {kafka}; start it, or name another with BTRACKER_KAFKA."
    )


def lacking(kafka: Kafka, topics: Iterable[str]) -> UsageError:
    """Return the error of a Kafka without *topics* that are needed."""
    return UsageError(
        f"The Kafka at {kafka} lacks {', '.join(topics)}; run: btracker topics create"
    )
