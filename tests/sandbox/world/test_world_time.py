"""Time in the world is given, and moves from one happening to the next."""

from datetime import timedelta

from sandbox.world.event_queue import EventQueue
from tests.support.world_stage import START, Stage


def test_what_is_due_happens_in_order_of_time_and_then_of_arrival():
    queue, seen = EventQueue(100.0), []
    for seconds, name in [(5, "c"), (1, "a"), (5, "d"), (2, "b")]:
        queue.schedule(seconds, seen.append, name)

    queue.advance(104.0)
    assert (seen, queue.next_at(), queue.now) == (["a", "b"], 105.0, 104.0)
    queue.advance(200.0)

    assert (seen, queue.next_at(), queue.now) == (["a", "b", "c", "d"], None, 200.0)


def test_what_a_happening_puts_down_happens_in_the_same_advance_when_it_is_due():
    queue, seen = EventQueue(0.0), []
    queue.schedule(1, queue.schedule, 1, seen.append, "later")

    queue.advance(2.0)

    assert seen == ["later"]


def test_time_does_not_go_back():
    stage = Stage()
    now = stage.world.now

    stage.world.advance(START)

    assert stage.world.now == now


def test_moving_to_the_next_happening_always_lets_it_happen():
    stage = Stage(desired=6, start_jitter=0.3)
    stage.later(seconds=0.123457)

    ours = stage.release("good")
    steps = 0
    while due := stage.world.next_event_at():
        assert due >= stage.world.now
        stage.world.advance(due)
        assert stage.world.next_event_at() != due
        steps += 1

    assert ours.rollout == "COMPLETED"
    assert len({task.started_at for task in stage.tasks()}) == 6
    assert steps > 20


def test_a_quiet_year_passes_at_once():
    stage = Stage()

    stage.world.advance(stage.world.now + timedelta(days=365))

    assert stage.service.steady
