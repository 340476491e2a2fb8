import pytest

from handlers.domain.deployments.diagnostics import (
    MOST_REASONS,
    failed_since,
    moved_since,
    sentence,
    stopped_reasons,
    target_reasons,
    telling_events,
)
from tests.support.builders import NOW, a_target, a_task, after


def stopped(reason, by="ecs-svc/ours", status="STOPPED"):
    return a_task(status=status, stopped_reason=reason, started_by=by)


def test_the_reasons_of_stopped_tasks_are_counted_the_commonest_first():
    tasks = [stopped("OutOfMemory")] + [stopped("Essential container exited")] * 3

    assert stopped_reasons(tasks, "ecs-svc/ours") == [
        "Essential container exited (3x)",
        "OutOfMemory (1x)",
    ]


def test_only_our_deployments_stopped_tasks_are_told():
    tasks = [
        stopped("Scaling activity", by="ecs-svc/before"),
        stopped("", status="STOPPED"),
        stopped("on its way out", status="DEACTIVATING"),
    ]

    assert stopped_reasons(tasks, "ecs-svc/ours") == []


def test_only_so_many_reasons_are_told():
    tasks = [stopped(f"reason {number}") for number in range(20)]

    assert len(stopped_reasons(tasks, "ecs-svc/ours")) == MOST_REASONS


def test_the_reasons_of_unhealthy_targets_are_counted():
    targets = [
        a_target(state="unhealthy", reason="Health checks failed"),
        a_target(state="unhealthy", reason="Health checks failed"),
        a_target(state="unhealthy"),
        a_target(state="draining", reason="Target deregistration is in progress"),
        a_target(),
    ]

    assert target_reasons(targets) == [
        "target unhealthy: Health checks failed (2x)",
        "target unhealthy: no reason given (1x)",
    ]


def test_a_task_that_ecs_merely_needs_no_longer_is_no_trouble():
    routine = "Scaling activity initiated by (deployment ecs-svc/123)"

    assert stopped_reasons([stopped(routine), stopped("OutOfMemory")], "ecs-svc/ours") == [
        "OutOfMemory (1x)"
    ]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "(service api-red) was unable to place a task because of its requirements.",
            "was unable to place a task because of its requirements",
        ),
        (
            "(service api-red) (port 8080) is unhealthy in (target-group arn:…): codes: [502].",
            "is unhealthy in (target-group arn:…): codes: [502]",
        ),
    ],
)
def test_what_ecs_could_not_do_is_told_without_naming_the_service_again(message, told):
    assert telling_events([message]) == [told]


def test_only_the_newest_of_what_ecs_could_not_do_is_told():
    messages = [
        "(service api-red) has reached a steady state.",
        "(service api-red) was unable to place a task.",
        "(service api-red) was unable to assume the role.",
    ]

    assert telling_events(messages) == ["was unable to place a task"]


def test_what_goes_well_is_no_trouble():
    assert telling_events(["(service api-red) has started 2 tasks: (task 1) (task 2)."]) == []


def test_parts_become_sentences():
    assert sentence("One", "", "Two.", "Three?") == "One. Two. Three?"
    assert sentence() == ""


TAKEN_AWAY = {
    "drained": ("ServiceSchedulerInitiated", "Task stopped during instance draining"),
    "drained, with its container's exit": (
        "ServiceSchedulerInitiated",
        "Task stopped during instance draining (app: exit code 143)",
    ),
    "its instance was interrupted": ("SpotInterruption", "Your Spot Task was interrupted."),
    "its instance was terminated": ("TerminationNotice", "Host EC2 (instance i-0a) terminated."),
    "likewise, by an older word": ("", "Host EC2 (instance i-0a) terminated."),
    "its hardware failed": ("InfrastructureHealth", "the infrastructure is impaired"),
}
OWN_FAULT = {
    "its container exited": ("EssentialContainerExited", "Essential container in task exited"),
    "it could not start": ("TaskFailedToStart", "CannotPullContainerError: not found"),
    "its health checks failed": (
        "ServiceSchedulerInitiated",
        "Task failed ELB health checks in (target-group drains)",
    ),
}


def ended(code, reason, **given):
    usual = {"status": "STOPPED", "stop_code": code, "stopped_reason": reason}
    return a_task(**(usual | {"stopped_at": after(minutes=1)} | given))


@pytest.mark.parametrize("how", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_a_task_whose_instance_was_drained_or_went_did_not_fail(how):
    task = ended(*how)

    assert failed_since([task], "ecs-svc/ours", NOW) == []
    assert moved_since([task], "ecs-svc/ours", NOW) == [task]


@pytest.mark.parametrize("how", OWN_FAULT.values(), ids=OWN_FAULT)
def test_a_task_that_failed_by_itself_was_not_moved(how):
    task = ended(*how)

    assert failed_since([task], "ecs-svc/ours", NOW) == [task]
    assert moved_since([task], "ecs-svc/ours", NOW) == []


def test_a_task_that_is_leaving_counts_as_moved_and_one_that_left_before_does_not():
    drained = TAKEN_AWAY["drained"]
    leaving = ended(*drained, status="DEACTIVATING", stopped_at=None)
    long_gone = ended(*drained, stopped_at=after(minutes=-1))
    anothers = ended(*drained, started_by="ecs-svc/before")

    assert moved_since([leaving, long_gone, anothers], "ecs-svc/ours", NOW) == [leaving]
