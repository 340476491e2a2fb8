"""Receive what people do in Slack: slash commands, clicks, dialogs. Verify, decide, answer.

Slack gives three seconds, so nothing heavy is imported here: the standard library, the AWS
client and the log. What a click changes on the board is drawn by the step that it wakes.

Tested in `test_slack_requests.py`.
"""

from collections.abc import Mapping
from typing import Any, Final

from handlers import http, runtime
from handlers.domain.history.audit import Actor, Source
from handlers.domain.model.errors import SlackUnavailable
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.observability import observed
from handlers.services import rollout_actions
from handlers.services.approvals import Reply, answer_question, open_reject_dialog
from handlers.services.context import Context
from handlers.services.rollout_start import Typed
from handlers.services.slash_commands import is_shareable, read_command, run_command
from handlers.slack.action_ids import Action
from handlers.slack.answer_pages import answer_page, page_asked, shown_page
from handlers.slack.interactions import (
    Click,
    MalformedPayload,
    Rejection,
    command_origin,
    parse_interaction,
)
from handlers.slack.messages.markup import unescaped
from handlers.slack.signature import is_from_slack, may_be_genuine

MAX_BODY: Final = 262_144
"""Bytes. An interaction repeats the whole message (50 blocks of 3,000 characters at most)."""
COMMANDS: Final = "/commands"
"""How the path ends to which slash commands are sent."""
FOREIGN: Final = "This app does not serve your workspace."
NO_ACCOUNT: Final = "Slack cannot say who you are right now. Try again in a minute."


