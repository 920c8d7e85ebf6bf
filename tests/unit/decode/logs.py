"""Logs as nodes write them, for programs whose events are nowhere else."""

import json
from base64 import b64encode

from tests.unit.decode.scene import Scene


def logged(scene: Scene, *runs: tuple[str, list[bytes]]) -> bytes:
    """Return a transaction in whose log each program ran, one after the other, and said events."""
    whole, lines = json.loads(scene.json()), list[str]()
    for program, events in runs:
        said = [f"Program data: {b64encode(event).decode()}" for event in events]
        lines += [f"Program {program} invoke [1]", *said, f"Program {program} success"]
    whole["meta"]["logMessages"] = lines
    return json.dumps(whole).encode()
