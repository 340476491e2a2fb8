"""What Slack's refusals mean to us: which message, channel or app they are about.

The names are those of docs.slack.dev, `auth.test`, `chat.postMessage` and `chat.update`, "Errors",
as https://github.com/slack-ruby/slack-api-ref keeps them.

Tested in `test_slack_client.py`.
"""

from typing import Final

from handlers.domain.model.errors import (
    ChannelClosed,
    MessageGone,
    SlackUnavailable,
    TokenRefused,
)

TOKEN_REFUSED: Final = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "token_revoked",
}
"""What Slack says to a token that is not, or no longer, one of its own."""
NOT_EDITABLE: Final = {"message_not_found", "cant_update_message", "edit_window_closed"}
"""What Slack says of one message that it edits no more."""
NOT_WRITABLE: Final = {
    "channel_not_found",
    "is_archived",
    "is_inactive",
    "not_in_channel",
    "no_permission",
    "channel_type_not_supported",
    "posting_to_channel_denied",
    "posting_to_general_channel_denied",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "thread_not_found",
}
"""What Slack says of a channel that takes nothing from this app."""
NOT_ALLOWED: Final = {
    *TOKEN_REFUSED,
    "access_denied",
    "ekm_access_denied",
    "missing_scope",
    "not_allowed_token_type",
    "org_login_required",
    "team_access_not_granted",
}
"""What Slack says where it would take nothing from this app at all."""
_KINDS: Final = (
    (NOT_EDITABLE, MessageGone),
    (NOT_WRITABLE, ChannelClosed),
    (NOT_ALLOWED, TokenRefused),
)


def slack_refusal(method: str, error: str) -> SlackUnavailable:
    """Return the error that says what Slack's refusal means."""
    kinds = (kind for names, kind in _KINDS if error in names)
    return next(kinds, SlackUnavailable)(f"{method}: {error}")
