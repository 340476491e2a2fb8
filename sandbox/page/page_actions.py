"""What a person does on the page, carried to the workspace. Tested in `tests/e2e/page`."""

from collections.abc import Callable

from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_people import People


def perform_action(people: People, action: str, body: JsonObject) -> JsonObject:
    """Do what was asked, and return what the page needs to know of it.

    Args:
        people: those who act.
        action: `command`, `click`, `submit` or `dismiss`.
        body: `as`, the person's id, and what the action needs.

    Returns:
        `ok`, with `error` (a sentence) or, for a dialog, `errors` by block id.
    """
    try:
        return ACTIONS[action](people, body)
    except SlackError as refusal:
        return {"ok": False, "error": SENTENCES.get(refusal.error, refusal.error)}
    except (KeyError, TypeError, AttributeError):
        return {"ok": False, "error": "The page sent something that makes no sense."}


def _command(people: People, body: JsonObject) -> JsonObject:
    text = str(body["text"]).strip()
    if not text.startswith("/"):
        people.say(body["as"], text)
        return {"ok": True}
    answer = people.command(body["as"], text)
    return {"ok": not answer.error}


def _click(people: People, body: JsonObject) -> JsonObject:
    status = people.click(body["as"], body["ts"], body["action_id"], body.get("block_id"))
    if status is None:
        return {"ok": False, "error": "No answer within three seconds (operation_timeout)."}
    good = 200 <= status < 300  # noqa: PLR2004 - HTTP's own numbers
    return {"ok": good, "error": "" if good else f"The app answered {status} (dispatch_failed)."}


def _submit(people: People, body: JsonObject) -> JsonObject:
    result = people.submit(body["as"], body["view_id"], body["values"])
    return {"ok": not result.errors, "errors": result.errors}


def _dismiss(people: People, body: JsonObject) -> JsonObject:
    people.dismiss(body["as"], body["view_id"])
    return {"ok": True}


ACTIONS: dict[str, Callable[[People, JsonObject], JsonObject]] = {
    "command": _command,
    "click": _click,
    "submit": _submit,
    "dismiss": _dismiss,
}

SENTENCES = {
    "message_not_found": "That message is gone.",
    "action_not_found": "That button is gone: the message has changed meanwhile.",
    "not_found": "That dialog is closed already.",
    "user_not_found": "Nobody here has that name.",
}
