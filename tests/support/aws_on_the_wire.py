"""The sandbox's AWS beside MiniStack on a loopback port, and the real boto3 to talk to it."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import uvicorn
from botocore.config import Config
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from sandbox.host.accelerated_clock import Translation
from sandbox.wire.aws.auto_scaling_api import auto_scaling_routes
from sandbox.wire.aws.aws_routes import Access
from sandbox.wire.aws.cloudwatch_api import cloudwatch_routes
from sandbox.wire.aws.ec2_api import ec2_routes
from sandbox.wire.aws.elb_api import elb_routes
from sandbox.wire.aws.logs_api import logs_routes
from sandbox.wire.ecs.ecs_api import ecs_routes
from sandbox.wire.fault_injection import CallInterceptor
from sandbox.world.example_world import example_world
from sandbox.world.image_behaviour import load_images

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IMAGES = Path(__file__).parents[2] / "sandbox" / "images.toml"


class Aws:
    """A served world. Its time is set with `later`; `renew` puts a fresh one in its place."""

    def __init__(self) -> None:
        self.port = 0
        self.renew()

    def renew(self, times: Translation = Translation()) -> None:  # noqa: B008 - it is frozen
        self.now = NOW
        self.world = example_world(NOW, load_images(IMAGES))
        self.interceptor = CallInterceptor(Counter())
        access = Access(tick=self.tick, interceptor=self.interceptor)
        self._app = Starlette(
            routes=[
                *ecs_routes(self.world, access),
                *elb_routes(self.world, access),
                *ec2_routes(self.world, access),
                *auto_scaling_routes(self.world, access),
                *cloudwatch_routes(self.world, access, times),
                *logs_routes(self.world, access, times),
            ]
        )

    def tick(self) -> None:
        self.world.advance(self.now)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def client(self, service: str, path: str) -> Any:
        return boto3.client(  # type: ignore[call-overload] # its stubs want the names one by one
            service,
            region_name="ap-northeast-1",
            endpoint_url=f"http://127.0.0.1:{self.port}/{path}",
            aws_access_key_id="123456789012",
            aws_secret_access_key="made-up",
            config=Config(retries={"total_max_attempts": 1}),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@contextmanager
def serving() -> Iterator[Aws]:
    """Serve the example world on a free port, and end the server."""
    aws = Aws()
    # asyncio turns Nagle's algorithm off only for sockets that say they are TCP; with it, and
    # delayed acknowledgements, every answer would take 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(aws, log_level="error", lifespan="off")
    aws.port = listening.getsockname()[1]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield aws
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
