"""What the applications of one group do to one another: hold back, let go, and stop."""

from handlers import runtime, taking_back, tokens, waiting
from handlers.domain.approval import About
from handlers.domain.group import Group, Order, Part, held_by
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Rollout
from handlers.domain.step import Step


def waits_for_the_others(rollout: Rollout, step: Step) -> bool:
    """Whether nobody is to be asked about a color yet, or any more, because of the group.

    In step, each application notes that it has come to the color, and by which token it waits.
    The last to come finds all the others there, and lets them go. A token that is lost is not
    missed: the look-again comes back here.
    """
    group = runtime.group_records().get(rollout.group)
    if group is None:
        return False
    if group.failed:
        # It was not on record yet, or not to be seen, when the others were stopped.
        taking_back.stop(rollout, because(group))
        waiting.give_way(step.token)
        return True
    if not _in_step(group, rollout.application, step):
        return False
    come = {"color": step.color, "token": step.token}
    group = runtime.group_records().change_member(group.id, rollout.application, **come)
    if held_by(group, rollout.application, step.color):
        runtime.group_teller().show(group)
        return True
    group = runtime.group_records().change_member(group.id, rollout.application, token="")
    let_go(group)
    runtime.group_teller().show(group)
    return False


def _in_step(group: Group, application: str, step: Step) -> bool:
    is_open = application in group.members and group.members[application].part is Part.OPEN
    return group.order is Order.IN_STEP and is_open and step.about != About.HEALTH


def let_go(group: Group) -> None:
    """Have those asked that are held before a color to which all the others have come."""
    for member in group.of(Part.OPEN):
        if member.token and not held_by(group, member.application, member.color):
            tokens.answer_if_open(member.token, {"outcome": Outcome.ASK_AGAIN})


def stop_the_rest(group: Group) -> None:
    """Take every open rollout back, as people would; those not begun never begin.

    Safe to run twice: each rollout is taken back once, by a write to its record.
    """
    for member in group.of(Part.OPEN):
        rollout = runtime.rollouts().get(member.rollout)
        if rollout is not None and rollout.is_open:
            taking_back.stop(rollout, because(group))
        if member.token:
            waiting.give_way(member.token)


def because(group: Group) -> str:
    """Say why the rest is stopped."""
    return f"{group.failed}, of the same release, failed"
