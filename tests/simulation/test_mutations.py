"""Breaks the real code on purpose, one rule at a time: the simulation must see it."""

import json
from dataclasses import replace

import pytest

from handlers import deploy_color, roll_back_color
from handlers.domain.deployments import deployment_outcome
from handlers.domain.deployments.deployment_outcome import DeploymentEnd
from handlers.domain.deployments.revision import with_images
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.step_input import parse_step
from handlers.services import (
    admission,
    approvals,
    deployment,
    group_coordination,
    group_members,
    open_step,
    release,
    release_plan,
    rollout_end,
)
from simulator import simulation as simulations
from simulator.example_release import image
from simulator.fault_enumeration import BY_NAME, with_sampled_faults, without_faults
from simulator.fault_plan import FaultPlan
from simulator.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault
from simulator.injection_points import single_faults
from simulator.simulated_gateways import CURRENT_RUN, installed
from simulator.simulation import DEFINITION, Simulation
from simulator.stepfunctions.machine import load
from simulator.stories import STORIES
from tests.support.sample import say_played
from tests.support.simulated_stories import WITH_FAULTS, functions_of

pytestmark = pytest.mark.prove


@pytest.fixture(autouse=True)
def _says_whether_the_sample_alone_sees_it(request, monkeypatch, record_property):
    """Play what `make test` would, while the code is still broken."""
    yield
    if request.function.__name__.endswith("_is_seen"):
        is_seen = any(map(sample_sees, WITH_FAULTS))
        say_played(record_property, "mutations seen by the sample alone", int(is_seen), 1)


def sample_sees(name):
    """Tell whether one of the faults that `make test` plays in a story would have shown it."""
    try:
        story = without_faults(BY_NAME[name])
        return bool(
            story.violations or with_sampled_faults(name, functions=functions_of(name)).violations
        )
    except AssertionError:  # a fault was not met, or the double refused a call
        return True


def violations(story, *kinds):
    """Run a story without faults, then with each single one of these kinds, until one breaks."""
    with installed():
        base = Simulation(BY_NAME[story], trace=True).run()
        if base.violations:
            return base.violations
        for fault in single_faults(base):
            if fault.kind in kinds:
                run = Simulation(BY_NAME[story], FaultPlan(fault)).run()
                if run.violations:
                    return run.violations
    return []


def test_a_token_that_is_used_before_the_record_is_seen(monkeypatch):
    decide = approvals._decide

    def token_first(context, approval, decision, actor):
        context.gateways.executions.answer(approval.token, {"outcome": decision.outcome})
        return decide(context, approval, decision, actor)

    monkeypatch.setattr(approvals, "_decide", token_first)

    assert "approved first" in str(violations("happy", AtCall.DIES_AFTER, AtCall.SLOW_AFTER))


def test_a_completed_event_that_is_believed_by_its_name_is_seen(monkeypatch):
    poll = deployment.poll

    def believe(*args):
        by_name = CURRENT_RUN[0].lambdas.last_event == "SERVICE_DEPLOYMENT_COMPLETED"
        return DeploymentEnd(outcome=DeploymentOutcome.COMPLETED) if by_name else poll(*args)

    monkeypatch.setattr(deployment, "poll", believe)

    # What would have told the truth is lost: that it failed, and that it is being rolled back.
    with installed():
        runs = [
            Simulation(
                STORIES["crashing"], FaultPlan(*(Fault(AtEvent.LOST, n) for n in (at, at + 1)))
            )
            for at in range(8)
        ]
        found = [run.run().violations for run in runs]

    assert "deployed is true" in str(found)


def test_a_lock_that_is_not_taken_is_seen(monkeypatch):
    monkeypatch.setattr(admission, "turn_decision", lambda *_: None)
    monkeypatch.setattr(deploy_color, "require_lock", lambda *_: None)

    assert "one rollout at a time" in str(violations("happy", AtInvocation.SECOND_START))


def overtaken_while_it_was_stopped():
    """Stop a rollout, have another take the application, and redrive it before the stop is told."""
    others = Fault(AtInvocation.SECOND_START, 0), Fault(AtInvocation.REDRIVEN, 2)
    with installed():
        runs = [
            Simulation(STORIES["happy"], FaultPlan(*others, Fault(AtEvent.LATE, at))).run()
            for at in range(4)
        ]
    return str([run.violations for run in runs])


def test_a_redriven_rollout_that_lost_its_application_deploys_nothing():
    assert overtaken_while_it_was_stopped() == "[[], [], [], []]"


def test_a_redriven_rollout_that_deploys_without_its_application_is_seen(monkeypatch):
    monkeypatch.setattr(deploy_color, "require_lock", lambda *_: None)

    assert "one rollout at a time" in overtaken_while_it_was_stopped()


