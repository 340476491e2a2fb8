"""Renders a process as a definition; tested in `test_generate.py`. Tested in `test_generate.py`."""

import json
from datetime import timedelta
from typing import Any

from workflows.dsl import sdk
from workflows.dsl.sdk import SdkState
from workflows.dsl.state_order import in_process_order
from workflows.dsl.steps import Step, seconds


def render(process: Step, *, comment: str, timeout: timedelta) -> dict[str, Any]:
    """The process as a definition in the Amazon States Language.

    Its states stand in the order in which a rollout meets them, so that the same source
    gives the same bytes and a change reads well.

    Raises:
        ValueError: Two states of one scope have the same name.
    """
    _refuse_duplicate_names(process.first)
    graph = sdk.Graph(process.first, comment=comment, timeout_seconds=seconds(timeout))
    definition: dict[str, Any] = json.loads(graph.to_json())
    return in_process_order(definition)


def _refuse_duplicate_names(first: SdkState) -> None:
    seen: dict[str, int] = {}
    to_see: list[SdkState] = [first]
    while to_see:
        state = to_see.pop()
        if seen.setdefault(state.state_id, id(state)) != id(state):
            raise ValueError(f"two states are named {state.state_id!r}")
        following = [catch.next_step for catch in state.catches]
        following += [target for _, target in state.choices or ()]
        following += state.branches or ()
        following += [state.iterator] if state.iterator else []
        following += [target for target in (state.next_step, state.default) if target]
        to_see += [target for target in following if seen.get(target.state_id) != id(target)]
