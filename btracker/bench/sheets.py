"""Every bench: what its results are, and the tables that people get of them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from btracker.bench.api.report import api_sheets
from btracker.bench.api.run import ApiResult
from btracker.bench.capture.report import capture_sheets
from btracker.bench.capture.run import CaptureResult
from btracker.bench.decode.report import decode_sheets
from btracker.bench.decode.run import DecodeResult
from btracker.bench.history import latest
from btracker.bench.nlp_result import NlpResult, nlp_sheets
from btracker.bench.pipeline.growth import GrowthResult, growth_sheets
from btracker.bench.pipeline.report import pipeline_sheets
from btracker.bench.pipeline.run import PipelineResult
from btracker.bench.recovery.report import recovery_sheets
from btracker.bench.recovery.run import RecoveryResult
from btracker.bench.report import Sheet, markdown
from btracker.bench.ws.report import ws_sheets
from btracker.bench.ws.run import WsResult
from domain.errors import UsageError


class Bench(NamedTuple):
    """The type of a bench's results, and what makes tables of one."""

    result: type[msgspec.Struct]
    sheets: Callable[[Any], Sequence[Sheet]]


BENCHES: Mapping[str, Bench] = {
    "decode": Bench(DecodeResult, decode_sheets),
    "pipeline": Bench(PipelineResult, pipeline_sheets),
    "growth": Bench(GrowthResult, growth_sheets),
    "recovery": Bench(RecoveryResult, recovery_sheets),
    "capture": Bench(CaptureResult, capture_sheets),
    "api": Bench(ApiResult, api_sheets),
    "ws": Bench(WsResult, ws_sheets),
    "nlp": Bench(NlpResult, nlp_sheets),
}


def tables(history: Path) -> str:
    """Return the last result of each bench as Markdown.

    Raises:
        UsageError: the file is no history, or a bench that wrote it gave other figures than today.
    """
    found = latest(history)
    parts = []
    for name, (result, sheets) in BENCHES.items():
        if name not in found:
            continue
        entry, told = found[name]
        try:
            shown = sheets(msgspec.convert(told, result))
        except msgspec.ValidationError as error:
            raise UsageError(
                f"The last {name} of {history} is of a version with other figures ({error}); "
                "measure again."
            ) from None
        of = f" of {entry.commit}" if entry.commit else ""
        tail = f"{entry.time}{of}, {entry.machine}."
        parts += [f"## {name}", *map(markdown, shown), tail]
    return "\n\n".join(parts)
