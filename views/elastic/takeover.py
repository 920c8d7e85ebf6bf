"""Another generation of a store: made beside the one in use, and put into its place at once."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from domain.errors import StoreError, UsageError
from views.elastic.client import WRITE_S, name
from views.elastic.layout import Layout, State
from views.elastic.lock import Held, added, new_lock, removed
from views.elastic.names import FIRST, Names

BUSY = "The store is being rebuilt already; wait for that."


@asynccontextmanager
async def fresh_generation(layout: Layout) -> AsyncIterator[tuple[Names, bool]]:
    """Give names of a new generation, and whether there was one; what is left of others goes.

    Raises:
        UsageError: somebody else is making one.
    """
    state = await layout.state()
    claim = state.lock("rebuilding")
    if claim and not claim.has_expired:
        raise UsageError(BUSY)
    await layout.drop(_not_in_use(state))
    # Never the first: whoever writes to a store that is empty makes that one, to be replaced.
    number = max(int(known[1:]) for known in {FIRST, *state.generations}) + 1
    names = layout.names._replace(generation=f"g{number}")
    fresh = Layout(layout.elastic, names)
    await fresh.prepare()
    index = fresh.progress_index(f"g{number}")
    held = Held(new_lock(names.prefix, "rebuilding"), index, layout.alias)
    await layout.alias(added([(index, held.lock.alias)]))
    try:
        async with held:
            yield names, state.generation is not None
    finally:
        # It may be in use by now.
        await layout.alias(removed([(index, held.lock.alias)]))
        await layout.drop(_not_in_use(await layout.state()))


@asynccontextmanager
async def alone(layout: Layout) -> AsyncIterator[tuple[Held, Names]]:
    """Let nobody else write meanwhile; give the names by which whoever holds this may.

    Raises:
        StoreError: somebody else holds it.
    """
    await layout.make_all()
    state = await layout.state()
    generation = state.generation or FIRST
    index = layout.progress_index(generation)
    lock = new_lock(layout.names.prefix, "alone")
    take = [*removed(state.writing), *added([(index, lock.alias)])]
    if not await layout.alias(take):
        raise StoreError(BUSY)
    held = Held(lock, index, layout.alias)
    try:
        async with held:
            await _drain(layout, state.live)
            yield held, layout.names._replace(generation=generation)
    finally:
        state = await layout.state()
        await layout.alias([*removed([(index, held.lock.alias)]), *added(state.writing)])


async def take_over(layout: Layout, held: Held, generation: str) -> None:
    """Put a generation into the place of the one that is held, and drop that.

    Raises:
        StoreError: it is not held any more, and nothing was done.
    """
    state = await layout.state()
    old, new = state.live, state.of(generation)
    await held.settle()
    actions = [
        *removed([(held.index, held.lock.alias), *_read(layout.names, old)]),
        *added([*_read(layout.names, new), *_written(layout.names, new)]),
    ]
    if not await layout.alias(actions):
        raise StoreError("Somebody else has written to the store meanwhile; rebuild it again.")
    await layout.drop(old)


async def _drain(layout: Layout, indices: Iterable[str]) -> None:
    """Wait until what others had begun to write has been written."""
    ours = name(",".join(indices))
    await layout.elastic.ask("PUT", f"/{ours}/_block/write", within_s=WRITE_S)
    free = {"index.blocks.write": None}
    await layout.elastic.ask("PUT", f"/{ours}/_settings", free, within_s=WRITE_S)


def _not_in_use(state: State) -> list[str]:
    live = set(state.live)
    return [index for index in state.aliases if index not in live]


def _read(names: Names, indices: Iterable[str]) -> list[tuple[str, str]]:
    return [(index, names.read(names.parts(index)[0].noun)) for index in indices]


def _written(names: Names, indices: Iterable[str]) -> list[tuple[str, str]]:
    return [(index, names.write(names.parts(index)[0])) for index in indices]
