"""The board: the one Slack message of a rollout, drawn from its record."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from handlers.domain.approvals import revision_diff
from handlers.domain.model import console_links
from handlers.domain.model.durations import in_words
from handlers.domain.model.image_reference import digest_of
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage
from handlers.slack.action_ids import Action
from handlers.slack.messages import health_text, markup, question_text, rollout_text
from handlers.slack.messages.evidence_text import evidence_line

MAX_HEADER: Final = 150
MAX_SECTION: Final = 3000
MAX_BUTTON_VALUE: Final = 2000
"""Characters; https://docs.slack.dev/reference/block-kit/blocks."""
SHOWN_OF_A_DIGEST: Final = len("sha256:") + 12

Block = dict[str, Any]
Blocks = Sequence[Block]

_LIGHTS: Final = {
    "red": ":red_circle:",
    "yellow": ":large_yellow_circle:",
    "green": ":large_green_circle:",
}
_MARKS: Final = {
    Stage.WAITING: ":white_circle:",
    Stage.ASKING: ":question:",
    Stage.DEPLOYING: ":hourglass_flowing_sand:",
    Stage.VERIFYING: ":mag:",
    Stage.UNCLEAR: ":question:",
    Stage.RELEASED: ":white_check_mark:",
    Stage.FAILED: ":x:",
    Stage.GOING_BACK: ":leftwards_arrow_with_hook:",
    Stage.PUT_BACK: ":leftwards_arrow_with_hook:",
    Stage.STRANDED: ":warning:",
}


def rollout_board(rollout: Rollout) -> list[Block]:
    return [
        {
            "type": "header",
            "text": _text(rollout_text.title(rollout), MAX_HEADER, kind="plain_text"),
        },
        _section(rollout_text.requester_line(rollout)),
        *_wait_block(rollout),
        *(
            block
            for progress in rollout.colors.values()
            for block in _color_blocks(rollout, progress)
        ),
        *_changes_block(rollout),
        *_release_question(rollout),
        *_health_question(rollout),
        *_end_button(rollout),
        *_outcome_blocks(rollout),
        _footer(rollout),
    ]


def _wait_block(rollout: Rollout) -> list[Block]:
    """Return what the rollout waits for, while it does."""
    if not rollout.awaits or not rollout.is_open:
        return []
    return [_section(f":hourglass_flowing_sand: {rollout_text.wait_line(rollout, rollout.awaits)}")]


def _color_blocks(rollout: Rollout, progress: ColorProgress) -> list[Block]:
    """Return a color's line, and under it the line of its evidence."""
    line = rollout_text.color_line(rollout, progress)
    light = _LIGHTS.get(progress.color, ":white_circle:")
    blocks = [_section(f"{light} {_MARKS[progress.stage]} {line}")]
    if progress.evidence:
        doubt = rollout_text.open_health_question(rollout, progress)
        asked = health_text.health_question(rollout, progress, doubt) if doubt else ""
        seen = evidence_line(progress, progress.evidence, board_text=f"{line}\n{asked}")
        blocks.append({"type": "context", "elements": [_text(seen, MAX_SECTION)]})
    return blocks


def _changes_block(rollout: Rollout) -> list[Block]:
    """Return a line about what the release changes, of each color where it differs.

    The thread has them all.
    """
    if not rollout.is_open or not rollout.changes_for:
        return []
    lines = [
        ("" if len(colors) == len(rollout.colors) else f"{markup.listed(colors)}: ")
        + markup.plain(revision_diff.changes_summary(changes))
        for colors, changes in rollout.changes_for.items()
    ]
    text = "\n".join(lines)
    return [{"type": "context", "elements": [_text(text, MAX_SECTION)]}]


