"""What the template's policies may touch of clusters, fleets and groups."""

from handlers.domain.config.clusters import load_clusters
from operations.artifacts import DeploymentTarget, cluster_parameters

PLACE = DeploymentTarget(region="ap-northeast-1", account="123456789012")
FLEET = "fleet-12a34b55-67cd-8ef9-ba9b-9208dd2c9b2a"
REQUEST = "sfr-73fbd2ce-aa30-494c-8788-1cee4b7b5b1e"


def parameters(**spots):
    def table(spot):
        return {"spot": {"on_demand": "od", "most": 9} | spot} if spot else {}

    clusters = load_clusters({name: table(spot) for name, spot in spots.items()})
    return cluster_parameters(clusters.values(), PLACE)


def test_each_kind_of_fleet_is_named_where_it_belongs():
    said = parameters(a={"spot_fleet": REQUEST}, b={"fleet": FLEET}, c={"group": "spot"}, d=None)

    ec2, scaling = "arn:aws:ec2:ap-northeast-1:123456789012", "arn:aws:autoscaling"
    clusters = said["HostClusterArns"].split(",")
    assert [arn.rpartition(":")[2] for arn in clusters] == [f"cluster/{name}" for name in "abcd"]
    assert said["SpotFleetArns"] == f"{ec2}:spot-fleet-request/{REQUEST},{ec2}:fleet/{FLEET}"
    assert said["SpotGroupArns"] == (
        f"{scaling}:ap-northeast-1:123456789012:autoScalingGroup:*:autoScalingGroupName/spot"
    )


def test_without_clusters_the_policies_name_what_nothing_is_called():
    assert all(value.endswith("/shingo-has-none") for value in parameters().values())
    assert set(parameters()) == {"HostClusterArns", "SpotFleetArns", "SpotGroupArns"}
