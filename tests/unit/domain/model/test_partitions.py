"""Partitions, held against those that botocore knows."""

import json
from pathlib import Path

import botocore
import pytest

from handlers.domain.model import console_links
from handlers.domain.model.image_reference import parse_image
from handlers.domain.model.partitions import ecr_host, partition_of
from tests.support.builders import NOW

BOTOCORES = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())
ACCOUNT = "123456789012"
REGIONS = [
    (partition["id"], region, partition["outputs"]["dnsSuffix"])
    for partition in BOTOCORES["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
]
CONSOLES = {
    "eu-west-1": "eu-west-1.console.aws.amazon.com",
    "cn-north-1": "cn-north-1.console.amazonaws.cn",
    "cn-northwest-1": "cn-northwest-1.console.amazonaws.cn",
    "us-gov-west-1": "us-gov-west-1.console.amazonaws-us-gov.com",
    "us-gov-east-1": "us-gov-east-1.console.amazonaws-us-gov.com",
}


@pytest.mark.parametrize(("name", "region", "suffix"), REGIONS, ids=[r for _, r, _ in REGIONS])
def test_every_region_is_of_its_partition_and_its_registry_is_read_back(name, region, suffix):
    host = ecr_host(ACCOUNT, region)

    assert partition_of(region).name == name
    assert host == f"{ACCOUNT}.dkr.ecr.{region}.{suffix}"
    registry = parse_image(f"{host}/api:v1").ecr
    assert (registry.account, registry.region) == (ACCOUNT, region)


@pytest.mark.parametrize("region", CONSOLES)
def test_every_link_leads_to_the_console_of_the_regions_partition(region):
    partition = partition_of(region).name
    arn = f"arn:{partition}:states:{region}:{ACCOUNT}:execution:shingo-rollout:api-1"
    links = [
        console_links.execution(arn),
        console_links.alarm(region, "api-red-errors"),
        console_links.dashboard(region, "api", NOW, NOW),
        console_links.log_events(region, "/ecs/api", "ERROR", NOW, NOW),
    ]

    assert {link.split("/")[2] for link in links} == {CONSOLES[region]}
    assert all(f"region={region}" in link for link in links)
    assert arn in links[0]
