"""Slack's Web API and response URLs as HTTP routes.

Tested in `tests/contract/wire/test_slack_wire.py`.
"""

import asyncio
import json
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.wire.slack.slack_api import TAKES_JSON, call
from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_people import Button, CommandAnswer, People, Submission
from sandbox.wire.slack.slack_responses import respond
from sandbox.wire.slack.slack_workspace import Callbacks, SlackRequest, Workspace

__all__ = [
    "Button",
    "Callbacks",
    "CommandAnswer",
    "People",
    "SlackError",
    "SlackRequest",
    "Submission",
    "Workspace",
    "slack_routes",
]


LIMITED_FOR_SECONDS = 1


def slack_routes(workspace: Workspace) -> list[Route]:
    """Return the routes of the Web API and of response URLs."""

    async def api(request: Request) -> Response:
        return await _api(workspace, request)

    async def response(request: Request) -> Response:
        return await _response(workspace, request)

    return [
        Route("/slack/api/{method}", api, methods=["GET", "POST"]),
        Route("/slack/response/{key}", response, methods=["POST"]),
    ]


async def _api(workspace: Workspace, request: Request) -> Response:
    method = request.path_params["method"]
    arguments = await _arguments(request)
    with workspace.read_lock():
        workspace.calls[method] += 1
    outage = _answer_unavailable(workspace, method, str(arguments.get("channel", "")))
    if outage:
        return outage
    given = _token(request, arguments)
    if given != workspace.bot_token:
        error = workspace.refused_tokens.get(given, "invalid_auth") if given else "not_authed"
        return JSONResponse({"ok": False, "error": error})
    try:
        answer = call(workspace, method, arguments)
    except SlackError as refusal:
        answer = refusal.as_slack()
    await _delay_if_slow(workspace)
    return JSONResponse(answer, headers={"X-OAuth-Scopes": ",".join(workspace.scopes)})


async def _response(workspace: Workspace, request: Request) -> Response:
    outage = _answer_unavailable(workspace, "response_url", "")
    if outage:
        return outage
    try:
        body = json.loads(await request.body())
        respond(workspace, request.path_params["key"], body)
    except (ValueError, AttributeError):
        return PlainTextResponse("invalid_payload", status_code=400)
    except SlackError as refusal:
        spent = refusal.error.endswith("_url")
        return JSONResponse(refusal.as_slack(), status_code=404 if spent else 400)
    await _delay_if_slow(workspace)
    return PlainTextResponse("ok")


def _answer_unavailable(workspace: Workspace, method: str, channel: str) -> Response | None:
    if workspace.availability == "down":
        return JSONResponse({"ok": False, "error": "service_unavailable"}, status_code=503)
    wait = LIMITED_FOR_SECONDS if workspace.availability == "limiting" else 0
    if workspace.enforce_rates and not wait:
        with workspace.read_lock():
            wait = workspace.rates.wait_for(method, channel)
    if not wait:
        return None
    return JSONResponse(
        {"ok": False, "error": "ratelimited"},
        status_code=429,
        headers={"Retry-After": str(wait)},
    )


async def _delay_if_slow(workspace: Workspace) -> None:
    if workspace.availability == "slow":
        await asyncio.sleep(workspace.slowness)


async def _arguments(request: Request) -> JsonObject:
    """Return a call's arguments from its query, form or JSON body.

    A JSON body is not read by the methods that take forms alone (their pages say "This method does
    not currently accept application/json"): they answer as if nothing had been sent.
    """
    arguments: JsonObject = dict(request.query_params)
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        if request.path_params["method"] not in TAKES_JSON:
            return arguments
        try:
            found = json.loads(body)
        except ValueError:
            return arguments
        return arguments | found if isinstance(found, dict) else arguments
    return arguments | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _token(request: Request, arguments: JsonObject) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind == "Bearer" else str(arguments.get("token", ""))