def is_genuine(context: Context, request: http.Request) -> bool:
    """Check the signature, with the secret read anew before refusing: it may have been rotated."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    now, secret = context.now(), context.gateways.signing_secret
    return may_be_genuine(timestamp, signature, now) and any(
        is_from_slack(
            request.body,
            timestamp=timestamp,
            signature=signature,
            secret=secret.value(fresh=fresh),
            now=now,
        )
        for fresh in (False, True)
    )


def on_command(context: Context, form: Mapping[str, str]) -> http.Response:
    """Carry out a slash command; the answer is for the one who typed it alone."""
    typed = Typed(
        user=form.get("user_id", ""),
        trigger=form.get("trigger_id", ""),
        channel=form.get("channel_id", ""),
    )
    is_ours = command_origin(form).is_in(context.settings.team)
    asked = unescaped(form.get("text", ""))
    said = run_command(context, asked, typed) if is_ours else FOREIGN
    page = answer_page(said, asked, is_read=is_ours and is_shareable(asked))
    return http.document({"response_type": "ephemeral", **page})


def on_click(context: Context, click: Click) -> http.Response:
    """Do what a button says; where that does not count, tell the one who clicked, alone."""
    reply = _act(context, click, Actor(id=click.user, source=Source.SLACK))
    if reply.text:
        context.gateways.slack.post_ephemeral(click.response_url, reply.text)
    return http.text(200)


def on_next_page(context: Context, click: Click) -> http.Response:
    """Show the next page of a long answer to the one who asked for it."""
    number, asked = page_asked(click.value)
    said = read_command(context, asked)
    if said:
        shown = answer_page(said, asked, number, is_read=is_shareable(asked))
        slack = context.gateways.slack
        slack.post_ephemeral(click.response_url, shown["text"], shown.get("blocks", ()))
    return http.text(200)


def on_show_to_channel(context: Context, click: Click) -> http.Response:
    """Show the channel what somebody asked for alone, as it is now."""
    number, asked = page_asked(click.value)
    said = read_command(context, asked) if is_shareable(asked) else ""
    if said:
        shown = shown_page(said, asked, number, click.user)
        context.gateways.slack.answer_openly(click.response_url, shown["text"], shown["blocks"])
    return http.text(200)


def on_rejection(context: Context, rejection: Rejection) -> http.Response:
    """Count a rejection; where it does not count, the dialog says why."""
    actor, outcome = Actor(id=rejection.user, source=Source.SLACK), DecisionOutcome.REJECTED
    reply = answer_question(context, rejection.approval, outcome, actor, rejection.reason)
    return http.text(200) if reply.counts else _not_counted(reply.text)


def refuse(context: Context, interaction: Click | Rejection, said: str) -> http.Response:
    """Tell somebody why nothing came of it, where they see it.

    Slack shows nobody the body of the answer to a click
    (https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response).
    """
    if isinstance(interaction, Rejection):
        return _not_counted(said)
    context.gateways.slack.post_ephemeral(interaction.response_url, said)
    return http.text(200)


def origin_refusal(context: Context, interaction: Click | Rejection) -> str:
    """Say why somebody is not heard, by where they come from; empty where they are.

    On Enterprise Grid people of one organization meet in a channel of several workspaces, and in a
    Slack Connect channel those of several companies: which of the two, Slack is asked.
    """
    origin = interaction.origin
    if not origin.is_in(context.settings.team):
        return FOREIGN
    if origin.is_by_member:
        return ""
    if not origin.organization:
        return FOREIGN
    try:
        account = context.gateways.slack.account(interaction.user)
    except SlackUnavailable:
        return NO_ACCOUNT
    return "" if account.organization == origin.organization else FOREIGN


def _not_counted(said: str) -> http.Response:
    notice = {"type": "section", "text": {"type": "mrkdwn", "text": said, "verbatim": True}}
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Not counted"},
        "blocks": [notice],
    }
    return http.document({"response_action": "update", "view": view})


def _act(context: Context, click: Click, actor: Actor) -> Reply:
    match click.action:
        case Action.REJECT:
            return open_reject_dialog(context, click.value, actor, click.trigger)
        case Action.ROLL_BACK_NOW:
            return rollout_actions.roll_back_now(context, click.value, actor)
        case Action.WITHDRAW:
            return rollout_actions.withdraw_rollout(context, click.value, actor)
        case Action.ROLL_BACK:
            return rollout_actions.start_put_back(context, click.value, actor, click.trigger)
        case Action.LOOK_AGAIN:
            return answer_question(context, click.value, DecisionOutcome.LOOK_AGAIN, actor)
        case _:
            return answer_question(context, click.value, DecisionOutcome.APPROVED, actor)


def _dispatch(context: Context, request: http.Request) -> http.Response:
    form = request.form()
    if request.path.endswith(COMMANDS):
        return on_command(context, form)
    interaction = parse_interaction(form)
    if interaction is None:
        return http.text(200)
    refused = origin_refusal(context, interaction)
    if refused:
        return refuse(context, interaction, refused)
    if isinstance(interaction, Rejection):
        return on_rejection(context, interaction)
    others = {Action.NEXT_PAGE: on_next_page, Action.SHOW_CHANNEL: on_show_to_channel}
    return others.get(interaction.action, on_click)(context, interaction)


def _is_ssl_check(request: http.Request) -> bool:
    """Whether Slack only looks at our certificate, with a request that it need not sign.

    https://docs.slack.dev/interactivity/implementing-slash-commands; bolt answers it, too, before
    it looks at the signature. Nothing is done of what else it says.
    """
    return request.path.endswith(COMMANDS) and b"ssl_check=1" in request.body.split(b"&")


def _receive_slack(event: Mapping[str, Any]) -> http.Response:
    context = runtime.quick_context()
    request = http.parse_http_request(event, MAX_BODY)
    if request is None:
        return http.text(413, "too large")
    if _is_ssl_check(request):
        return http.text(200)
    if not is_genuine(context, request):
        return http.text(401, "not signed by Slack")
    try:
        return _dispatch(context, request)
    except (MalformedPayload, http.NotAForm):
        return http.text(400, "not a request of Slack's")


lambda_handler = observed(_receive_slack)
