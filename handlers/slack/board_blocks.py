"""The board: the one Slack message of a rollout, drawn from its record."""

from collections.abc import Iterable
from typing import Final

from handlers.domain.approvals import revision_diff
from handlers.domain.model import console_links
from handlers.domain.model.durations import in_words
from handlers.domain.model.image_reference import digest_of
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage
from handlers.slack.action_ids import Action
from handlers.slack.blocks import MAX_HEADER, Block, button, context, section, text
from handlers.slack.catalogue.texts import texts_in
from handlers.slack.message_budget import within_budget
from handlers.slack.messages import markup, rollout_text
from handlers.slack.messages.evidence_text import evidence_line

SHOWN_OF_A_DIGEST: Final = len("sha256:") + 12

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
    return within_budget(_rollout_board(rollout))


def _rollout_board(rollout: Rollout) -> list[Block]:
    return [
        {
            "type": "header",
            "text": text(rollout_text.title(rollout), MAX_HEADER, kind="plain_text"),
        },
        section(rollout_text.requester_line(rollout)),
        *_wait_block(rollout),
        *(
            block
            for progress in rollout.colors.values()
            for block in _color_blocks(rollout, progress)
        ),
        *_changes_block(rollout),
        *_end_button(rollout),
        *_outcome_blocks(rollout),
        _footer(rollout),
    ]


def _wait_block(rollout: Rollout) -> list[Block]:
    """Return what the rollout waits for, while it does."""
    if not rollout.awaits or not rollout.is_open:
        return []
    return [section(f":hourglass_flowing_sand: {rollout_text.wait_line(rollout, rollout.awaits)}")]


def _color_blocks(rollout: Rollout, progress: ColorProgress) -> list[Block]:
    """Return a color's line, and under it the line of its evidence."""
    line = rollout_text.color_line(rollout, progress)
    light = _LIGHTS.get(progress.color, ":white_circle:")
    blocks = [section(f"{light} {_MARKS[progress.stage]} {line}")]
    if progress.evidence:
        blocks.append(context(evidence_line(progress, progress.evidence, board_text=line)))
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
    return [context("\n".join(lines))]


def _end_button(rollout: Rollout) -> list[Block]:
    """Return the button that ends the rollout: *Withdraw* until anything was changed."""
    has_begun = bool(rollout.colors or rollout.awaits)
    if not rollout.is_open or rollout.roll_back_asked or not has_begun or rollout.rolls_back:
        return []
    texts = texts_in(rollout.language)
    if rollout.changed_colors:
        pressed = button(Action.ROLL_BACK_NOW, texts.roll_back_now(), rollout.id, "danger")
        names = ", ".join(color.color for color in rollout.changed_colors)
        asked = (texts.roll_back_now_title(), texts.roll_back_text(names), texts.roll_back())
    else:
        pressed = button(Action.WITHDRAW, texts.withdraw(), rollout.id)
        asked = (texts.withdraw_title(), texts.withdraw_text(), texts.withdraw())
    pressed["confirm"] = _confirm(*asked, texts.leave())
    return [{"type": "actions", "elements": [pressed]}]


def _confirm(title: str, question: str, confirm: str, deny: str) -> Block:
    plain = {"title": title, "text": question, "confirm": confirm, "deny": deny}
    return {key: {"type": "plain_text", "text": line} for key, line in plain.items()}


def _outcome_blocks(rollout: Rollout) -> list[Block]:
    if rollout.is_open:
        return []
    blocks: list[Block] = [{"type": "divider"}, section(rollout_text.outcome_line(rollout))]
    if rollout.can_be_put_back:
        texts = texts_in(rollout.language)
        pressed = button(Action.ROLL_BACK, texts.roll_back(), rollout.id, "danger")
        left = ", ".join(c.color for c in rollout.changed_colors if c.stage is not Stage.PUT_BACK)
        pressed["confirm"] = _confirm(
            texts.roll_back_title(), texts.roll_back_text(left), texts.roll_back(), texts.leave()
        )
        blocks.append({"type": "actions", "elements": [pressed]})
    return blocks


def _footer(rollout: Rollout) -> Block:
    parts = [rollout_text.execution_link(rollout, f"execution {rollout.id}")]
    parts += [
        markup.link(console_links.service(c.service_arn), c.service)
        for c in rollout.colors.values()
        if c.service_arn
    ]
    if rollout.ended:
        parts.append(f"took {in_words(rollout.ended - rollout.started)}")
    each = (rollout.release.images_for(color) for color in rollout.colors)
    images = (image for images in each for image in images.values())
    parts += [f"`{digest}`" for digest in _digests(images)]
    return context(" · ".join(parts))


def _digests(images: Iterable[str]) -> list[str]:
    """Return the beginning of each digest, once each: containers may share an image."""
    found = (digest_of(image)[:SHOWN_OF_A_DIGEST] for image in images)
    return list(dict.fromkeys(filter(None, found)))
