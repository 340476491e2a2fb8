"""A question's own Slack message, drawn from the rollout's record.

While it is open it has what is asked, what is known, who may answer and the buttons. Once it is
answered, expired or not asked any more, the same message says so and has nothing to press.

Why it is a message of its own in the channel is said in docs/decisions/question-messages.md.
"""

from collections.abc import Iterable

from handlers.domain.approvals import revision_diff
from handlers.domain.model.rollout import AskedQuestion, ColorProgress, Rollout, Stage
from handlers.slack.action_ids import Action
from handlers.slack.blocks import Block, button, context, section
from handlers.slack.catalogue.texts import Texts, texts_in
from handlers.slack.message_budget import within_budget
from handlers.slack.messages import health_text, markup, question_text, rollout_text
from handlers.slack.messages.evidence_text import evidence_line


def question_message(
    rollout: Rollout, progress: ColorProgress, question: str, asked: AskedQuestion
) -> list[Block]:
    """Draw a question's message as it is now.

    Args:
        rollout: its rollout.
        progress: the color that it is about.
        question: its id.
        asked: as people were asked it.
    """
    if question_text.is_open(rollout, progress, question):
        return within_budget(_open_question(rollout, progress, question, asked))
    end = question_text.question_end(rollout, progress, question, asked)
    return [section(end), context(_links(rollout))]


def _open_question(
    rollout: Rollout, progress: ColorProgress, question: str, asked: AskedQuestion
) -> list[Block]:
    is_health = asked.is_about_health and progress.doubt is not None
    text = (
        health_text.health_question(rollout, progress, progress.doubt)
        if is_health and progress.doubt
        else question_text.release_question(rollout, progress)
    )
    known = [
        *([] if is_health else _changes(rollout, progress)),
        *_seen(rollout, progress, is_health=is_health),
        question_text.answerers(rollout, asked),
    ]
    texts = texts_in(rollout.language)
    buttons = (
        _health_buttons(texts, question)
        if is_health
        else _release_buttons(texts, progress, question)
    )
    return [
        section(text),
        *map(context, known),
        {"type": "actions", "elements": buttons},
        context(_links(rollout)),
    ]


def _changes(rollout: Rollout, progress: ColorProgress) -> list[str]:
    """Return one line about what changes on the color; the board's thread has them all."""
    summary = revision_diff.changes_summary(progress.changes or rollout.changes)
    return [markup.plain(summary)] if summary else []


def _seen(rollout: Rollout, progress: ColorProgress, *, is_health: bool) -> Iterable[str]:
    """Yield what verification saw of each color that the answer rests on."""
    colors = [progress] if is_health else rollout.colors.values()
    for color in colors:
        if color.evidence and (is_health or color.stage is Stage.RELEASED):
            yield f"*{color.color}*: {evidence_line(color, color.evidence)}"


def _release_buttons(texts: Texts, progress: ColorProgress, question: str) -> list[Block]:
    return [
        button(Action.APPROVE, texts.approve(progress.color), question, "primary"),
        button(Action.REJECT, texts.reject(), question, "danger"),
    ]


def _health_buttons(texts: Texts, question: str) -> list[Block]:
    return [
        button(Action.APPROVE, texts.go_on(), question, "primary"),
        button(Action.LOOK_AGAIN, texts.look_again(), question),
        button(Action.REJECT, texts.roll_back_because(), question, "danger"),
    ]


def _links(rollout: Rollout) -> str:
    board = [markup.message_link(rollout.board, "board")] if rollout.board else []
    return " · ".join([*board, rollout_text.execution_link(rollout)])
