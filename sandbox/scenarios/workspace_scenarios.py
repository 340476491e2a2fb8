"""What a real Slack workspace does to a rollout: who is in it, and what it refuses.

Tested in `tests/e2e/test_scenarios_ruled.py`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from handlers.domain.history.audit import EventKind
from handlers.domain.model.rollout import Rollout, Stage
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.scenario import IMPATIENT, Scenario
from sandbox.stories.story import APPROVES, RELEASE, Answer
from sandbox.wire.slack.slack_directory import ORGANIZATION_ID

CHANNEL: Final = "deploys"
NOBODY_SEES: Final = "Nobody can see *"
ANYONE: Final[Mapping[str, Any]] = {"approvals": {"users": [], "groups": []}}
"""Settings by which anyone in the workspace may answer."""


def join_organization(sandbox: Sandbox, _application: str) -> None:
    """Begin with the workspace in an Enterprise Grid organization."""
    _change_organization(sandbox, ORGANIZATION_ID)


def leave_organization(sandbox: Sandbox, _rollout: Rollout) -> list[str]:
    """Leave the organization again; no problem comes of it."""
    _change_organization(sandbox, "")
    return []


def leave_channel(sandbox: Sandbox, _application: str) -> None:
    """Begin before anybody has invited the app to the channel."""
    sandbox.workspace.change_channel(CHANNEL, is_member=False)


def invite_once_told(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Invite the app once whoever asked was told that nobody can see the board."""
    if not any(NOBODY_SEES in line for line in _told(sandbox, rollout)):
        return False
    sandbox.workspace.change_channel(CHANNEL, is_member=True)
    return True


def remove_app_until_told(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Remove the app from the channel as yellow is asked; invite it once that was told."""
    yellow = rollout.colors.get("yellow")
    if yellow is None or yellow.stage is Stage.WAITING:
        return False
    if not any(NOBODY_SEES in line for line in _told(sandbox, rollout)):
        sandbox.workspace.change_channel(CHANNEL, is_member=False)
        return False
    return invite_once_told(sandbox, rollout)


def delete_board_and_question(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Delete the board and yellow's question while it is asked."""
    yellow = rollout.colors.get("yellow")
    asked = yellow.asked.get(yellow.approval) if yellow else None
    message = asked.message if asked else None
    if rollout.board is None or message is None:
        return False
    workspace, gone = sandbox.workspace, {rollout.board.ts, message.ts}
    with workspace.write_lock():
        for line in [each for each in workspace.timeline.messages if each.ts in gone]:
            workspace.timeline.delete(line)
    return True


def boards_anew(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Say whether the board that the record names is not in the channel."""
    shown = {line.ts for line in sandbox.workspace.timeline.messages}
    is_there = rollout.board is not None and rollout.board.ts in shown
    return [] if is_there else ["the board on record is not in the channel"]


def _told(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Return what the requester alone was told since the rollout began."""
    began = rollout.started.timestamp()
    lines = sandbox.workspace.timeline.messages
    own = (line for line in lines if line.audience == rollout.requested_by)
    return [line.text for line in own if float(line.ts) >= began]


def _change_organization(sandbox: Sandbox, organization: str) -> None:
    workspace = sandbox.workspace
    with workspace.write_lock():
        workspace.directory = replace(workspace.directory, organization=organization)


WORKSPACE_SCENARIOS: Final[Mapping[str, Scenario]] = {
    "grid": Scenario(
        description="the workspace is one of an Enterprise Grid organization: every click counts",
        settings=ANYONE,
        prepare=join_organization,
        check=leave_organization,
        audit=((EventKind.DECIDED, "U0BOB"),) * 3,
    ),
    "guest-clicks": Scenario(
        description="a guest and somebody of another company click: neither counts, and both are "
        "told",
        settings=ANYONE,
        answers={("red", RELEASE): (Answer(by="greta"), Answer(by="otto"), *APPROVES)},
        told={"greta": "Anyone else in the workspace may", "otto": "does not serve your workspace"},
        audit=((EventKind.REFUSED_CLICK, "U0GRETA"), (EventKind.DECIDED, "U0BOB")),
    ),
    "not-in-channel": Scenario(
        description="nobody has invited the app: alice is told, and bob is asked once she has",
        prepare=leave_channel,
        meanwhile=invite_once_told,
        people_acceleration=IMPATIENT,
        told={"alice": NOBODY_SEES},
        check=boards_anew,
    ),
    "bot-removed": Scenario(
        description="the app is removed from the channel meanwhile: alice is told, and invites it",
        meanwhile=remove_app_until_told,
        people_acceleration=IMPATIENT,
        told={"alice": NOBODY_SEES},
        check=boards_anew,
    ),
    "board-deleted": Scenario(
        description="somebody deletes the board and yellow's question: both are posted anew",
        meanwhile=delete_board_and_question,
        people_acceleration=IMPATIENT,
        check=boards_anew,
    ),
}
"""Name → story."""
