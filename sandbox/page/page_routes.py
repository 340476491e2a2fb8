"""The page's addresses. Tested in `tests/sandbox/page/test_page_guard.py`."""

import json
from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.page.page_actions import ACTIONS, perform_action
from sandbox.page.page_guard import is_local, may_act
from sandbox.page.page_state import state_for
from sandbox.page.page_stream import feed
from sandbox.wire.slack.slack_people import People
from sandbox.wire.slack.slack_workspace import Workspace

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_routes(
    workspace: Workspace,
    world_view: Callable[[], object] | None = None,
    people: People | None = None,
) -> list[Route]:
    """Return the routes of the channel page.

    Args:
        workspace: the Slack workspace that it shows.
        world_view: returns a `WorldView`; without it the page says nothing of ECS.
        people: those who act on the page; made for the workspace when not given.
    """
    actors = people or People(workspace)

    async def index(request: Request) -> Response:
        return _file("index.html") if is_local(request) else _refusal()

    async def static(request: Request) -> Response:
        return _file(request.path_params["name"])

    async def state(request: Request) -> Response:
        if not is_local(request):
            return _refusal()
        return JSONResponse(state_for(workspace, _viewer(request)), headers=HEADERS)

    async def events(request: Request) -> Response:
        if not is_local(request):
            return _refusal()
        stream = feed(workspace, _viewer(request), world_view)
        return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)

    async def world(request: Request) -> Response:
        if world_view is None or not is_local(request):
            return _refusal(404)
        return JSONResponse(world_view(), headers=HEADERS)

    async def action(request: Request) -> Response:
        return await _act(actors, request)

    return [
        Route("/", index),
        Route("/archives/{channel}/{message}", index),
        Route("/page/static/{name}", static),
        Route("/page/state", state),
        Route("/page/events", events),
        Route("/page/world", world),
        Route("/page/{action}", action, methods=["POST"]),
    ]


async def _act(people: People, request: Request) -> Response:
    name = request.path_params["action"]
    if name not in ACTIONS:
        return _refusal(404)
    if not may_act(request):
        return _refusal()
    try:
        body = json.loads(await request.body())
    except ValueError:
        return JSONResponse({"ok": False, "error": "That is not JSON."}, status_code=400)
    return JSONResponse(await run_in_threadpool(perform_action, people, name, body))


def _viewer(request: Request) -> str:
    return request.query_params.get("as", "")


def _file(name: str) -> Response:
    path = STATIC / Path(name).name
    if not path.is_file() or path.suffix not in TYPES:
        return _refusal(404)
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers=HEADERS)


def _refusal(status: int = 403) -> Response:
    return PlainTextResponse("Not here." if status == 404 else "Not you.", status_code=status)  # noqa: PLR2004 - HTTP's own
