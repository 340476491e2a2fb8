"""Every kind of message at its largest: Slack's own types, slack_sdk's models, limits and budget.

Slack's types are those of npm's `@slack/types`, which node reads where it has them:
`npm install --no-save typescript @slack/types` in the root of the repository.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from handlers.domain.model.colors import COLORS
from handlers.domain.model.group import Part
from handlers.domain.model.rollout import AskedQuestion, Stage
from handlers.gateways.slack_client import verbatim
from handlers.slack.answer_pages import answer_page, shown_page
from handlers.slack.board_blocks import rollout_board
from handlers.slack.dialogs import reject_dialog
from handlers.slack.group_blocks import group_board
from handlers.slack.message_budget import fits
from handlers.slack.question_blocks import question_message
from operations.package import ROOT
from sandbox.wire.slack.slack_limits import problems_of_blocks, problems_of_view
from tests.support.builders import (
    a_color,
    a_doubted_color,
    a_group,
    a_member,
    a_released_color,
    a_rollout,
    an_ended_rollout,
    an_evidence,
)

LONG = "<!channel> *bold* `code` & more, said at length. " * 100
MODULES = ROOT / "node_modules"


def a_long_color(color, **given):
    return a_color(color, detail=LONG, evidence=an_evidence(detail=LONG), **given)


def a_long_group(part, count=200):
    members = {
        name: a_member(name, part=part, cause=LONG)
        for name in (f"application-number-{number:03}" for number in range(count))
    }
    return replace(a_group(applications=tuple(members)), members=members)


def messages():
    """Return every kind of message, each with the longest texts that people and AWS can give."""
    texts = {"reason": LONG, "despite": LONG, "changes": (LONG,) * 9}
    boards = {
        f"board, {stage}": rollout_board(
            a_rollout(*(a_long_color(c, stage=stage) for c in COLORS), **texts)
        )
        for stage in Stage
    }
    ended = an_ended_rollout(
        *(a_released_color(c, detail=LONG) for c in COLORS), outcome="aborted", cause=LONG, **texts
    )
    asked = AskedQuestion(users=tuple(f"U{n:010}" for n in range(200)), groups=("S0SRE",) * 50)
    red, doubted = a_long_color("red", stage=Stage.ASKING, approval="one"), a_doubted_color("red")
    asking, unclear = a_rollout(red, **texts), a_rollout(doubted, **texts)
    health = replace(asked, is_about_health=True)
    groups = {f"group, {part}": group_board(a_long_group(part)) for part in Part}
    return (
        boards
        | groups
        | {
            "board, ended": rollout_board(ended),
            "question": question_message(asking, red, "one", asked),
            "question, over": question_message(ended, red, "one", asked),
            "doubt": question_message(unclear, doubted, doubted.doubt.id, health),
            "answer": answer_page(LONG * 5, "status", is_read=True)["blocks"],
            "answer, shown": shown_page(LONG * 5, "status", 1, "U0BOB")["blocks"],
        }
    )


MESSAGES = messages()


@pytest.mark.parametrize("kind", MESSAGES)
def test_the_largest_message_of_each_kind_is_one_that_slack_takes(kind):
    blocks = MESSAGES[kind]

    assert fits(blocks)
    assert problems_of_blocks(blocks) == []
    for block in Block.parse_all(verbatim(blocks)):
        block.validate_json()


def test_the_longest_dialog_is_one_that_slack_takes():
    red = a_long_color("red")

    view = reject_dialog(a_rollout(red, reason=LONG), "red", "question-red")

    assert problems_of_view(view) == []
    View(**view).validate_json()


def test_every_message_is_of_slacks_own_types(tmp_path):
    compiler = MODULES / ".bin" / "tsc"
    if not (shutil.which("node") and compiler.exists() and (MODULES / "@slack/types").exists()):
        missing = "node, typescript or @slack/types is missing: messages are not held to its types"
        print(f"\nNOT CHECKED: {missing}", file=sys.__stderr__)
        pytest.skip(missing)
    source = tmp_path / "messages.ts"
    drawn = json.dumps([verbatim(blocks) for blocks in MESSAGES.values()])
    source.write_text(
        'import type { KnownBlock } from "@slack/types";\n'
        f"export const messages: KnownBlock[][] = {drawn};\n"
    )
    (tmp_path / "node_modules").symlink_to(MODULES)

    checked = subprocess.run(
        [compiler, "--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node", source],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.stdout == ""
    assert checked.returncode == 0
