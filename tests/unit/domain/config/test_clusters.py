"""The clusters' file: what it says, and every problem at once."""

import tomllib
from pathlib import Path

import pytest

from handlers.domain.config.clusters import (
    Cluster,
    FleetKind,
    SpotPolicy,
    SpotSettings,
    load_clusters,
)
from handlers.domain.config.toml_reader import ConfigurationError

COMMITTED = Path(__file__).parents[4] / "definitions" / "clusters.toml"
FLEET = "fleet-12a34b55-67cd-8ef9-ba9b-9208dd2c9b2a"
REQUEST = "sfr-73fbd2ce-aa30-494c-8788-1cee4b7b5b1e"


def spot(**given):
    """Give a cluster that follows; a setting that is None is left out."""
    usual = {"on_demand": "recipes-on-demand", "spot_fleet": REQUEST, "most": 30}
    table = {key: value for key, value in (usual | given).items() if value is not None}
    return {"recipes": {"spot": table}}


def problems(document):
    with pytest.raises(ConfigurationError) as raised:
        load_clusters(document)
    return str(raised.value).splitlines()


def test_as_committed_both_features_are_off():
    assert load_clusters(tomllib.loads(COMMITTED.read_text())) == {}


def test_the_example_in_the_committed_file_can_be_taken_as_it_is():
    lines = COMMITTED.read_text().splitlines()
    example = lines[lines.index("# [recipes]") :]

    (cluster,) = load_clusters(
        tomllib.loads("\n".join(line.removeprefix("# ").strip("#") for line in example))
    ).values()

    assert (cluster.name, cluster.spot.on_demand) == ("recipes", "recipes-on-demand")


def test_a_cluster_that_is_only_named_is_drained_and_follows_nothing():
    assert load_clusters({"recipes": {}}) == {
        "recipes": Cluster(name="recipes", drain_on_rebalance=False, spot=None)
    }


def test_what_follows_has_defaults():
    assert load_clusters(spot())["recipes"].spot == SpotSettings(
        on_demand="recipes-on-demand",
        kind=FleetKind.SPOT_FLEET,
        target=REQUEST,
        policy=SpotPolicy(ratio=1.0, least=0, most=30, step=5, hysteresis=1),
        dry_run=False,
    )


@pytest.mark.parametrize(
    ("kind", "target"),
    [("spot_fleet", REQUEST), ("fleet", FLEET), ("group", "recipes-spot")],
)
def test_a_fleet_of_any_kind_may_follow(kind, target):
    found = load_clusters(spot(**{"spot_fleet": None, kind: target}))["recipes"].spot

    assert (found.kind, found.target) == (FleetKind(kind), target)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"recipes": 3}, "recipes: found 3, expected a table"),
        ({"a b": {}}, "a b: expected the name of an ECS cluster"),
        ({"recipes": {"drian": True}}, "recipes.drian: found True, expected only"),
        ({"recipes": {"spot": 3}}, "recipes.spot: found 3, expected a table"),
        (spot(on_demand=None), "recipes.spot.on_demand: found nothing, expected a text"),
        (spot(spot_fleet=None), "recipes.spot.spot_fleet: found nothing, expected exactly one of"),
        (spot(group="g"), "found ['spot_fleet', 'group'], expected exactly one of"),
        (spot(spot_fleet="sfr-1"), "recipes.spot.spot_fleet: found 'sfr-1', expected a spot fleet"),
        (spot(spot_fleet=None, fleet=REQUEST), "expected an EC2 fleet's id"),
        (
            spot(spot_fleet=None, group="recipes-on-demand"),
            "recipes.spot.group: found 'recipes-on-demand', expected another group",
        ),
        (
            spot(most=None),
            "recipes.spot.most: found nothing, expected a number of units, at least 0",
        ),
        (spot(least=31), "recipes.spot.most: found 30, expected at least 31"),
        (spot(ratio=-1), "recipes.spot.ratio: found -1.0, expected units"),
        (spot(step=0), "recipes.spot.step: found 0, expected a number of units, at least 1"),
        (spot(hysteresis=-1), "recipes.spot.hysteresis: found -1"),
        (spot(dry_run="no"), "recipes.spot.dry_run: found 'no', expected true or false"),
        (
            spot() | {"news": spot()["recipes"]},
            f"{REQUEST}: found in 2 clusters, expected a fleet of its own for each",
        ),
    ],
)
def test_a_mistake_is_named_with_what_is_expected(document, problem):
    assert any(problem in line for line in problems(document))


def test_every_mistake_is_named_at_once():
    assert len(problems(spot(step=0, ratio=-1) | {"a b": {}})) == 3
