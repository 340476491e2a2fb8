from handlers.domain.trouble import MOST_REASONS, sentence, stopped_reasons, target_reasons
from tests.builders import a_target, a_task


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


def test_parts_become_sentences():
    assert sentence("One", "", "Two.", "Three?") == "One. Two. Three?"
    assert sentence() == ""
