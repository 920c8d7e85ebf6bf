"""``btracker up``: every process of a deployment, started, kept, and stopped in order."""

import asyncio
import logging
from contextlib import suppress
from functools import partial

from api.dashboard_files import is_built
from api.settings import ApiSettings
from btracker.child_process import Spec
from btracker.data_folder import check_data_folder
from btracker.deployment import UpOptions, api_spec, environment, river_specs, store_url
from btracker.embedded import HOST, cache_spec, check_port, free_port, kafka_answers
from btracker.external import check_external
from btracker.logs import LogSettings, logs_to
from btracker.river import River
from btracker.run_folder import Addresses, RunFolder
from btracker.settings import load
from btracker.status import StatusClient, status_line
from btracker.supervisor import Keeper, Supervisor
from btracker.terminal import Terminal
from schemas.kafka import Kafka
from streams.sources.recording import open_recording

SHOW_EVERY_S = 1.0

log = logging.getLogger(__name__)


async def run_up(options: UpOptions, terminal: Terminal, stops: asyncio.Queue[int]) -> None:
    """Run a deployment until the first of *stops*; the second ends it at once.

    Raises:
        UsageError: what was asked for cannot be started; nothing was.
        BtrackerError: it cannot go on; everything is stopped.
    """
    if options.recording:
        open_recording(options.recording)
    await check_external(options)
    runs = RunFolder(options.data)
    runs.hold()
    try:
        check_data_folder(options)
        check_port(options.host, options.port)
        (options.data / "log").mkdir(exist_ok=True)
        log_file = options.data / "log" / "up.jsonl"
        with log_file.open("a", encoding="utf-8") as file, logs_to(file, LogSettings()):
            await Up(options, terminal, runs).run(stops)
    finally:
        runs.release()


class Up:
    """A whole deployment on a data folder."""

    def __init__(self, options: UpOptions, terminal: Terminal, runs: RunFolder) -> None:
        self._options = options._replace(port=options.port or free_port(options.host))
        self._terminal, self._runs = terminal, runs
        self._cache_port = free_port()
        self._redis = options.redis or f"redis://{HOST}:{self._cache_port}/0"
        scheme = "https" if load(ApiSettings).tls_cert else "http"
        self._address = f"{scheme}://{options.host}:{self._options.port}"
        self._supervisor = Supervisor(options.data, runs, terminal.say)
        self._river = River(self._supervisor, self._specs_for, kafka=options.kafka)
        self._front: dict[str, Keeper] = {}

    async def run(self, stops: asyncio.Queue[int]) -> None:
        """Run everything until the first of *stops*.

        Raises:
            UsageError: a process was not given what it needs; everything is stopped.
        """
        async with StatusClient(self._address) as client:
            for spec in self._front_specs(client):
                self._front[spec.name] = self._supervisor.keep(spec)
            river = asyncio.create_task(self._river.run())
            tasks = [
                river,
                asyncio.create_task(stops.get()),
                asyncio.create_task(self._supervisor.refused()),
                asyncio.create_task(self._tell(client)),
            ]
            await asyncio.wait(tasks[:-1], return_when=asyncio.FIRST_COMPLETED)
            tasks[-1].cancel()
            self._terminal.end()
            await self._stop_in_order(stops)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def _stop_in_order(self, stops: asyncio.Queue[int]) -> None:
        """End sources and API, indexer and worker, cache and broker: 4 + 3 + 0.5 s at most."""
        self._terminal.say("Stopping …")
        hurry = asyncio.create_task(self._hurry(stops))
        await asyncio.gather(self._river.stop("collect"), self._front["api"].stop())
        await self._river.stop()
        await asyncio.gather(
            self._river.stop_broker(), *(keeper.stop() for keeper in self._front.values())
        )
        await self._supervisor.stop_all()
        hurry.cancel()
        self._terminal.say("Stopped.")

    async def _hurry(self, stops: asyncio.Queue[int]) -> None:
        while await stops.get():
            self._supervisor.kill_all()

    def _front_specs(self, client: StatusClient) -> list[Spec]:
        """Return what does not hang on the broker, so that it goes on answering without one."""
        env = environment(self._options, self._addresses(kafka=None))
        api = api_spec(env, client.healthy)
        if self._options.redis:
            return [api]
        return [cache_spec(self._cache_port), api]

    def _specs_for(self, kafka: Kafka) -> list[Spec]:
        addresses = self._addresses(kafka=kafka)
        self._runs.publish(addresses)
        return river_specs(
            environment(self._options, addresses),
            workers=self._options.workers,
            needs=partial(kafka_answers, kafka),
        )

    def _addresses(self, *, kafka: Kafka | None) -> Addresses:
        return Addresses(
            kafka=str(kafka or ""),
            store=store_url(self._options),
            redis=self._redis,
            api=self._address,
            embedded=self._options.kafka is None,
            solana=self._options.solana,
        )

    async def _tell(self, client: StatusClient) -> None:
        """Say where the API is once it answers, then how far everything is, over and over."""
        self._terminal.show("Starting …")
        await self._front["api"].ready.wait()
        self._terminal.say(f"Btracker is at {self._address} (Ctrl-C stops it)")
        if not is_built(load(ApiSettings).dashboard):
            self._terminal.say(
                "Its dashboard is not built: `make setup` does that where Node 20 or newer is. "
                "Until then that address shows the API alone."
            )
        while True:
            with suppress(LookupError):
                if status := await client.status():
                    self._terminal.show(status_line(status))
            await asyncio.sleep(SHOW_EVERY_S)
