"""What Faust makes of bad moments, and what we do: each shown on Apache Kafka, both ways."""
