"""The open dialogs of the workspace's people.

Tested in `tests/contract/wire/test_slack_dialogs.py`.
"""

import secrets
from dataclasses import dataclass, field

from sandbox.wire.slack.slack_directory import APP_ID, SHINGO, TEAM_ID
from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_limits import problems_of_view


@dataclass
class Modal:
    """A dialog as one person sees it."""

    id: str
    person: str
    view: JsonObject
    hash: str

    def as_slack(self, values: JsonObject | None = None) -> JsonObject:
        """Return the view object that Slack's API and payloads carry."""
        defaults = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None}
        flags = {"close": None, "clear_on_close": False, "notify_on_close": False}
        ids = {"id": self.id, "team_id": TEAM_ID, "app_id": APP_ID, "bot_id": SHINGO.bot_id}
        place = {"root_view_id": self.id, "previous_view_id": None, "hash": self.hash}
        return {**defaults, **flags, **self.view, **ids, **place, "state": {"values": values or {}}}


@dataclass
class Modals:
    """Every open dialog. The workspace's lock guards it."""

    open: dict[str, Modal] = field(default_factory=dict)

    def show(self, person: str, view: JsonObject) -> Modal:
        """Open a dialog for a person.

        Raises:
            SlackError: the view breaks a limit.
        """
        _refuse_broken(view)
        modal = Modal(f"V{secrets.token_hex(5).upper()}", person, view, _new_hash())
        self.open[modal.id] = modal
        return modal

    def change(self, view_id: str, view: JsonObject, seen: str | None = None) -> Modal:
        """Replace the view of an open dialog; `seen` is the hash of the view that is replaced.

        Raises:
            SlackError: it is not open, was changed meanwhile, or the view breaks a limit.
        """
        modal = self.open.get(view_id)
        if modal is None:
            raise SlackError("not_found")
        if seen and seen != modal.hash:
            raise SlackError("hash_conflict")
        _refuse_broken(view)
        modal.view, modal.hash = view, _new_hash()
        return modal

    def close(self, view_id: str) -> Modal | None:
        """Close a dialog, if it is open."""
        return self.open.pop(view_id, None)

    def before(self, person: str) -> list[Modal]:
        """Return a person's open dialogs, the topmost last."""
        return [modal for modal in self.open.values() if modal.person == person]


def _refuse_broken(view: JsonObject) -> None:
    problems = problems_of_view(view)
    if problems:
        raise SlackError("invalid_arguments", problems)


def _new_hash() -> str:
    return secrets.token_hex(8)
