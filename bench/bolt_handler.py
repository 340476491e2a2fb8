"""The same as `handlers.receive_slack`, built on slack_bolt and its Lambda adapter.

Only for the bench to compare with: the same use cases behind Bolt's routing, signature check
and answers, as its documentation shows them for AWS Lambda
(https://docs.slack.dev/tools/bolt-python/concepts/lazy-listeners). `process_before_response`
is what Lambda needs, and without a token check at its start nothing is called on import.

Tested by `make bench` alone.

Run by `make bench`.
"""

import os
from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.aws_lambda import SlackRequestHandler

from handlers import receive_slack, runtime
from handlers.domain.history.audit import Actor
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.services import approvals
from handlers.slack.action_ids import REASON, REJECT_DIALOG, Action
from handlers.slack.interactions import Click, Rejection, command_origin

Body = dict[str, Any]
app = App(
    token=os.environ.get("SLACK_BOT_TOKEN", "xoxb-bench"),
    signing_secret=os.environ.get("SLACK_SIGNING_SECRET", "bench"),
    process_before_response=True,
    token_verification_enabled=False,
    request_verification_enabled=True,
)


def on_command(ack: Callable[..., None], body: Body) -> None:
    """Carry out a slash command."""
    ack(receive_slack.on_command(runtime.quick_context(), body)["body"])


def on_rejection(ack: Callable[..., None], body: Body) -> None:
    """Count a rejection."""
    view = body["view"]
    rejection = Rejection(
        approval=view["private_metadata"],
        reason=view["state"]["values"][REASON][REASON]["value"] or "",
        user=body["user"]["id"],
        origin=command_origin({"team_id": body["team"]["id"]}),
    )
    receive_slack.on_rejection(runtime.quick_context(), rejection)
    ack()


def on_click(ack: Callable[..., None], body: Body, respond: Callable[..., None]) -> None:
    """Count a click as an approval."""
    action = body["actions"][0]
    click = Click(
        action=Action(action["action_id"]),
        value=action["value"],
        user=body["user"]["id"],
        origin=command_origin({"team_id": body["team"]["id"]}),
        trigger=body["trigger_id"],
        response_url=body["response_url"],
    )
    actor = Actor(id=click.user, source="slack")
    reply = approvals.answer_question(
        runtime.quick_context(), click.value, DecisionOutcome.APPROVED, actor
    )
    ack()
    if reply.text:
        respond(reply.text, replace_original=False)


app.command("/rollout")(on_command)
app.view(REJECT_DIALOG)(on_rejection)
for name in Action:
    app.action(name)(on_click)


def lambda_handler(event: Body, context: object) -> Body:
    """Answer Slack."""
    reply: Body = SlackRequestHandler(app=app).handle(event, context)
    return reply