def test_a_way_back_that_asks_nobody_whether_it_has_the_application_is_seen(monkeypatch):
    def opened(context, event):
        step, rollouts = parse_step(event), context.gateways.rollouts
        rollout = rollouts.read(step.rollout)
        rollout = rollouts.reopen(rollout) if rollout.was_cut_short else rollout
        return open_step.OpenedStep(step=step, rollout=rollout, now=context.now())

    monkeypatch.setattr(roll_back_color, "open_step", opened)
    monkeypatch.setattr(roll_back_color, "require_lock", lambda *_: None)

    assert "one rollout at a time" in str(violations("the way back without the lock"))


def test_an_early_success_that_is_taken_for_the_end_is_seen(monkeypatch):
    monkeypatch.setattr(deployment_outcome, "_others_running", lambda _: 0)

    assert "deployed is true" in str(violations("early success"))


@pytest.mark.parametrize(
    "state", ["Prepare rollout", "Approve yellow", "Deploy yellow", "Verify red"]
)
def test_a_catch_that_is_forgotten_is_seen(monkeypatch, state):
    definition = json.loads(DEFINITION.read_text())
    del definition["States"][state]["Catch"]
    broken = load(definition)
    monkeypatch.setattr(simulations, "machine", lambda: broken)

    assert "ends with a plain error name" in str(violations("happy", AtCall.REFUSED))


def test_a_click_of_a_stranger_that_counts_is_seen(monkeypatch):
    monkeypatch.setattr(approvals, "refusal", lambda *_: None)

    assert "only who may answers" in str(violations("happy", AtClick.STRANGER))


def test_an_intention_that_is_not_recorded_before_is_seen(monkeypatch):
    def heedless(context, of_color, now):
        ecs, rollouts, progress = context.gateways.ecs, context.gateways.rollouts, of_color.progress
        if of_color.is_started:
            return of_color
        begun = ecs.deploy(progress.cluster, progress.service, of_color.revision)
        started = {"stage": of_color.stage, "changed": True, "deployment": begun.id}
        rollout, _ = rollouts.settle_color(of_color.rollout.id, progress, now=now, **started)
        return replace(of_color, rollout=rollout)

    monkeypatch.setattr(deployment, "start", heedless)

    assert violations("happy", AtCall.DIES_AFTER, AtCall.ANSWER_LOST, AtCall.REFUSED)


def test_a_color_that_gets_the_definition_of_another_is_seen(monkeypatch):
    monkeypatch.setattr(release_plan, "share_one_definition", lambda _: True)

    assert "its own definition" in str(violations("family per color"))


def test_a_color_that_gets_other_images_than_were_approved_is_seen(monkeypatch):
    others = {"app": image(f"sha256:{'9' * 64}")}
    monkeypatch.setattr(release, "with_images", lambda base, _: with_images(base, others))

    assert "what was approved" in str(violations("happy"))


def test_tags_that_are_lost_are_seen(monkeypatch):
    def without_tags(base, images):
        return {k: v for k, v in with_images(base, images).items() if k != "tags"}

    monkeypatch.setattr(release, "with_images", without_tags)

    assert "its own definition" in str(violations("happy"))


def test_an_end_that_leaves_the_lock_is_seen(monkeypatch):
    monkeypatch.setattr(rollout_end, "partial", lambda *_, **__: lambda: None)
    monkeypatch.setattr("handlers.sweep_rollouts.sweep_application", lambda *_, **__: None)

    assert "the lock is free" in str(violations("happy"))


def test_a_success_that_is_only_claimed_is_seen(monkeypatch):
    monkeypatch.setattr(
        "handlers.domain.verification.color_evidence.overtaken_colors", lambda *_: []
    )
    monkeypatch.setattr(rollout_end, "overtaken_colors", lambda *_: [])

    assert "success is true" in str(violations("happy", AtInvocation.SOMEONE_DEPLOYS_RED))


def test_a_late_run_that_may_deploy_again_is_seen(monkeypatch):
    monkeypatch.setattr(deployment, "has_ended", lambda *_, **__: False)

    assert violations("happy", AtInvocation.TWICE, AtInvocation.TWICE_AT_ONCE)


def test_an_application_of_a_step_that_does_not_wait_for_the_others_is_seen(monkeypatch):
    monkeypatch.setattr(group_coordination, "held_by", lambda *_: ())

    assert "in step" in str(violations("in step", AtEvent.LATE))


def test_a_failure_that_stops_nobody_is_seen(monkeypatch):
    monkeypatch.setattr(group_coordination, "stop_rollouts", lambda *_: None)
    monkeypatch.setattr(group_coordination, "apply_group_failure", lambda _, rollout: rollout)
    monkeypatch.setattr(group_coordination, "hold_or_stop", lambda *_: False)

    assert "a failure stops the rest" in str(violations("one of two turns bad"))


def test_an_end_that_only_its_own_step_may_note_is_seen(monkeypatch):
    monkeypatch.setattr(group_members, "_end_of", lambda *_, **__: None)

    found = violations("in step, and one is rejected", AtCall.REFUSED)
    assert "each part is true" in str(found)
