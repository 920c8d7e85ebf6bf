"""``btracker collect``."""

import asyncio
import sys

import click


@click.command(
    epilog="Example: BTRACKER_KAFKA=broker:9092 BTRACKER_RECORDING=my-recording btracker collect",
    short_help="Run the collectors.",
)
def command() -> None:
    """Put what the sources say on the raw topics, until stopped. Configured by BTRACKER_….

    What is put there is kept in a journal in the data folder, so that a broker which forgot can be
    told again. `btracker config` shows all settings.
    """
    from btracker.kafka_access import enter
    from btracker.service import run_service, service_logs
    from btracker.settings import load
    from streams.sources.accounts.settings import AccountSettings
    from streams.sources.collectors import Collecting, run_collectors
    from streams.sources.dollars.settings import DollarSettings
    from streams.sources.metadata_settings import MetadataSettings
    from streams.sources.settings import CollectSettings
    from streams.sources.solana.settings import SolanaSettings
    from streams.sources.x.settings import XSettings

    async def collect(stop: asyncio.Event) -> bool:
        settings = load(CollectSettings)
        await enter(settings.cluster)
        found = Collecting(
            settings,
            load(SolanaSettings),
            load(XSettings),
            load(MetadataSettings),
            load(AccountSettings),
            load(DollarSettings),
        )
        return await run_collectors(found, stop)

    with service_logs():
        sys.exit(0 if run_service(collect) else 1)
