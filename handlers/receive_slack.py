"""Receive what people do in Slack: slash commands and clicks. Verify, decide, answer.

Slack gives three seconds, so nothing heavy is imported here: the standard library, the AWS
client and the log. What a click changes on the board is drawn by the step that it wakes.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from handlers import http, runtime
from handlers.domain.approval import Refusal, already_decided, answer
from handlers.domain.errors import TokenGone
from handlers.domain.outcomes import Outcome
from handlers.domain.request import InvalidInput, parse_request
from handlers.domain.rollout import Decision
from handlers.observe import about, logger, observed
from handlers.slack import words
from handlers.slack.actions import Action
from handlers.slack.board import can_be_put_back
from handlers.slack.commands import HelpCommand, StartCommand, parse_command
from handlers.slack.interactions import Click, Malformed, parse_click
from handlers.slack.signature import is_from_slack

MAX_BODY: Final = 262_144
"""Bytes. An interaction repeats the whole message (50 blocks of 3,000 characters at most)."""
MAX_NAME: Final = 80
"""Characters of an execution's name (API_StartExecution)."""

_ANSWERS: Final = {Action.APPROVE: Outcome.APPROVED, Action.REJECT: Outcome.REJECTED}


def is_genuine(request: http.Request) -> bool:
    """Check the signature, with the secret read anew before refusing: it may have been rotated."""
    secret = runtime.signing_secret()
    return any(
        is_from_slack(
            request.body,
            timestamp=request.headers.get("x-slack-request-timestamp", ""),
            signature=request.headers.get("x-slack-signature", ""),
            secret=secret.value(fresh=fresh),
            now=runtime.now(),
        )
        for fresh in (False, True)
    )


def execution_name(command: StartCommand, trigger: str) -> str:
    """Name the execution after the command, so that one delivered twice starts one rollout."""
    once = hashlib.sha256(trigger.encode()).hexdigest()[:10]
    head = f"{command.application}-{command.tag}"[: MAX_NAME - len(once) - 1]
    return f"{head}-{once}"


def on_command(form: Mapping[str, str]) -> http.Response:
    """Carry out a slash command; the answer is for the one who typed it alone."""
    names = tuple(runtime.applications())
    command = parse_command(form.get("text", ""))
    if isinstance(command, HelpCommand):
        return _private(words.help_text(names))
    document = {
        "application": command.application,
        "tag": command.tag,
        "requestedBy": form.get("user_id", ""),
    } | ({"reason": command.reason} if command.reason else {})
    try:
        parse_request(document, names)
    except InvalidInput as error:
        return _private(f"{words.plain(str(error))}\n\n{words.help_text(names)}")
    runtime.executions().start(execution_name(command, form.get("trigger_id", "")), document)
    return _private(f"Starting {command.application} {command.tag}. Its board will follow here.")


def on_click(click: Click) -> None:
    """Count an answer, or tell the one who clicked why it does not."""
    said = _roll_back(click) if click.action is Action.ROLL_BACK else _answer(click)
    if said:
        runtime.whisper(click.response_url, said)


def _answer(click: Click) -> str:
    """Decide the question with one conditional write; only then use its token."""
    now, approvals = runtime.now(), runtime.approvals()
    approval = approvals.get(click.value)
    if approval is None:
        return "This question is not known any more."
    given = answer(approval, outcome=_ANSWERS[click.action], by=click.user, at=now)
    if isinstance(given, Decision):
        approval, _ = approvals.decide(approval.id, given)
    stands = approval.decision
    if stands is None:
        return given.reason if isinstance(given, Refusal) else ""
    if stands.by != click.user or stands.outcome != _ANSWERS[click.action]:
        return already_decided(stands)
    # Reached again by the same click delivered twice: both writes are then repeated as they were.
    rollout = runtime.rollouts().change_color(
        approval.rollout, approval.color, now=now, decision=stands
    )
    about(rollout, approval.color)
    try:
        runtime.executions().answer(approval.token, {"outcome": stands.outcome})
    except TokenGone:
        logger().info("the token is gone; the next look finds the decision")
    return ""


def _roll_back(click: Click) -> str:
    """Start putting back what a rollout that was ended from outside had changed."""
    rollout = runtime.rollouts().get(click.value)
    if rollout is None or not can_be_put_back(rollout):
        return "There is nothing left to put back."
    application = runtime.applications().get(rollout.application)
    if application is None or (application.approvers and click.user not in application.approvers):
        return f"You may not roll back {rollout.application}."
    document = {
        "application": rollout.application,
        "rollBack": rollout.id,
        "requestedBy": click.user,
    }
    runtime.executions().start(f"roll-back-{rollout.id}"[:MAX_NAME], document)
    return f"Rolling back {words.title(rollout)}. Its board will follow here."


def _private(text: str) -> http.Response:
    return http.document({"response_type": "ephemeral", "text": text})


def _receive_slack(event: Mapping[str, Any]) -> http.Response:
    request = http.parse_request(event, MAX_BODY)
    if request is None:
        return http.text(413, "too large")
    if not is_genuine(request):
        return http.text(401, "not signed by Slack")
    try:
        form = request.form()
        click = None if request.path.endswith("/commands") else parse_click(form)
    except (Malformed, ValueError):
        return http.text(400, "not a request of Slack's")
    team = click.team if click else form.get("team_id", runtime.team())
    if team != runtime.team():
        return _private("This app does not serve your workspace.")
    if request.path.endswith("/commands"):
        return on_command(form)
    if click is not None:
        on_click(click)
    return http.text(200)


lambda_handler = observed(_receive_slack)
