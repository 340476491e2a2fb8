"""How many spot instances there are to be, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.capacity.spot_policy import Fleet, next_target, units_needed_by_tasks
from handlers.domain.config.clusters import SpotPolicy


def a_policy(**given):
    return SpotPolicy(
        **({"ratio": 1.0, "least": 0, "most": 20, "step": 20, "hysteresis": 0} | given)
    )


def a_fleet(target, **given):
    return Fleet(**({"target": target, "fulfilled": float(target)} | given))


# policy, on-demand in service, the fleet, what tasks need → the next target
TABLE = {
    "as many as on-demand": ({}, 4, a_fleet(2), 0, 4),
    "half as many": ({"ratio": 0.5}, 4, a_fleet(0), 0, 2),
    "a part of one is one": ({"ratio": 0.5}, 5, a_fleet(0), 0, 3),
    "thirty tenths are three, and not a little more": ({"ratio": 0.1}, 30, a_fleet(0), 0, 3),
    "none for none": ({}, 0, a_fleet(3), 0, 0),
    "never fewer than the least": ({"least": 2}, 0, a_fleet(5), 0, 2),
    "never more than the most": ({"most": 6}, 50, a_fleet(5), 0, 6),
    "a step at a time up": ({"step": 3}, 10, a_fleet(2), 0, 5),
    "a step at a time down": ({"step": 3}, 1, a_fleet(9), 0, 6),
    "a small difference is left alone": ({"hysteresis": 1}, 5, a_fleet(4), 0, 4),
    "a small difference down, too": ({"hysteresis": 1}, 4, a_fleet(5), 0, 5),
    "a larger one is made good wholly": ({"hysteresis": 1}, 6, a_fleet(4), 0, 6),
    "what is out of bounds is never left alone": (
        {"hysteresis": 3, "least": 2},
        0,
        a_fleet(1),
        0,
        2,
    ),
    "what tasks need stays": ({}, 1, a_fleet(6), 4, 4),
    "what tasks need raises nothing": ({}, 1, a_fleet(6), 9, 6),
    "what tasks need stays though more than the most": ({"most": 3}, 9, a_fleet(6), 5, 5),
    "what tasks need is no matter on the way up": ({}, 8, a_fleet(6), 4, 8),
    "one that is being changed is left alone": ({}, 9, a_fleet(2, busy="it is modifying"), 0, 2),
    "a group's own most holds": ({}, 9, a_fleet(2, most=4), 0, 4),
    "a group's own least holds": ({}, 0, a_fleet(6, least=3), 0, 3),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_the_next_target(case):
    policy, on_demand, fleet, needed, expected = case

    assert next_target(a_policy(**policy), on_demand, fleet, needed).after == expected


def test_why_is_told():
    kept = next_target(a_policy(hysteresis=1), 5, a_fleet(4))
    busy = next_target(a_policy(), 5, a_fleet(2, busy="it is modifying"))
    held = next_target(a_policy(), 1, a_fleet(6), 4)

    assert kept.why == "5 on-demand in service ask for 5, the target is 4; near enough"
    assert busy.why.endswith("; left alone: it is modifying")
    assert held.why.endswith("; running tasks need 4 while a rollout is open")
    assert (kept.is_change, busy.is_change, held.is_change) == (False, False, True)


POLICIES = st.builds(
    SpotPolicy,
    ratio=st.floats(0, 5),
    least=st.integers(0, 10),
    most=st.integers(10, 40),
    step=st.integers(1, 10),
    hysteresis=st.integers(0, 5),
)


@given(policy=POLICIES, on_demand=st.integers(0, 30), target=st.integers(0, 50))
def test_while_on_demand_stays_it_moves_one_way_and_then_rests(policy, on_demand, target):
    moves = [next_target(policy, on_demand, a_fleet(target))]
    while moves[-1].is_change:
        assert len(moves) <= 60
        moves.append(next_target(policy, on_demand, a_fleet(moves[-1].after)))

    changes = [move.after - move.before for move in moves[:-1]]
    assert all(change > 0 for change in changes) or all(change < 0 for change in changes)
    assert all(abs(change) <= policy.step for change in changes)
    assert policy.least <= moves[-1].after <= policy.most


@given(policy=POLICIES, on_demand=st.integers(0, 30), target=st.integers(0, 50), data=st.data())
def test_it_never_goes_below_what_running_tasks_need(policy, on_demand, target, data):
    needed = data.draw(st.integers(0, target))

    assert next_target(policy, on_demand, a_fleet(target), needed).after >= needed


@pytest.mark.parametrize(
    ("fulfilled", "tasks", "expected"),
    [
        (3, {"i-s1": 2, "i-s2": 0, "i-s3": 1, "i-d1": 4}, 2),
        (3, {"i-s1": 0, "i-s2": 0, "i-s3": 0, "i-d1": 4}, 0),
        (3, {"i-d1": 4, "i-d2": 4}, 0),
        (3, {}, 0),
        (12, {"i-s1": 1, "i-s2": 1, "i-s3": 0}, 8),
        (1, {"i-s1": 1, "i-s2": 1, "i-s3": 1}, 3),
    ],
    ids=[
        "every spot instance with a task",
        "none has one",
        "there is no spot instance",
        "there is no instance",
        "instances that weigh four units each",
        "more instances than the fleet knows of",
    ],
)
def test_what_running_tasks_need(fulfilled, tasks, expected):
    fleet = Fleet(target=20, fulfilled=float(fulfilled))

    assert units_needed_by_tasks(fleet, tasks, ["i-d1", "i-d2"]) == expected
