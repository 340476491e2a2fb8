"""What people read where Slack takes nothing for a channel. Tested in `test_hidden_boards.py`."""


def hidden(what: str, channel: str, error: Exception) -> str:
    """Say to whoever asked that nobody can see their rollout or group."""
    return (
        f"Nobody can see *{what}*: Slack takes nothing for <#{channel}> (`{_reason(error)}`). "
        "Invite the app there. Until then its questions wait, and none of them expires; "
        "`/rollout cancel` ends it."
    )


def moved(channel: str, error: Exception) -> str:
    """Say why something is in another channel than it should be."""
    return (
        f"This is here because Slack takes nothing for <#{channel}> (`{_reason(error)}`). "
        "Invite the app there."
    )


def _reason(error: Exception) -> str:
    """Return Slack's own name of what is wrong."""
    return str(error).rsplit(": ", 1)[-1]
