"""Whether a color is healthy, as a table of what ECS and the load balancer say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.deployments.target_health import judge_health, own_targets
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import LoadBalancer
from tests.support.builders import GROUP, NEW, OLD, OTHER, a_deployment, a_service, a_target, a_task

TWO_TASKS = (
    a_task("task-1", endpoints=("i-0a:32768",)),
    a_task("task-2", endpoints=("i-0b:32768",)),
)
TWO_TARGETS = (a_target("i-0a:32768"), a_target("i-0b:32768"))


def judged(*, service=None, tasks=TWO_TASKS, targets=TWO_TARGETS, settled=True):
    return judge_health(
        service=service or a_service(),
        deployment="ecs-svc/ours",
        revision=NEW,
        tasks=tasks,
        targets={GROUP: targets},
        settled=settled,
    )


def one_is(state, reason=""):
    return (a_target("i-0a:32768"), a_target("i-0b:32768", state, reason))


# What is seen, the verdict once the time to settle is over, and the verdict before that.
TABLE = {
    "all tasks run and their targets are healthy": ({}, "healthy", "healthy"),
    "a target is unhealthy": ({"targets": one_is("unhealthy")}, "unhealthy", "watching"),
    "a target is initial": ({"targets": one_is("initial")}, "inconclusive", "watching"),
    "a target is draining": ({"targets": one_is("draining")}, "unhealthy", "watching"),
    "a target is unused": ({"targets": one_is("unused")}, "unhealthy", "watching"),
    "a target's health cannot be told": (
        {"targets": one_is("unavailable")},
        "unhealthy",
        "watching",
    ),
    "a target is in a state that is not known": (
        {"targets": one_is("resting")},
        "unhealthy",
        "watching",
    ),
    "a task is not registered": ({"targets": TWO_TARGETS[:1]}, "no_data", "watching"),
    "no task is registered": ({"targets": ()}, "no_data", "watching"),
    "no task runs": ({"tasks": ()}, "no_data", "watching"),
    "the tasks are only starting": (
        {"tasks": [replace(task, status="PENDING") for task in TWO_TASKS]},
        "no_data",
        "watching",
    ),
    "the tasks that run are of the old revision": (
        {"tasks": [replace(task, task_definition=OLD) for task in TWO_TASKS]},
        "no_data",
        "watching",
    ),
    "old tasks serve beside the new ones": (
        {"tasks": (*TWO_TASKS, a_task("task-0", task_definition=OLD, endpoints=("i-0c:32768",)))},
        "inconclusive",
        "watching",
    ),
    "fewer tasks run than are desired": ({"tasks": TWO_TASKS[:1]}, "inconclusive", "watching"),
    "another color's target is unhealthy": (
        {"targets": (*TWO_TARGETS, a_target("i-0c:32768", "unhealthy"))},
        "healthy",
        "healthy",
    ),
    "only another color's target is healthy": (
        {"targets": (a_target("i-0c:32768"), a_target("i-0d:32768"))},
        "no_data",
        "watching",
    ),
    "the old task on the same host drains": (
        {"targets": (*TWO_TARGETS, a_target("i-0a:32700", "draining"))},
        "healthy",
        "healthy",
    ),
    "its deployment goes on": (
        {"service": a_service(a_deployment(state="IN_PROGRESS"))},
        "unhealthy",
        "watching",
    ),
    "its deployment failed": (
        {"service": a_service(a_deployment(state="FAILED"))},
        "unhealthy",
        "watching",
    ),
    "someone deployed since": (
        {"service": a_service(a_deployment(id="ecs-svc/other", task_definition=OTHER))},
        "unhealthy",
        "unhealthy",
    ),
    "someone deployed the same revision since": (
        {"service": a_service(a_deployment(id="ecs-svc/other"))},
        "unhealthy",
        "unhealthy",
    ),
    "the service has no deployment": (
        {"service": a_service(a_deployment(primary=False))},
        "unhealthy",
        "unhealthy",
    ),
    "the service is being deleted": (
        {"service": a_service(active=False)},
        "unhealthy",
        "unhealthy",
    ),
}


@pytest.mark.parametrize(("seen", "verdict", "before"), TABLE.values(), ids=TABLE)
def test_a_color_is_judged_by_its_own_tasks_and_targets(seen, verdict, before):
    assert judged(**seen).verdict == verdict
    assert judged(**seen, settled=False).verdict == before


def test_a_service_that_does_not_exist_is_unhealthy():
    finding = judge_health(
        service=None, deployment="ecs-svc/ours", revision=NEW, tasks=(), targets={}, settled=False
    )

    assert finding.verdict is Verdict.UNHEALTHY


def test_a_task_with_an_address_of_its_own_is_found_by_the_balancers_port():
    tasks = (a_task(endpoints=("10.0.1.7",)), a_task("task-2", endpoints=("10.0.1.8",)))

    healthy = judged(tasks=tasks, targets=(a_target("10.0.1.7:8080"), a_target("10.0.1.8:8080")))
    other_port = judged(tasks=tasks, targets=(a_target("10.0.1.7:9090"), a_target("10.0.1.8:9090")))

    assert healthy.verdict is Verdict.HEALTHY
    assert other_port.verdict is Verdict.NO_DATA


def test_a_task_must_be_healthy_in_every_target_group_of_its_service():
    both = tuple(LoadBalancer(target_group=g, container="app", port=8080) for g in ("in", "out"))
    fine = {"in": TWO_TARGETS, "out": TWO_TARGETS}

    def judged_with(targets):
        return judge_health(
            service=a_service(load_balancers=both),
            deployment="ecs-svc/ours",
            revision=NEW,
            tasks=TWO_TASKS,
            targets=targets,
            settled=True,
        ).verdict

    assert judged_with(fine) is Verdict.HEALTHY
    assert judged_with(fine | {"out": one_is("unhealthy")}) is Verdict.UNHEALTHY
    assert judged_with({"in": TWO_TARGETS}) is Verdict.NO_DATA


def test_a_service_without_a_load_balancer_is_judged_by_its_tasks_alone():
    service = a_service(load_balancers=())

    assert judged(service=service, targets=()).verdict is Verdict.HEALTHY
    assert judged(service=service, targets=(), tasks=TWO_TASKS[:1]).verdict is Verdict.INCONCLUSIVE


def test_what_the_verdict_rests_on_is_told_in_numbers():
    healthy = judged()
    unhealthy = judged(targets=one_is("unhealthy", "Health checks failed with these codes: [502]"))

    assert healthy.detail == "2 of 2 tasks run, 2 targets healthy."
    assert unhealthy.detail == (
        "1 of 2 targets are not healthy: unhealthy (Health checks failed with these codes: [502])."
    )


def test_a_deployment_that_goes_on_is_told_in_ecss_words():
    going = a_deployment(state="IN_PROGRESS", reason="ECS deployment ecs-svc/ours in progress.")

    assert judged(service=a_service(going)).detail == going.reason
    assert judged(service=a_service(replace(going, reason=""))).detail == "Its deployment goes on."


def test_who_changed_the_color_is_told_by_what_it_runs():
    service = a_service(a_deployment(id="ecs-svc/other", task_definition=OTHER))

    assert judged(service=service).detail == "Someone changed it: it runs api:99."


def test_a_services_own_targets_are_picked_from_the_group_that_colors_share():
    targets = (*TWO_TARGETS, a_target("i-0c:32768"), a_target("i-0a:32700"))

    own = own_targets(a_service(), TWO_TASKS, {GROUP: targets})

    assert [target.endpoint for target in own] == ["i-0a:32768", "i-0b:32768"]


@pytest.mark.parametrize("balanced", [True, False])
def test_a_task_whose_containers_are_unhealthy_is_unhealthy(balanced):
    one = (TWO_TASKS[0], replace(TWO_TASKS[1], health="UNHEALTHY"))
    service = a_service() if balanced else a_service(load_balancers=())

    found = judged(service=service, tasks=one)

    assert found.verdict is Verdict.UNHEALTHY
    assert found.detail == "1 of 2 tasks fail their containers' health checks."
    assert judged(service=service, tasks=one, settled=False).verdict is Verdict.WATCHING


@pytest.mark.parametrize("health", ["HEALTHY", "UNKNOWN", ""])
def test_a_task_without_a_health_check_is_not_held_against_it(health):
    tasks = [replace(task, health=health) for task in TWO_TASKS]

    assert judged(service=a_service(load_balancers=()), tasks=tasks).verdict is Verdict.HEALTHY


hosts = st.sampled_from(["i-0a:32768", "i-0b:32768", "i-0c:32768"])
tasks = st.lists(
    st.builds(
        a_task,
        task_definition=st.sampled_from([OLD, NEW]),
        status=st.sampled_from(["RUNNING", "PENDING", "STOPPED"]),
        endpoints=st.tuples(hosts),
    ),
    max_size=4,
)
targets = st.lists(
    st.builds(a_target, hosts, st.sampled_from(["healthy", "unhealthy", "initial", "draining"])),
    max_size=3,
    unique_by=lambda target: target.endpoint,
)


@given(tasks, targets, st.booleans())
def test_nothing_unmeasured_is_healthy(tasks, targets, settled):
    finding = judged(tasks=tasks, targets=targets, settled=settled)

    if finding.verdict is Verdict.HEALTHY:
        own = [t for t in tasks if t.task_definition == NEW and t.status == "RUNNING"]
        healthy = {target.endpoint for target in targets if target.state == "healthy"}
        assert len(own) >= a_service().desired
        assert all(set(task.endpoints) <= healthy for task in own)


def test_a_task_more_than_is_desired_may_still_be_starting_beside_enough_healthy_ones():
    third = a_task("task-3", endpoints=("i-0c:32768",))
    starting = a_target("i-0c:32768", "initial")

    found = judged(tasks=(*TWO_TASKS, third), targets=(*TWO_TARGETS, starting))

    assert found.verdict is Verdict.HEALTHY


def test_a_task_more_than_is_desired_is_not_excused_for_being_unhealthy():
    third = a_task("task-3", endpoints=("i-0c:32768",))
    sick = a_target("i-0c:32768", "unhealthy")

    found = judged(tasks=(*TWO_TASKS, third), targets=(*TWO_TARGETS, sick))

    assert found.verdict is Verdict.UNHEALTHY


def test_tasks_that_auto_scaling_has_just_asked_for_condemn_nothing():
    """Green scales out while it is watched: what starts is neither the release's fault nor health."""
    more = a_service(a_deployment(task_definition=NEW), desired=3)

    found = judged(service=more, settled=True)

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.detail == "2 of 3 tasks run."


def test_a_task_is_found_by_whichever_of_its_addresses_is_registered():
    tasks = (
        a_task(endpoints=("10.0.0.1", "[2001:db8::1]")),
        a_task("task-2", endpoints=("[2001:db8::2]",)),
    )
    targets = (a_target("[2001:db8::1]:8080"), a_target("[2001:db8::2]:8080"))

    assert judged(tasks=tasks, targets=targets).verdict is Verdict.HEALTHY
