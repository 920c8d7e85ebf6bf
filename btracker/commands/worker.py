"""``btracker worker``."""

import click


@click.command(
    epilog="Example: btracker worker --agents read_posts",
    short_help="Run the stream processing.",
)
@click.option("--agents", metavar="NAME[,NAME…]", help="Run these agents only. Default: all.")
def command(*, agents: str | None) -> None:
    """Decode, match and fold what is on the raw topics, until stopped. Configured by BTRACKER_….

    Run as many as there are partitions; workers with the same agents share the work.
    """
    from btracker.service import service_logs

    with service_logs():
        from btracker.kafka_access import entered
        from btracker.settings import load
        from streams.settings import StreamSettings
        from streams.worker import refuse_unknown, run_worker

        settings = load(StreamSettings)
        names = _names(agents) if agents else settings.agents
        refuse_unknown(names)
        entered(settings.cluster)
        run_worker(settings, agents=names)


def _names(agents: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in agents.split(","))
