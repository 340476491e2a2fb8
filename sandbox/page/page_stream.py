"""The live feed of an open page: server-sent events with everything that its person sees.

Tested in `tests/e2e/page`.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

from sandbox.page.page_state import state_for
from sandbox.wire.slack.slack_workspace import Workspace

LOOK_SECONDS = 0.05
WORLD_SECONDS = 0.5
# The page believes the server gone when it hears nothing for three of these.
HEARTBEAT_SECONDS = 4.0


async def feed(
    workspace: Workspace, viewer: str, world_view: Callable[[], object] | None
) -> AsyncIterator[str]:
    """Yield an event for each change, until the workspace closes or the page goes away.

    `state` carries the whole channel, so that a page that missed something is whole again with
    the next one. `world` carries what ECS runs.
    """
    yield "retry: 1000\n\n"
    seen: object = None
    world, looked, spoke = "", 0.0, 0.0
    while not workspace.closed:
        now = time.monotonic()
        current = (workspace.version, workspace.availability, workspace.callbacks)
        if current != seen:
            seen, spoke = current, now
            yield _event("state", json.dumps(state_for(workspace, viewer)))
        if world_view and now - looked >= WORLD_SECONDS:
            looked = now
            shown = json.dumps(world_view())
            if shown != world:
                world, spoke = shown, now
                yield _event("world", shown)
        if now - spoke >= HEARTBEAT_SECONDS:
            spoke = now
            yield _event("heartbeat", "{}")
        await asyncio.sleep(LOOK_SECONDS)


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
