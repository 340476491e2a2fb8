"""What must hold once nothing more happens: one true end, and nothing left over.

Tested in `test_mutations.py`.
"""

from typing import Any

from handlers.domain.history.audit import EventKind
from handlers.domain.model.group import GROUP_ERRORS
from handlers.domain.model.outcomes import ENDS_WELL, ERRORS, DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Stage
from handlers.slack.board_blocks import rollout_board
from handlers.slack.group_blocks import group_board
from handlers.slack.messages.question_text import is_open
from handlers.slack.question_blocks import question_message
from sandbox.stories.right_end import leftovers, live_buttons
from simulator import group_invariants
from simulator.faults import AtInvocation
from simulator.simulated_aws import UPDATE_PARAMETERS
from simulator.simulated_gateways import LOG, STAFF
from simulator.simulated_story import ROLES
from simulator.violations import record_violation

TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAA"
"""The beginning of every task token of the simulated Step Functions."""
SECRETS = (TOKEN, "8f742231b10e8888abcd99yyyzzz85a5", "hooks.slack.com", "v0=")


def check_at_the_end(simulation: Any) -> None:
    """Check everything that must hold once nothing more happens."""
    for check in (
        _executions_ended, _records_closed, _locks_free, _questions_closed, _boards_dead,
        _colors_right, _decisions_counted, _desired_counts_untouched, _no_secret, _boards_true,
        _questions_true,
        group_invariants.check_at_the_end,
    ):  # fmt: skip
        check(simulation)


def _executions_ended(simulation: Any) -> None:
    errors = {*ERRORS.values(), *GROUP_ERRORS.values()}
    for execution in (*simulation.executions(), *simulation.groups.executions()):
        was_long = simulation.story.outcome == "timed_out" or any(
            fault.kind is AtInvocation.TIMED_OUT for fault in simulation.fault_plan.injected
        )
        is_stuck = execution.status == "TIMED_OUT" and not was_long
        if execution.status == "RUNNING" or is_stuck:
            record_violation(
                simulation, "ends within its bound", f"{execution.name}: {execution.status}"
            )
        if execution.status == "FAILED" and execution.error not in errors:
            said = f"{execution.name} ended with {execution.error}, which nothing caught"
            record_violation(simulation, "ends with a plain error name", said)


def _records_closed(simulation: Any) -> None:
    ends = {e.arn: e for e in simulation.executions()}
    for rollout in _of_this_run(simulation):
        if rollout.is_open:
            record_violation(simulation, "closed", f"{rollout.id} is open after its end")
            continue
        execution = ends[rollout.execution]
        # An end from outside, once all is done and recorded, leaves nothing undone; nor do two
        # faults at once: one ends the last step after its record, and one refuses its retry.
        is_twofold = (
            execution.error == ERRORS[RolloutOutcome.FAULT]
            and len(simulation.fault_plan.injected) > 1
        )
        late = (
            execution.status in group_invariants.FROM_OUTSIDE or is_twofold
        ) and rollout.outcome in ENDS_WELL
        if (execution.status == "SUCCEEDED") is not (rollout.outcome in ENDS_WELL) and not late:
            said = f"{rollout.id} is {rollout.outcome} and its execution {execution.status}"
            record_violation(simulation, "one truth", said)


def _of_this_run(simulation: Any) -> list[Any]:
    """List the rollouts of the run: a story may begin with one of long ago."""
    known = {(e.arn, e.started) for e in simulation.executions()}
    records = simulation.outside.rollouts.records.values()
    return [each for each in records if (each.execution, each.started) in known]


def _locks_free(simulation: Any) -> None:
    held = simulation.outside.locks.held.values()
    for said in leftovers(locks=(f"{lock.application} of {lock.rollout}" for lock in held)):
        record_violation(simulation, "the lock is free", said)


def _questions_closed(simulation: Any) -> None:
    approvals = simulation.outside.approvals.records.values()
    undecided = (f"{a.color} ({a.about}), {a.id}" for a in approvals if a.decision is None)
    for said in leftovers(open_questions=undecided):
        record_violation(simulation, "no open question", said)


def _boards_true(simulation: Any) -> None:
    """Check that every board shows what its record says."""
    outside = simulation.outside
    shown = {message["ts"]: message["blocks"] for message in outside.slack.messages}
    for records, draw in (
        (outside.rollouts.records, rollout_board),
        (outside.group_records.records, group_board),
    ):
        for record in records.values():
            if record.board and shown[record.board.ts] != draw(record):
                record_violation(
                    simulation, "the board is true", f"{record.id}: it says something else"
                )