def _release_question(rollout: Rollout) -> list[Block]:
    asking = [
        color
        for color in rollout.colors.values()
        if color.stage is Stage.ASKING and color.approval and color.decision is None
    ]
    if not rollout.is_open or rollout.roll_back_asked or not asking:
        return []
    color = asking[0]
    return [
        {"type": "divider"},
        _section(question_text.release_question(rollout, color)),
        {
            "type": "actions",
            "elements": [
                _button(Action.APPROVE, f"Approve {color.color}", color.approval, "primary"),
                _button(Action.REJECT, "Reject …", color.approval, "danger"),
            ],
        },
    ]


def _health_question(rollout: Rollout) -> list[Block]:
    """Return the question whether the release stays on a color whose verdict is unclear."""
    asked = [
        (color, doubt)
        for color in rollout.colors.values()
        if (doubt := rollout_text.open_health_question(rollout, color))
    ]
    if not asked:
        return []
    color, doubt = asked[0]
    return [
        {"type": "divider"},
        _section(health_text.health_question(rollout, color, doubt)),
        {
            "type": "actions",
            "elements": [
                _button(Action.APPROVE, "Go on", doubt.id, "primary"),
                _button(Action.LOOK_AGAIN, "Look again", doubt.id),
                _button(Action.REJECT, "Roll back …", doubt.id, "danger"),
            ],
        },
    ]


def _end_button(rollout: Rollout) -> list[Block]:
    """Return the button that ends the rollout: *Withdraw* until anything was changed."""
    has_begun = bool(rollout.colors or rollout.awaits)
    if not rollout.is_open or rollout.roll_back_asked or not has_begun or rollout.rolls_back:
        return []
    if rollout.changed_colors:
        button = _button(Action.ROLL_BACK_NOW, "Roll back now", rollout.id, "danger")
        names = ", ".join(color.color for color in rollout.changed_colors)
        button["confirm"] = _confirm("Roll back now?", f"{names} will be put back.", "Roll back")
    else:
        button = _button(Action.WITHDRAW, "Withdraw", rollout.id)
        button["confirm"] = _confirm("Withdraw?", "Nothing was changed yet.", "Withdraw")
    return [{"type": "actions", "elements": [button]}]


def _confirm(title: str, text: str, confirm: str) -> Block:
    plain = {"title": title, "text": text, "confirm": confirm, "deny": "Go back"}
    return {key: {"type": "plain_text", "text": line} for key, line in plain.items()}


def _outcome_blocks(rollout: Rollout) -> list[Block]:
    if rollout.is_open:
        return []
    blocks: list[Block] = [{"type": "divider"}, _section(rollout_text.outcome_line(rollout))]
    if rollout.can_be_put_back:
        button = _button(Action.ROLL_BACK, "Roll back", rollout.id, "danger")
        blocks.append({"type": "actions", "elements": [button]})
    return blocks


def _footer(rollout: Rollout) -> Block:
    parts = [f"<{console_links.execution(rollout.execution)}|execution {markup.plain(rollout.id)}>"]
    if rollout.ended:
        parts.append(f"took {in_words(rollout.ended - rollout.started)}")
    each = (rollout.release.images_for(color) for color in rollout.colors)
    images = (image for images in each for image in images.values())
    parts += [f"`{digest}`" for digest in _digests(images)]
    return {"type": "context", "elements": [_text(" · ".join(parts), MAX_SECTION)]}


def _digests(images: Iterable[str]) -> list[str]:
    """Return the beginning of each digest, once each: containers may share an image."""
    found = (digest_of(image)[:SHOWN_OF_A_DIGEST] for image in images)
    return list(dict.fromkeys(filter(None, found)))


def _section(text: str) -> Block:
    return {"type": "section", "text": _text(text, MAX_SECTION)}


def _text(text: str, most: int, kind: str = "mrkdwn") -> Block:
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": kind, "text": shown}


def _button(action: Action, label: str, value: str, style: str = "") -> Block:
    button = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": label},
        "value": value[:MAX_BUTTON_VALUE],
    }
    return button | ({"style": style} if style else {})
