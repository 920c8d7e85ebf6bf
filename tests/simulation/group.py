"""The consumer group of the workers: who has which partitions."""

from random import Random

from tests.simulation.worker import Worker

OVERTAKES = 0.02
"""How often a rebalance overtakes a recovery, at each step of it."""


class Group:
    """Hands partitions out anew whenever somebody comes or goes; first everybody lets go."""

    def __init__(self, partitions: int, rng: Random) -> None:
        self._partitions, self._rng = partitions, rng
        self.members: list[Worker] = []
        self.is_rebalancing = False

    def call(self) -> None:
        """Ask everybody to let go."""
        self.is_rebalancing = True

    def join(self, worker: Worker) -> None:
        """Take a worker in."""
        self.members.append(worker)
        self.call()

    def leave(self, worker: Worker) -> None:
        """Give up a worker that is dead or has not been heard of."""
        self.members.remove(worker)
        self.call()

    def go_on(self) -> None:
        """Do what a rebalance needs next."""
        if not self.is_rebalancing:
            return
        for member in self.members:
            if member.state == "holding":
                member.leave()
            elif member.state == "recovering" and self._rng.random() < OVERTAKES:
                member.interrupt()
        if all(member.state == "free" for member in self.members):
            self._hand_out()

    def _hand_out(self) -> None:
        self.is_rebalancing = False
        numbers = list(range(self._partitions))
        self._rng.shuffle(numbers)
        for at, member in enumerate(self.members):
            member.take_over(numbers[at :: len(self.members)])
