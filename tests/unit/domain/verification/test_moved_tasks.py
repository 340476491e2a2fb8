"""A color under watch whose instances are taken away: the release is not blamed for that."""

from dataclasses import replace

import pytest

from handlers.domain.model.outcomes import Verdict
from tests.support.builders import GROUP, NEW, OLD, a_target, a_task, after
from tests.support.observations import World, looked

END = after(minutes=12)


def moved(number=1, **given):
    usual = {
        "task_definition": NEW,
        "status": "STOPPED",
        "stop_code": "ServiceSchedulerInitiated",
        "stopped_reason": "Task stopped during instance draining",
        "stopped_at": after(minutes=11),
    }
    return a_task(f"gone-{number}", **(usual | given))


def then(fake, name, happen):
    """Have something happen right after each call of a fake."""
    call = getattr(fake, name)

    def called(*args, **given):
        answer = call(*args, **given)
        happen()
        return answer

    setattr(fake, name, called)


def verdicts(seen):
    return {each.check: each.verdict for each in seen.results}


def detail(seen, check):
    return next(each.detail for each in seen.results if each.check == check)


def test_tasks_that_had_to_move_are_told_and_not_held_against_it():
    world = World()
    world.ecs.stopped["api-red"] = [moved(1), moved(2), moved(3)]

    seen = looked(world, END)

    assert seen.verdict is Verdict.HEALTHY
    assert detail(seen, "restarts") == (
        "No task failed. 3 tasks had to leave an instance that was drained or went away."
    )


def test_a_task_that_auto_scaling_takes_away_during_a_look_condemns_nothing():
    """Whatever is read first shows it still; whatever is read then shows it half gone."""
    world = World()
    stays, goes = (a_task(name, endpoints=(f"i-{name}:32768",)) for name in ("red", "goes"))
    world.ecs.running["api-red"] = [stays, goes]
    world.balancers.groups[GROUP].append(a_target("i-goes:32768"))

    def scale_in():
        world.ecs.running["api-red"] = [stays]
        world.balancers.groups[GROUP][-1] = a_target("i-goes:32768", "draining")

    then(world.ecs, "tasks", scale_in)
    then(world.balancers, "targets", scale_in)

    assert verdicts(looked(world, END))["tasks"] is Verdict.HEALTHY


def crashed(number, **given):
    return moved(
        number, stop_code="EssentialContainerExited", stopped_reason="exit code 1", **given
    )


def a_world_of(tasks):
    """Have red run that many tasks, all well."""
    world = World()
    red = world.ecs.known["api-red"]
    world.ecs.known["api-red"] = replace(red, desired=tasks)
    world.ecs.running["api-red"] = [
        replace(world.ecs.running["api-red"][0], id="red") for _ in range(tasks)
    ]
    return world


@pytest.mark.parametrize(("tasks", "failed"), [(200, 9), (20, 1), (1, 1)])
def test_a_few_failures_among_many_tasks_ask_and_do_not_roll_back(tasks, failed):
    world = a_world_of(tasks)
    world.ecs.stopped["api-red"] = [crashed(number) for number in range(failed)]

    assert verdicts(looked(world, END))["restarts"] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("tasks", "failed"), [(200, 10), (20, 2), (1, 2)])
def test_many_failures_for_the_number_of_tasks_condemn(tasks, failed):
    world = a_world_of(tasks)
    world.ecs.stopped["api-red"] = [crashed(number) for number in range(failed)]

    assert verdicts(looked(world, END))["restarts"] is Verdict.UNHEALTHY


@pytest.mark.parametrize(
    ("controls", "verdict"), [(1, Verdict.UNHEALTHY), (4, Verdict.INCONCLUSIVE)]
)
def test_failures_that_the_control_has_as_well_ask_and_do_not_roll_back(controls, verdict):
    """Yellow and green run one task each: four failures of theirs are two for red's one."""
    world = World()
    world.ecs.stopped["api-red"] = [crashed(number) for number in range(4)]
    world.ecs.stopped["api-yellow"] = [
        crashed(number, task_definition=OLD, started_by="ecs-svc/before")
        for number in range(controls)
    ]

    assert verdicts(looked(world, END))["restarts"] is verdict


@pytest.mark.parametrize(
    "reason",
    [
        "Timeout waiting for network interface provisioning to complete.",
        "A word that ECS did not have before.",
    ],
)
def test_what_may_not_be_the_releases_fault_asks_and_does_not_roll_back(reason):
    world = World()
    unclear = {"stop_code": "TaskFailedToStart", "stopped_reason": reason}
    world.ecs.stopped["api-red"] = [moved(number, **unclear) for number in range(5)]

    seen = looked(world, after(minutes=25))

    assert verdicts(seen)["restarts"] is seen.verdict is Verdict.INCONCLUSIVE
    assert reason.rstrip(".") in detail(seen, "restarts")


def test_while_their_successors_start_it_is_watched():
    world = World()
    world.ecs.stopped["api-red"] = [moved(stop_code="TerminationNotice", stopped_reason="")]
    world.ecs.running["api-red"] = []

    assert verdicts(looked(world, END))["tasks"] is Verdict.WATCHING


def test_successors_that_do_not_come_in_time_are_its_trouble_all_the_same():
    world = World()
    world.ecs.stopped["api-red"] = [moved(stopped_at=after(minutes=6))]
    world.ecs.running["api-red"] = []

    assert verdicts(looked(world, END))["tasks"] is Verdict.NO_DATA


def test_tasks_that_failed_beside_those_that_moved_count_as_ever():
    world = World()
    failed = {"stop_code": "EssentialContainerExited", "stopped_reason": "exit code 1"}
    world.ecs.stopped["api-red"] = [moved(1), moved(2, **failed), moved(3, **failed)]

    seen = looked(world, END)

    assert verdicts(seen)["restarts"] is Verdict.UNHEALTHY
    assert seen.verdict is Verdict.UNHEALTHY
    assert detail(seen, "restarts").startswith("2 tasks failed since it runs the release.")
