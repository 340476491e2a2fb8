"""Spot following on-demand."""

import json
from dataclasses import replace

import pytest

from handlers import match_spot_capacity
from handlers.domain.capacity.spot_policy import Fleet
from handlers.domain.config.clusters import Cluster, FleetKind, SpotPolicy, SpotSettings
from handlers.domain.model.errors import NotThere, Transient
from simulator.recorded_events import recorded
from tests.support.builders import a_rollout, an_application, an_ended_rollout

POLICY = SpotPolicy(ratio=2.0, least=0, most=20, step=10, hysteresis=0)
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def a_spot(**given):
    usual = {
        "on_demand": "recipes-on-demand",
        "kind": FleetKind.SPOT_FLEET,
        "target": "sfr-1",
        "policy": POLICY,
        "dry_run": False,
    }
    return SpotSettings(**(usual | given))


def a_cluster(name="recipes", **spot):
    return Cluster(name=name, drain_on_rebalance=False, spot=a_spot(**spot))


def launch(group="recipes-on-demand"):
    event = recorded("autoscaling_launch")
    event["detail"]["AutoScalingGroupName"] = group
    match_spot_capacity.lambda_handler(event, None)


def look_for_drift():
    match_spot_capacity.lambda_handler(SCHEDULED, None)


def said(log):
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"].startswith("spot")]


@pytest.fixture
def following(outside):
    """Have three on-demand instances in service, and a spot fleet that aims at four."""
    outside.clusters = {"recipes": a_cluster()}
    outside.fleets.groups = {"recipes-on-demand": ["i-d1", "i-d2", "i-d3"]}
    outside.fleets.known = {"sfr-1": Fleet(target=4, fulfilled=4.0)}
    spot = {f"i-s{number}": 1 for number in range(1, 5)}
    outside.hosts.known = {"recipes": {"i-d1": 5, "i-d2": 5, "i-d3": 5} | spot}
    return outside


@pytest.mark.parametrize("event", [launch, look_for_drift])
def test_the_target_becomes_what_the_policy_says(following, event):
    event()

    assert following.fleets.known["sfr-1"].target == 6


def test_an_event_that_comes_twice_sets_the_target_once(following):
    launch()
    launch()

    assert following.fleets.resized == [("sfr-1", 6)]


def test_another_groups_event_is_none_of_ours(following):
    launch("news-on-demand")

    assert following.fleets.looked == []


def test_the_schedule_is_about_every_cluster_that_follows(following):
    following.clusters["news"] = a_cluster("news", on_demand="news-on-demand", target="sfr-2")
    following.clusters["idle"] = Cluster(name="idle", drain_on_rebalance=False, spot=None)
    following.fleets.groups["news-on-demand"] = ["i-n1"]
    following.fleets.known["sfr-2"] = Fleet(target=0, fulfilled=0.0)

    look_for_drift()

    assert following.fleets.resized == [("sfr-1", 6), ("sfr-2", 2)]


@pytest.mark.parametrize("kind", FleetKind)
def test_any_kind_of_fleet_follows(following, kind):
    following.clusters = {"recipes": a_cluster(kind=kind)}

    launch()

    assert following.fleets.kinds == [kind]
    assert following.fleets.known["sfr-1"].target == 6


def test_a_fleet_that_is_being_modified_is_left_alone(following, log):
    following.fleets.known["sfr-1"] = Fleet(target=4, fulfilled=4.0, busy="it is modifying")

    launch()

    assert following.fleets.resized == []
    assert said(log)[0]["why"].endswith("; left alone: it is modifying")


def test_a_fleet_that_begins_to_change_meanwhile_is_left_alone_too(following, log, metrics):
    following.fleets.scales = True

    launch()

    assert following.fleets.known["sfr-1"].target == 4
    assert said(log)[0]["message"] == "spot target kept: it is being changed"
    assert metrics("SpotTarget") == []


def test_a_dry_run_says_what_it_would_do_and_does_nothing(following, log, metrics):
    following.clusters = {"recipes": a_cluster(dry_run=True)}

    launch()

    assert following.fleets.resized == []
    (line,) = said(log)
    assert line["message"] == "spot target would be set"
    assert (line["cluster"], line["from"], line["to"]) == ("recipes", 4, 6)
    assert metrics("SpotTarget") == []


def test_a_new_target_is_a_metric(following, metrics):
    launch()

    (target,) = metrics("SpotTarget")
    assert (target["SpotTarget"], target["Cluster"]) == ([6.0], "recipes")


def test_while_a_rollout_is_open_the_target_is_not_lowered_below_what_tasks_need(following):
    following.fleets.groups["recipes-on-demand"] = ["i-d1"]
    following.fleets.leaving = {"i-d2": False, "i-d3": False}
    following.hosts.known["recipes"]["i-s4"] = 0
    following.hold(a_rollout())

    launch()

    assert following.fleets.known["sfr-1"].target == 3


@pytest.mark.parametrize(
    "rollout",
    [an_ended_rollout(), a_rollout(application="news"), None],
    ids=["it has ended", "it is elsewhere", "there is none"],
)
def test_without_an_open_rollout_in_the_cluster_the_policy_alone_decides(following, rollout):
    following.apps["news"] = replace(an_application(name="news"), cluster="news")
    following.fleets.groups["recipes-on-demand"] = ["i-d1"]
    if rollout:
        following.hold(rollout)

    launch()

    assert following.fleets.known["sfr-1"].target == 2


def test_an_open_rollout_does_not_keep_the_fleet_from_growing(following):
    following.hold(a_rollout())

    launch()

    assert following.fleets.known["sfr-1"].target == 6
    assert following.hosts.asked == []


@pytest.mark.parametrize("fault", [NotThere("no such group"), Transient("throttled")])
def test_trouble_with_one_cluster_keeps_no_other_from_following(following, fault):
    following.clusters = {"a-broken": a_cluster("a-broken", on_demand="gone", target="sfr-9")}
    following.clusters["recipes"] = a_cluster()
    following.fleets.faults["gone"] = fault

    with pytest.raises(type(fault)):
        look_for_drift()

    assert following.fleets.known["sfr-1"].target == 6
