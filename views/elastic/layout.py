"""The indices, templates and aliases of a store as they are on the server; making them."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from elasticsearch import ApiError

from domain.errors import StoreError, UnusableStoreError
from views.elastic.client import WRITE_S, Elastic, name
from views.elastic.lock import Action, Kind, Lock, added, lock_of, removed
from views.elastic.names import FIRST, NOUNS, Names, Place, mapping_of, template

_aliases = msgspec.json.Decoder(dict[str, dict[str, dict[str, Any]]]).decode
_templates = msgspec.json.Decoder(dict[str, list[dict[str, Any]]]).decode


class State(NamedTuple):
    """What there is: the aliases of each index, by its name."""

    names: Names
    aliases: Mapping[str, frozenset[str]]

    @property
    def live(self) -> list[str]:
        """The indices that readers see."""
        return [
            index
            for index, aliases in self.aliases.items()
            if self.names.read(self.names.parts(index)[0].noun) in aliases
        ]

    @property
    def generation(self) -> str | None:
        """The generation that readers see."""
        return next((self.names.parts(index)[1] for index in self.live), None)

    @property
    def generations(self) -> set[str]:
        """All that there are."""
        return {self.names.parts(index)[1] for index in self.aliases}

    def lock(self, kind: Kind) -> Lock | None:
        """Return the lock of a kind that somebody holds, if anybody."""
        found = (lock_of(alias, kind) for aliases in self.aliases.values() for alias in aliases)
        return next((lock for lock in found if lock), None)

    def of(self, generation: str) -> list[str]:
        """Return the indices of a generation."""
        return [index for index in self.aliases if self.names.parts(index)[1] == generation]

    @property
    def writing(self) -> list[tuple[str, str]]:
        """Each live index and the alias by which it is written."""
        return [(index, self.names.write(self.names.parts(index)[0])) for index in self.live]


class Layout:
    """Makes what is missing. ``keep_days``: older days of trades are dropped; 0: none is."""

    def __init__(self, elastic: Elastic, names: Names, *, keep_days: int = 0) -> None:
        self.elastic, self.names, self._keep_days = elastic, names, keep_days
        self._newest_day: int | None = None

    async def state(self) -> State:
        """Return what there is."""
        path = f"/{name(self.names.patterns())}/_alias"
        found = _aliases(await self.elastic.ask("GET", path, missing=b"{}"))
        told = {index: frozenset(one.get("aliases", ())) for index, one in found.items()}
        return State(self.names._replace(generation=None), told)

    async def prepare(self) -> None:
        """Bring templates and mappings up to this version; make what has no index yet.

        Raises:
            UnusableStoreError: the store was made by another version; only a rebuild helps.
        """
        found = await self.elastic.ask(
            "GET", f"/_index_template/{name(self.names.prefix)}-*", missing=b"{}"
        )
        known = {one["name"]: one for one in _templates(found).get("index_templates", [])}
        for noun in (*NOUNS, "trades"):
            wanted = template(self.names, noun)
            made_from = _digest(wanted)
            path = f"{self.names.prefix}-{noun}"
            told = known.get(path, {}).get("index_template", {})
            if told.get("_meta", {}).get("madeFrom") != made_from:
                body = {**wanted, "_meta": {"madeFrom": made_from}}
                await self.elastic.ask("PUT", f"/_index_template/{path}", body, within_s=WRITE_S)
            await self._bring_up(noun)
        await self.make_all()

    async def make_all(self) -> None:
        """Make what has no index yet, but for days of trades."""
        await self.make(Place(noun) for noun in NOUNS)

    async def make(self, places: Iterable[Place]) -> None:
        """Make the indices of some places, with their aliases if they are in use.

        Raises:
            StoreError: somebody else alone may write just now.
        """
        wanted = list(places)
        if not wanted:
            return
        state = await self.state()
        generation = self.names.generation
        if generation is None:
            await self._unlock_what_expired(state)
            generation = state.generation or FIRST
        missing = [place for place in wanted if not self._is_there(state, place, generation)]
        await asyncio.gather(*(self._make(place, generation) for place in missing))
        if missing and self.names.generation is None:
            # Only now that they can answer: a search of all days would fail for one that cannot.
            await self.alias(added(self._aliased(missing, generation)))
        await self._drop_old_days(state, missing, generation)

    def is_kept(self, place: Place) -> bool:
        """Return whether a place is not older than what is kept."""
        if place.day is None or not self._keep_days or self._newest_day is None:
            return True
        return place.day > self._newest_day - self._keep_days

    def progress_index(self, generation: str) -> str:
        """Return the index on which locks of a generation lie."""
        return self.names.index_of(Place("progress"), generation)

    async def alias(self, actions: Sequence[Action]) -> bool:
        """Change aliases, all at once; return whether one that had to be there was."""
        try:
            await self.elastic.ask("POST", "/_aliases", {"actions": actions}, within_s=WRITE_S)
        except ApiError as error:
            if error.meta.status == 404:
                return False
            raise
        return True

    async def drop(self, indices: Iterable[str]) -> None:
        """Delete some indices."""
        for index in indices:
            await self.elastic.ask("DELETE", f"/{name(index)}", missing=b"", within_s=WRITE_S)

    async def _bring_up(self, noun: str) -> None:
        """Let what is there take what this version adds."""
        try:
            await self.elastic.ask(
                "PUT", f"/{name(self.names.read(noun))}/_mapping", mapping_of(noun),
                missing=b"", within_s=WRITE_S, ignore_unavailable="true",
            )  # fmt: skip
        except ApiError as error:
            if error.meta.status != 400:
                raise
            raise UnusableStoreError(
                f"The {noun} in the store are of another version; make it anew with: "
                "btracker rebuild"
            ) from error

    def _is_there(self, state: State, place: Place, generation: str) -> bool:
        aliases = state.aliases.get(self.names.index_of(place, generation))
        is_in_use = self.names.generation is None
        return aliases is not None and (not is_in_use or self.names.write(place) in aliases)

    def _aliased(self, places: Iterable[Place], generation: str) -> Iterator[tuple[str, str]]:
        for place in places:
            index = self.names.index_of(place, generation)
            yield index, self.names.read(place.noun)
            yield index, self.names.write(place)

    async def _make(self, place: Place, generation: str) -> None:
        path = f"/{name(self.names.index_of(place, generation))}"
        try:
            await self.elastic.ask("PUT", path, within_s=WRITE_S)
        except ApiError as error:
            # Somebody else has made it at the same time.
            if b"resource_already_exists_exception" not in error.body:
                raise

    async def _unlock_what_expired(self, state: State) -> None:
        lock = state.lock("alone")
        if lock is None:
            return
        if not lock.has_expired:
            raise StoreError("The store is being rebuilt.")
        # Whoever held it has ended without giving it back.
        at = self.progress_index(state.generation or FIRST)
        await self.alias([*removed([(at, lock.alias)]), *added(state.writing)])

    async def _drop_old_days(self, state: State, made: Iterable[Place], generation: str) -> None:
        there = {self.names.parts(index)[0].day: index for index in state.of(generation)}
        days = [day for day in (*there, *(place.day for place in made)) if day is not None]
        self._newest_day = max(days, default=None)
        await self.drop(
            index
            for day, index in there.items()
            if day is not None and not self.is_kept(Place("trades", day))
        )


def _digest(wanted: Mapping[str, Any]) -> str:
    return blake2b(msgspec.json.encode(wanted), digest_size=8).hexdigest()
