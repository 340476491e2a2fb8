"""The right ends of many rollouts: every record, board, lock and question of the load bench.

Tested in `tests/e2e/test_load.py`.
"""

from collections.abc import Iterator, Mapping

from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout, short_name
from handlers.slack.messages.rollout_text import rollout_summary
from sandbox.host.sandbox import Sandbox
from sandbox.stories.right_end import differences, leftovers, live_buttons, revision_problems
from sandbox.stories.story import Story
from sandbox.wire.slack.slack_messages import Message


def problems_of(
    sandbox: Sandbox,
    stories: Mapping[str, Story],
    records: Mapping[str, Rollout | None],
    arns: Mapping[str, str],
) -> Iterator[str]:
    """Yield where the ends differ from the right ones."""
    boards = {one.ts: one for one in sandbox.workspace.timeline.messages if one.blocks}
    for name, story in stories.items():
        record = records[name]
        if record is None:
            described = sandbox.client("stepfunctions").describe_execution(executionArn=arns[name])
            yield f"{name} has no record: {described.get('error')}: {described.get('cause')}"
            continue
        found = differences({"outcome": record.outcome}, {"outcome": story.outcome})
        yield from (f"{name}: {problem}: {record.cause}" for problem in found)
        is_released = story.outcome == RolloutOutcome.COMPLETED
        previous = {color: short_name(one.previous) for color, one in record.colors.items()}
        yield from revision_problems(name, sandbox.runs(name), previous, is_released=is_released)
        board = boards.get(record.board.ts) if record.board else None
        yield from (f"{name} {problem}" for problem in board_problems(board, record))
        asked = [each for color in record.colors.values() for each in color.asked.values()]
        for message in (boards.get(each.message.ts) for each in asked if each.message):
            if message and live_buttons(message.blocks):
                yield f"{name} has a question with live buttons: {message.text}"
    dynamodb, tables = sandbox.client("dynamodb"), sandbox.stack.tables
    scan = dynamodb.get_paginator("scan")
    locks, pages = (scan.paginate(TableName=tables[name]) for name in ("Locks", "Approvals"))
    yield from leftovers(
        (lock["application"]["S"] for page in locks for lock in page["Items"]),
        (
            f"{item['color']['S']} of {item['rollout']['S']}"
            for page in pages
            for item in page["Items"]
            if "decision" not in item
        ),
    )


def board_problems(board: Message | None, record: Rollout) -> Iterator[str]:
    """Yield where a board differs from its record."""
    if board is None:
        yield "has no board"
    elif live := live_buttons(board.blocks, {record.id} if record.can_be_put_back else ()):
        yield f"has a board with live buttons: {live}"
    elif board.text != rollout_summary(record):
        yield f"has a board that says: {board.text}"
