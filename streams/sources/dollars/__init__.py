"""What quote tokens are worth in dollars: where prices come from, and how they reach Kafka."""