def _questions_true(simulation: Any) -> None:
    """Check that every question's message says what its record says, and offers nothing more."""
    outside = simulation.outside
    shown = {message["ts"]: message["blocks"] for message in outside.slack.messages}
    known = {*(r.board.ts for r in outside.rollouts.records.values() if r.board)}
    known |= {*(g.board.ts for g in outside.group_records.records.values() if g.board)}
    for rollout in outside.rollouts.records.values():
        for color in rollout.colors.values():
            for question, asked in color.asked.items():
                said = f"{rollout.id}: {color.color}'s question {question}"
                if is_open(rollout, color, question):
                    record_violation(simulation, "no dead question", f"{said} is open")
                if asked.message is None:
                    continue
                known.add(asked.message.ts)
                drawn = question_message(rollout, color, question, asked)
                # One that was asked again says how it ended, which the record has forgotten.
                is_last = question in {color.approval, color.doubt.id if color.doubt else ""}
                if is_last and shown[asked.message.ts][:1] != drawn[:1]:
                    record_violation(simulation, "the question is true", said)
                if not asked.is_closed:
                    record_violation(simulation, "no dead question", f"{said} is not closed")
    for message in outside.slack.edited():
        if message["ts"] not in known:
            record_violation(simulation, "every message is known", message["text"])


def _boards_dead(simulation: Any) -> None:
    records = simulation.outside.rollouts.records
    may_go_back = {name for name, record in records.items() if record.can_be_put_back}
    for message in simulation.outside.slack.edited():
        for button in live_buttons(message["blocks"], may_go_back):
            record_violation(simulation, "no live button", f"{button} on {message['ts']}")


def _colors_right(simulation: Any) -> None:
    """Check that every color runs what the records say: the release or its previous revision."""
    rollouts = [r for r in simulation.outside.rollouts.records.values() if r.colors]
    expected: dict[str, str] = dict(simulation.before)
    for rollout in sorted(rollouts, key=lambda r: r.ended or r.started):
        for color, progress in rollout.colors.items():
            # What another did to a color that this one left alone is not for this one to say.
            if progress.changed or rollout.outcome == RolloutOutcome.COMPLETED:
                expected[progress.service] = _should_run(simulation, rollout, color)
    for service, revision in expected.items():
        runs = simulation.primary(service).task_definition.arn
        if revision and service not in simulation.changed_by_others and runs != revision:
            said = f"{service} runs {runs.rsplit('/')[-1]}, should run {revision.rsplit('/')[-1]}"
            record_violation(simulation, "one revision or the previous ones", said)


def _should_run(simulation: Any, rollout: Any, color: str) -> str:
    """Return the revision that a color runs by the record; empty where the record cannot tell."""
    progress = rollout.colors[color]
    if rollout.outcome == RolloutOutcome.COMPLETED:
        return str(rollout.release.revision_for(color))
    if progress.stage is Stage.PUT_BACK:
        return str(progress.previous)
    if rollout.outcome in {RolloutOutcome.ABORTED, RolloutOutcome.TIMED_OUT}:
        return str(rollout.runs(color))
    if color not in rollout.cause:
        said = f"{rollout.id}: {color} is {progress.stage}, not in: {rollout.cause}"
        record_violation(simulation, "says which color", said)
    return ""


def _decisions_counted(simulation: Any) -> None:
    """Check who answered, that enough did, and that every answer is in the audit once."""
    entries = [e for e in simulation.outside.audit.records.values() if e.kind is EventKind.DECIDED]
    for approval in simulation.outside.approvals.records.values():
        noted = [e for e in entries if e.id == approval.id]
        decision = approval.decision
        rules = simulation.outside.applications[approval.application].rules[approval.color]
        by_person = decision is not None and decision.by.startswith(("U", "arn:"))
        counts = by_person and decision.outcome in {
            DecisionOutcome.APPROVED,
            DecisionOutcome.REJECTED,
        }
        people = {decision.by, *decision.others} if counts else set()
        if not people <= {*STAFF, *ROLES}:
            record_violation(
                simulation, "only who may answers", f"{decision.by} {decision.outcome}"
            )
        is_approved = counts and decision.outcome == DecisionOutcome.APPROVED
        if is_approved and rules.people.count(people) < rules.required:
            record_violation(
                simulation, "as many as must", f"{approval.id}: {', '.join(people)} alone"
            )
        # What takes a rollout back, and a click that did not count, have entries of their own.
        answers = {DecisionOutcome.APPROVED, DecisionOutcome.REJECTED, DecisionOutcome.LOOK_AGAIN}
        if by_person and decision.outcome in answers and len(noted) != 1:
            said = f"{approval.id}: {decision.outcome} by {decision.by}: {len(noted)} entries"
            record_violation(simulation, "every click that counts is in the audit", said)


def _desired_counts_untouched(simulation: Any) -> None:
    for sent in simulation.outside.ecs_client.updates:
        if set(sent) - UPDATE_PARAMETERS:
            record_violation(simulation, "desiredCount is never written", str(sent))


def _no_secret(simulation: Any) -> None:
    outside = simulation.outside
    told = "\n".join(
        [
            LOG.getvalue(),
            *(f"{m['text']}{m['blocks'] or ''}" for m in outside.slack.messages),
            *outside.light.ephemeral_posts,
            *map(str, outside.light.dialogs),
            *(f"{e.actor} {e.detail}" for e in outside.audit.records.values()),
            *(str(e.output) + str(e.cause) for e in simulation.executions()),
        ]
    )
    for secret in SECRETS:
        if secret in told:
            at = told.index(secret)
            record_violation(simulation, "no secret leaves", told[max(0, at - 80) : at + 30])
