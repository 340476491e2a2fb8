"""Whatever is asked of a service, in whatever order, its bounds hold at every step."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world.deployment_configuration import CircuitBreaker, DeploymentConfiguration
from sandbox.world.world_errors import ConflictError
from tests.support.world_stage import Stage

BREAKERS = st.builds(CircuitBreaker, enable=st.booleans(), rollback=st.booleans())
CONFIGURATIONS = st.builds(
    DeploymentConfiguration,
    maximum_percent=st.sampled_from([100, 120, 150, 200, 300]),
    minimum_healthy_percent=st.sampled_from([0, 34, 50, 75, 100]),
    circuit_breaker=BREAKERS,
)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("release"), st.sampled_from(["good", "slow", "crash", "unhealthy"])),
        st.tuples(st.just("force"), st.none()),
        st.tuples(st.just("scale"), st.integers(0, 6)),
        st.tuples(st.just("stop"), st.sampled_from(["ROLLBACK", "ABORT"])),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 7, 30, 100, 1000])),
    ),
    min_size=1,
    max_size=10,
)


def act(stage, kind, value):
    """Do one of the things that can be asked for."""
    if kind == "release":
        stage.release(value)
    elif kind == "force":
        stage.change(force_new_deployment=True)
    elif kind == "scale":
        stage.change(desired_count=value)
    elif kind == "stop":
        try:
            stage.world.stop_service_deployment(stage.service.history[-1].arn, value)
        except ConflictError:
            return
    elif kind == "wait":
        go(stage, value)


def go(stage, seconds):
    """Let time pass, happening by happening, and look at the bounds after each."""
    until = stage.world.seconds + seconds
    while (due := stage.world.next_event_at()) and due.timestamp() <= until:
        step(stage, lambda due=due: stage.world.advance(due))
    stage.later(seconds=until - stage.world.seconds)


def step(stage, happen):
    service = stage.service
    live, healthy = (
        service.active_tasks(),
        [task for task in service.active_tasks() if task.healthy],
    )

    happen()

    most = service.configuration.maximum(service.desired_count)
    least = service.configuration.minimum(service.desired_count)
    assert len(service.active_tasks()) <= max(most, len(live))
    retired = [task for task in healthy if task.desired_status == "STOPPED"]
    assert not retired or sum(task.healthy for task in service.active_tasks()) >= least
    assert [item.status for item in service.deployments].count("PRIMARY") == 1
    assert service.deployments[0].status == "PRIMARY"


@settings(max_examples=200, deadline=None)
@given(desired=st.integers(0, 6), configuration=CONFIGURATIONS, actions=ACTIONS)
def test_maximum_and_minimum_percent_hold_at_every_step(desired, configuration, actions):
    stage = Stage(desired=desired, configuration=configuration)

    for kind, value in actions:
        if kind == "scale":
            desired = value
        act(stage, kind, value)
        assert stage.service.desired_count == desired
    go(stage, 3600)

    assert len({item.id for record in stage.service.history for item in record.attempts}) == sum(
        len(record.attempts) for record in stage.service.history
    )


@settings(max_examples=100, deadline=None)
@given(desired=st.integers(0, 6), actions=ACTIONS)
def test_with_a_breaker_every_story_ends_on_one_revision_or_says_that_it_failed(desired, actions):
    stage = Stage(desired=desired)

    for kind, value in actions:
        act(stage, kind, value)
    stage.later(hours=3)

    primary, history = stage.service.primary, stage.service.history
    assert stage.world.next_event_at() is None
    assert primary.rollout in {"COMPLETED", "FAILED"}
    assert all(record.finished_at is not None for record in history)
    if primary.rollout == "COMPLETED":
        assert stage.service.deployments == [primary]
        running = [task.deployment.task_definition for task in stage.tasks()]
        assert running == [primary.task_definition] * stage.service.desired_count
    assert len(stage.group.targets) == len(stage.tasks())


@settings(max_examples=50, deadline=None)
@given(actions=ACTIONS, cuts=st.lists(st.integers(1, 600), max_size=20))
def test_it_makes_no_difference_in_how_many_steps_time_passes(actions, cuts):
    at_once, in_steps = Stage(desired=2), Stage(desired=2)
    for kind, value in actions:
        act(at_once, kind, value)
        act(in_steps, kind, value)

    at_once.later(hours=4)
    for seconds in cuts:
        in_steps.later(seconds=seconds)
    in_steps.later(hours=4)

    assert at_once.world.snapshot() == in_steps.world.snapshot()
    assert at_once.events() == in_steps.events()
