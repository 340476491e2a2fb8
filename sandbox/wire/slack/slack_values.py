"""The values entered in a dialog, in the shape in which Slack sends them.

Tested in `tests/contract/wire/test_slack_dialogs.py`.
"""

from typing import Any

from sandbox.wire.slack.slack_json import JsonObject

REQUIRED = "Please complete this required field."


def input_problems(view: JsonObject, values: JsonObject) -> dict[str, str]:
    """Return a sentence for each required input that is empty, by block id.

    Slack's clients check this (and the lengths) before anything is sent.
    """
    problems = {}
    for block in _inputs(view):
        element, block_id = block["element"], block.get("block_id", "")
        entered = values.get(block_id, {}).get(element.get("action_id"))
        if not entered and not block.get("optional"):
            problems[block_id] = REQUIRED
        elif entered and len(entered) < element.get("min_length", 0):
            problems[block_id] = f"Please enter at least {element['min_length']} characters."
        elif entered and len(entered) > element.get("max_length", 3000):
            most = element.get("max_length", 3000)
            problems[block_id] = f"Please enter no more than {most} characters."
    return problems


def state_values(view: JsonObject, values: JsonObject) -> JsonObject:
    """Return `view.state.values`: block id → action id → the element's own shape."""
    state: JsonObject = {}
    for block in _inputs(view):
        element = block["element"]
        block_id, action_id = block.get("block_id", ""), element.get("action_id", "")
        entered = values.get(block_id, {}).get(action_id)
        state[block_id] = {action_id: {"type": element["type"], **_entered(element, entered)}}
    return state


def _entered(element: JsonObject, entered: Any) -> JsonObject:  # noqa: ANN401 - JSON
    kind = element["type"]
    if kind == "users_select":
        return {"selected_user": entered or None}
    if kind in ("static_select", "radio_buttons"):
        return {"selected_option": next(iter(_options(element, [entered])), None)}
    if kind == "checkboxes":
        return {"selected_options": _options(element, entered or [])}
    return {"value": entered or None}


def _options(element: JsonObject, chosen: list[Any]) -> list[JsonObject]:
    return [option for option in element.get("options", []) if option["value"] in chosen]


def _inputs(view: JsonObject) -> list[JsonObject]:
    return [block for block in view.get("blocks", []) if block.get("type") == "input"]
