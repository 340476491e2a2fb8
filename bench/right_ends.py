"""What must hold once many rollouts have ended."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.crowd import GOOD, Story
from handlers.domain.model.rollout import Rollout, short_name
from handlers.slack.action_ids import Action
from handlers.slack.messages.rollout_text import rollout_summary
from sandbox.host.sandbox import Sandbox
from sandbox.wire.slack.slack_messages import Message


def wrongs(
    sandbox: Sandbox,
    stories: Mapping[str, Story],
    records: Mapping[str, Rollout | None],
    arns: Mapping[str, str],
) -> Iterator[str]:
    """Say in what the end differs from how it must be."""
    boards = {one.ts: one for one in sandbox.workspace.timeline.messages if one.blocks}
    for name, story in stories.items():
        record = records[name]
        if record is None:
            described = sandbox.client("stepfunctions").describe_execution(executionArn=arns[name])
            yield f"{name} has no record: {described.get('error')}: {described.get('cause')}"
            continue
        if record.outcome != story.outcome:
            yield f"{name} ended as {record.outcome or 'open'}, not {story.outcome}: {record.cause}"
        red = record.colors["red"]
        expected = short_name(record.release.revision if story is GOOD else red.previous)
        runs = {short_name(one) for one in sandbox.runs(name).values()}
        if runs != {expected}:
            yield f"{name} runs {runs}, not {expected}"
        board = boards.get(record.board.ts) if record.board else None
        yield from (f"{name} {wrong}" for wrong in lies(board, record))
    dynamodb, tables = sandbox.client("dynamodb"), sandbox.stack.tables
    for lock in dynamodb.scan(TableName=tables["Locks"])["Items"]:
        yield f"{lock['application']['S']} is still locked"
    for page in dynamodb.get_paginator("scan").paginate(TableName=tables["Approvals"]):
        for item in page["Items"]:
            if "decision" not in item:
                yield f"{item['rollout']['S']}'s question about {item['color']['S']} is open"


def lies(board: Message | None, record: Rollout) -> Iterator[str]:
    """Say in what a board differs from its record."""
    if board is None:
        yield "has no board"
    elif any(is_live(block) for block in board.blocks):
        yield "has a board with live buttons"
    elif board.text != rollout_summary(record):
        yield f"has a board that says: {board.text}"


def is_live(block: Mapping[str, Any]) -> bool:
    """Tell whether a block has a button that decides something."""
    live = {Action.APPROVE, Action.REJECT, Action.ROLL_BACK_NOW, Action.WITHDRAW}
    return any(button.get("action_id") in live for button in block.get("elements", ()))
