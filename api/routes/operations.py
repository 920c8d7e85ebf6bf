"""For whoever runs it: alive, ready, counted."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.answers import answer, answer_json
from api.documents import HEALTH, METRICS, Health
from api.metrics import CONTENT_TYPE
from api.parameters import NOTHING_ELSE
from api.problem import Problem
from api.services import Use

router = APIRouter(tags=["operations"], dependencies=[NOTHING_ELSE])


@router.get("/healthz", responses=HEALTH, summary="Whether the process is alive")
async def healthz(request: Request) -> Response:
    """Return that the process answers; it asks nobody else."""
    return answer_json(request, Health(status="alive"), max_age_s=0)


@router.get("/readyz", responses=HEALTH, summary="Whether requests can be answered")
async def readyz(request: Request, use: Use) -> Response:
    """Return that the store can be read and clients are welcome; else 503."""
    await use.views.progress()
    if use.hub.closing:
        raise Problem(503, "stopping", "This process is about to stop.")
    return answer_json(request, Health(status="ready"), max_age_s=0)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=METRICS,
    summary="Counters for Prometheus",
)
async def metrics(request: Request, use: Use) -> Response:
    """Return what this process counts."""
    use.metrics.complete.set((await use.head.chain()).complete_through_slot)
    return answer(request, use.metrics.page(), max_age_s=0, media_type=CONTENT_TYPE)
