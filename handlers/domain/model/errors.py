"""The tree of errors, and which of them a retry can cure.

    ShingoError
    ├── Transient         throttled, timed out, unavailable: the machine retries it by name
    ├── Refused           an outside service said no, for good
    │   └── NotThere      … because the thing does not exist
    │       └── NotPushed … yet: an image of a repository that is there
    ├── TokenGone         the task token is closed: answered, timed out or stopped
    └── SlackUnavailable  Slack could not be told; the next step repairs the board
        ├── MessageGone   … this message cannot be edited any more: it is posted anew
        ├── ChannelClosed … not in this channel: not a member, archived, gone
        └── TokenRefused  … nothing at all by this app: removed, revoked, without a scope

A business outcome (rejected, rolled back, …) is never an error: see `outcomes`.
The class names are a contract: the machine's `ErrorEquals` is written from them.
"""


class ShingoError(Exception):
    """Anything that Shingo names as having gone wrong."""


class Transient(ShingoError):
    """An outside call failed in a way that trying again can cure."""


class Refused(ShingoError):
    """An outside service refused the call, and would again."""


class NotThere(Refused):
    """What the call was about does not exist."""


class NotPushed(NotThere):
    """The repository is there, and has no image of this tag; a build may still be running."""


class TokenGone(ShingoError):
    """The task token can no longer be answered; whatever was decided still stands."""


class SlackUnavailable(ShingoError):
    """Slack is down, limiting, or refused a message; a rollout never fails for it."""


class MessageGone(SlackUnavailable):
    """Slack edits this message no more: it was deleted, is another's, or its time is over."""


class ChannelClosed(SlackUnavailable):
    """Slack takes nothing for this channel: the app is not in it, or it is archived or gone."""


class TokenRefused(SlackUnavailable):
    """Slack takes nothing with this token: the app was removed, or lacks a permission."""
