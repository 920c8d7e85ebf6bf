"""Of which cluster nodes are: slots of another one would pass for slots of ours."""


class Cluster:
    """The cluster that all nodes have to be of: that of the first one that is asked for."""

    def __init__(self) -> None:
        self._genesis: str | None = None

    @property
    def genesis(self) -> str:
        """The genesis hash of the cluster, empty while nobody has said it."""
        return self._genesis or ""

    def expect(self, genesis: str) -> None:
        """Let it be the cluster of which something was collected before; empty: nobody knows."""
        self._genesis = genesis or None

    def has(self, genesis: str | None) -> bool:
        """Say whether a node with this genesis hash is of it; one that does not say is believed."""
        if self._genesis is None:
            self._genesis = genesis
        return genesis is None or genesis == self._genesis
