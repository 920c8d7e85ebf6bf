"""What a worker says of itself, over HTTP."""

from http.client import HTTPConnection

from prometheus_client.parser import text_string_to_metric_families

from btracker.embedded import HOST

ANSWER_S = 10.0


class Metrics:
    """The metrics of a process that serves them on a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def samples(self, name: str, **labels: str) -> list[float]:
        """Return the values of that name with these labels; none while nobody answers."""
        families = text_string_to_metric_families(self._read())
        samples = [one for family in families for one in family.samples if one.name == name]
        return [one.value for one in samples if labels.items() <= one.labels.items()]

    def sum(self, name: str, **labels: str) -> float:
        """Return their sum."""
        return sum(self.samples(name, **labels))

    def rows(self) -> int:
        """Return how many rows it has in memory."""
        return int(self.sum("btracker_table_rows"))

    def recovered(self, source: str) -> int:
        """Return how many rows were read from there."""
        return int(self.sum("btracker_recovered_records_total", source=source))

    def _read(self) -> str:
        connection = HTTPConnection(HOST, self._port, timeout=ANSWER_S)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            connection.close()
