"""Asks an API whatever its description allows and forbids, and judges each answer by it."""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from fastapi import FastAPI
from schemathesis import engine
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

LIKELY = 0.6
"""How often a parameter is one that is known; else it is made from its schema."""


@dataclass
class Findings:
    """How often each status was answered, and every answer that is not as described."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def take(self, done: ScenarioFinished) -> None:
        """Take what was asked of one operation in one phase."""
        for one in done.recorder.interactions.values():
            self.statuses[one.response.status_code if one.response else 0] += 1
        self.failures += [
            f"{done.recorder.label}: {check.name}: {check.failure_info.failure.title}: "
            f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}"
            for checks in done.recorder.checks.values()
            for check in checks
            if check.failure_info is not None
        ]


def ask(
    app: FastAPI,
    *,
    headers: Mapping[str, str],
    known: Mapping[str, Sequence[str]],
    examples: int,
    seed: int,
) -> Findings:
    """Ask an app; *known* has values that are there, by the place of the parameter.

    Every operation is asked its examples, values at every bound of every parameter, and
    *examples* valid and invalid requests at random. The same each time for a seed.
    """
    config = schemathesis.Config.from_dict(
        _settings(headers=headers, known=known, examples=examples, seed=seed)
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    found = Findings()
    with warnings.catch_warnings():
        # Of the tool's own parts.
        warnings.simplefilter("ignore")
        for event in engine.from_schema(schema).execute():
            if isinstance(event, ScenarioFinished):
                found.take(event)
            found.failures += _errors(event)
    return found


def _errors(event: Any) -> Iterator[str]:
    if isinstance(event, FatalError):
        raise event.exception
    if isinstance(event, NonFatalError):
        yield f"{event.label}: {event.value!r}"


def _settings(
    *, headers: Mapping[str, str], known: Mapping[str, Sequence[str]], examples: int, seed: int
) -> dict[str, Any]:
    return {
        "seed": seed,
        "cache": {"enabled": False},
        "suppress-health-check": ["all"],
        "headers": dict(headers),
        # The live stream has no end.
        "max-stream-events": 2,
        "dictionaries": {
            place.replace(".", "-"): {"values": [*values]} for place, values in known.items()
        },
        "parameters": {
            place: {"dictionary": place.replace(".", "-"), "probability": LIKELY} for place in known
        },
        "generation": {
            "deterministic": True,
            "database": "none",
            "no-shrink": True,
            "max-examples": examples,
        },
        # These say in an answer of 200 what was wrong, as their clients want it.
        "operations": [
            {"include-path-regex": path, "checks": {"negative_data_rejection": {"enabled": False}}}
            for path in ("^/v1/udf/", "^/v1/graphql$")
        ],
        "phases": {"stateful": {"enabled": False}},
        # That a text is an address, a time or a cursor of ours is more than a schema can say.
        "checks": {"positive_data_acceptance": {"enabled": False}},
    }
