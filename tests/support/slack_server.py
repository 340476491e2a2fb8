"""A workspace on a free loopback port, and an app that records what Slack sends to it."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import uvicorn
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Received
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.page import page_routes
from sandbox.wire.slack.slack_routes import Callbacks, People, Workspace, slack_routes
from tests.support.patience import PATIENCE

OPENER = build_opener(ProxyHandler({}))
Heard = tuple[str, dict[str, str], bytes]
"""Path, headers and raw body of a request."""


@dataclass
class Clock:
    """Stands still until it is moved."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> float:
        """Return the time as slack_sdk's verifier asks for it."""
        return self.seconds


@dataclass
class RecordingApp:
    """Answers as told, and keeps every request's headers and raw body."""

    status: int = 200
    answer: object = None
    heard: list[Heard] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def receive(self, request: Received) -> Response:
        self.heard.append((request.url.path, dict(request.headers), await request.body()))
        await run_in_threadpool(self.gate.wait, 10)
        if self.answer is None:
            return Response(status_code=self.status)
        return JSONResponse(self.answer, status_code=self.status)

    @property
    def routes(self) -> list[Route]:
        paths = ("/app/commands", "/app/interactions")
        return [Route(path, self.receive, methods=["POST"]) for path in paths]


@dataclass
class Slack:
    """Everything a test needs of a running workspace."""

    workspace: Workspace
    app: RecordingApp
    address: str
    people: People

    @property
    def client(self) -> WebClient:
        return self.client_with(self.workspace.bot_token)

    def client_with(self, token: str | None) -> WebClient:
        client = WebClient(token=token, base_url=f"{self.address}/slack/api/")
        client.proxy = None  # slack_sdk obeys HTTP_PROXY even for loopback
        return client

    def answer(self, url: str, body: object) -> tuple[int, str]:
        """Post JSON as an app does to a response URL; return status and body."""
        return post(url, json.dumps(body).encode(), {"Content-Type": "application/json"})


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    request = Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - our own
    try:
        with OPENER.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def fetch(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, Message, str]:
    """Return status, headers and body of a GET."""
    request = Request(url, headers=headers or {})  # noqa: S310 - our own
    try:
        with OPENER.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read().decode()


@contextlib.contextmanager
def serving(
    workspace: Workspace,
    app: RecordingApp | None = None,
    world_view: Callable[[], object] | None = None,
    timeout: float = PATIENCE,
    port: int = 0,
) -> Iterator[Slack]:
    app = app or RecordingApp()
    people = People(workspace, timeout)
    listener = socket.create_server(("127.0.0.1", port))
    routes = [*slack_routes(workspace), *page_routes(workspace, world_view, people), *app.routes]
    config = uvicorn.Config(
        Starlette(routes=routes), log_level="error", timeout_graceful_shutdown=1, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    workspace.address = address
    workspace.callbacks = Callbacks(f"{address}/app/commands", f"{address}/app/interactions")
    try:
        yield Slack(workspace, app, address, people)
    finally:
        app.gate.set()
        workspace.close()
        server.should_exit = True
        thread.join(10)
