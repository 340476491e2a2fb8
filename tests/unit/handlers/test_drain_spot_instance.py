"""Draining what EC2 is about to take away."""

from datetime import timedelta

import pytest

from handlers import drain_spot_instance
from handlers.domain.config.clusters import Cluster
from handlers.domain.model.errors import NotThere, Transient
from simulator.recorded_events import recorded
from tests.support.builders import NOW

INSTANCE = "i-0b662ef9931388ba0"


def a_cluster(name="recipes", **given):
    return Cluster(**({"name": name, "drain_on_rebalance": False, "spot": None} | given))


def warn(name="interruption"):
    drain_spot_instance.lambda_handler(recorded(f"ec2_{name}"), None)


@pytest.fixture
def clusters(outside):
    outside.clusters = {name: a_cluster(name) for name in ("recipes", "news")}
    outside.hosts.known = {"recipes": {"i-other": 1}, "news": {INSTANCE: 3}}
    return outside


def test_the_instance_is_drained_in_whichever_cluster_it_is(clusters):
    warn()

    assert clusters.hosts.draining == {("news", INSTANCE)}


def test_a_warning_that_comes_twice_drains_once(clusters):
    warn()
    warn()

    assert clusters.hosts.drains == 1


def test_an_instance_that_is_in_no_cluster_is_ignored_quietly(clusters, log, metrics):
    clusters.hosts.known["news"].clear()

    warn()

    assert clusters.hosts.draining == set()
    assert log.getvalue() == ""
    assert metrics("DrainDelay") == []


def test_without_clusters_nothing_is_asked(clusters):
    clusters.clusters = {}

    warn()

    assert clusters.hosts.asked == []


def test_a_recommendation_drains_only_where_it_is_configured(clusters):
    warn("rebalance")
    assert clusters.hosts.draining == set()

    clusters.clusters["news"] = a_cluster("news", drain_on_rebalance=True)
    warn("rebalance")
    assert clusters.hosts.draining == {("news", INSTANCE)}
    assert "recipes" not in clusters.hosts.asked[-1:]


def test_the_time_from_the_warning_to_the_call_is_a_metric(clusters, metrics):
    clusters.time = NOW + timedelta(seconds=1.5)

    warn()

    (delay,) = metrics("DrainDelay")
    assert (delay["DrainDelay"], delay["Cluster"]) == ([3.5], "news")


@pytest.mark.parametrize("fault", [NotThere("no such cluster"), Transient("throttled")])
def test_trouble_with_one_cluster_keeps_no_other_waiting_and_is_tried_again(clusters, fault):
    clusters.hosts.faults["recipes"] = fault

    with pytest.raises(type(fault)):
        warn()

    assert clusters.hosts.draining == {("news", INSTANCE)}


def test_what_lambda_tries_again_is_done_then(clusters):
    clusters.hosts.faults["news"] = Transient("throttled")
    with pytest.raises(Transient):
        warn()

    clusters.hosts.faults.clear()
    warn()

    assert clusters.hosts.draining == {("news", INSTANCE)}
