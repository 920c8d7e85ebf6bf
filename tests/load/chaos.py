"""Chaos: a market replays while its processes are killed; in the end every figure is the truth's.

usage: python -m tests.load.chaos --runs 50 [--broker kafka] [--workers 3] [--seed 1]
"""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.brokers import Broker, Kind, running_broker
from tests.e2e.deployment import Deployment
from tests.shared import MARKET
from tests.truth import Market, load

FORGETFUL = "broker"
"""The embedded broker's memory is its log: whoever kills it asks for another test."""
PAUSE_S = (0.5, 3.0)
"""Between two blows, least and most."""
ABSENCE_S = (0.0, 8.0)
"""How long a broker is down or a worker stopped: also longer than the workers' sessions."""
SETTLE_S = 240.0
CRY_S = 3.0


class Plan(NamedTuple):
    """What one run does; the seed decides every blow."""

    seed: int
    broker: Kind = "embedded"
    workers: int = 1
    speed: int = 3_000
    blows: int = 12


class Outcome(NamedTuple):
    """What one run came to."""

    plan: Plan
    blows: dict[str, int]
    took_s: float
    settled_s: float
    differences: list[str]

    @property
    def is_right(self) -> bool:
        """Whether every figure is the truth's."""
        return not self.differences


class Chaos:
    """Deals blows to a deployment, one after the other."""

    def __init__(self, plan: Plan, up: Deployment, broker: Broker | None) -> None:
        self._plan, self._up, self._broker = plan, up, broker
        self._dice = random.Random(plan.seed)
        self.blows: Counter[str] = Counter()

    def deal(self) -> None:
        """Deal all blows of the plan."""
        for _ in range(self._plan.blows):
            time.sleep(self._dice.uniform(*PAUSE_S))
            self._deal_one()

    def _deal_one(self) -> None:
        name = self._dice.choice(self._victims())
        if name == "kafka":
            self._strike_broker()
        elif name.startswith("worker") and self._plan.workers > 1 and self._dice.random() < 0.3:
            self._stop_and_resume(name)
        else:
            self._kill(name)

    def _victims(self) -> list[str]:
        running = {path.stem for path in (self._up.data / "run").glob("*.pid")}
        return sorted(running - {"up", FORGETFUL}) + (["kafka"] if self._broker else [])

    def _strike_broker(self) -> None:
        assert self._broker is not None
        is_stall = self._dice.random() < 0.3
        (self._broker.pause if is_stall else self._broker.kill)()
        time.sleep(self._dice.uniform(*ABSENCE_S))
        (self._broker.resume if is_stall else self._broker.start)()
        self.blows["stop kafka" if is_stall else "kill kafka"] += 1

    def _kill(self, name: str) -> None:
        if process := self._process(name):
            process.kill()
            self.blows[f"kill {name}"] += 1

    def _stop_and_resume(self, name: str) -> None:
        if process := self._process(name):
            process.send_signal(signal.SIGSTOP)
            time.sleep(self._dice.uniform(*ABSENCE_S))
            process.send_signal(signal.SIGCONT)
            self.blows[f"stop {name}"] += 1

    def have_workers_cry(self) -> None:
        """Have each worker write into its log what all that it does is waiting for."""
        for path in (self._up.data / "run").glob("worker-*.pid"):
            if process := self._process(path.stem):
                process.send_signal(signal.SIGUSR1)
        time.sleep(CRY_S)

    def _process(self, name: str) -> psutil.Process | None:
        try:
            return psutil.Process(int((self._up.data / "run" / f"{name}.pid").read_text()))
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None  # It is down already.


def run(plan: Plan, folder: Path) -> Outcome:
    """Replay the recorded day under the plan's blows, then hold every figure against the truth."""
    truth = load(MARKET)
    with deployment(plan, folder) as (up, broker):
        chaos = Chaos(plan, up, broker)
        up.wait_for_api()
        chaos.deal()
        dealt = time.monotonic()
        try:
            up.wait(truth["end_slot"], within_s=SETTLE_S)
            settled = time.monotonic()
            differences = [*Market(up.api, truth).differences(), *audit(up)]
        except AssertionError as error:
            settled, differences = time.monotonic(), [str(error)]
            chaos.have_workers_cry()
    blows = dict(sorted(chaos.blows.items()))
    return Outcome(plan, blows, settled - up.started, settled - dealt, differences)


@contextmanager
def deployment(plan: Plan, folder: Path) -> Iterator[tuple[Deployment, Broker | None]]:
    """Give a running deployment, and its broker where that is not its own."""
    options = ["--recording", str(MARKET), "--speed", str(plan.speed)]
    with ExitStack() as stack:
        broker = None
        if plan.broker == "kafka":
            broker = stack.enter_context(running_broker("kafka", within=folder))
            options += ["--kafka", broker.address, "--workers", str(plan.workers)]
        yield stack.enter_context(Deployment(folder / "data", *options)), broker


def audit(up: Deployment) -> list[str]:
    """Return what the audit finds missing."""
    done = up.command_on("audit")
    return [] if done.returncode == 0 else [f"audit: {done.stdout}{done.stderr}"]


def soak(plans: Sequence[Plan]) -> bool:
    """Run *plans* one after the other, a line of JSON each; return whether all were right.

    What a run that was wrong has left, logs and data of every process, is kept and named.
    """
    right = 0
    for number, plan in enumerate(plans, start=1):
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{plan.seed}-"))
        outcome = run(plan, folder)
        right += outcome.is_right
        if outcome.is_right:
            shutil.rmtree(folder)
        else:
            sys.stderr.write(f"seed {plan.seed} is wrong, see {folder}\n")
        sys.stdout.write(json.dumps(shown(outcome)) + "\n")
        sys.stdout.flush()
        sys.stderr.write(f"{right} of {number} runs right, {len(plans)} to do\n")
    return right == len(plans)


def shown(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome for people and scripts."""
    return {
        **outcome.plan._asdict(),
        "blows": outcome.blows,
        "tookS": round(outcome.took_s, 1),
        "settledS": round(outcome.settled_s, 1),
        "differences": outcome.differences[:20],
    }


def main() -> int:
    """Run the soak that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next follow")
    parser.add_argument("--broker", choices=("embedded", "kafka"), default="embedded")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--blows", type=int, default=Plan._field_defaults["blows"])
    asked = parser.parse_args()
    plans = [
        Plan(seed, broker=asked.broker, workers=asked.workers, blows=asked.blows)
        for seed in range(asked.seed, asked.seed + asked.runs)
    ]
    return 0 if soak(plans) else 1


if __name__ == "__main__":
    sys.exit(main())
