"""The sandbox's ECR: scans of its own, and all else as MiniStack's ECR answers it."""

import pytest

from handlers.domain.admission.image_scan import Manifest, Scan
from handlers.domain.model.errors import NotPushed
from handlers.gateways.ecr import Images
from operations.local_aws import aws_client
from sandbox.host.image_registry import put_image, put_index
from sandbox.host.loopback_server import address, loopback_socket, running_server
from sandbox.host.ministack import running_ministack
from sandbox.wire.aws.ecr_api import ecr_routes

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def scans():
    return {}


@pytest.fixture(scope="module")
def ecr(scans):
    """Serve it before MiniStack, and talk to it with the real client."""
    held = loopback_socket()
    with (
        running_ministack({}) as ministack,
        running_server(ecr_routes(ministack.endpoint, scans), held),
    ):
        client = aws_client("ecr", f"{address(held)}/ecr")
        client.create_repository(repositoryName="api")
        yield client


def test_an_image_that_is_pushed_is_found_and_any_other_is_not(ecr):
    digest = put_image(ecr, "api", "v1.42.0")

    assert Images(ecr).pinned("api", "v1.42.0").endswith(digest)
    with pytest.raises(NotPushed):
        Images(ecr).pinned("api", "v9")


def test_a_scan_is_pending_until_it_has_found_something_or_nothing(ecr, scans):
    digest = put_image(ecr, "api", "v1.42.1")
    before = Images(ecr).scan("api", digest)

    scans[digest] = {"HIGH": 1}

    assert before.is_pending
    assert Images(ecr).scan("api", digest) == Scan(status="COMPLETE", findings={"HIGH": 1})


def test_the_manifest_of_a_plain_image_tells_no_architecture(ecr):
    digest = put_image(ecr, "api", "v1.42.2")

    assert Images(ecr).manifests("api", digest) == ()


def test_an_index_tells_its_images_which_alone_have_scans(ecr, scans):
    digests = put_index(ecr, "api", "v1.42.3", ("amd64", "arm64"))
    scans |= {digest: {"LOW": 1} for digest in digests.values()}

    assert Images(ecr).pinned("api", "v1.42.3").endswith(digests[""])
    assert Images(ecr).manifests("api", digests[""]) == tuple(
        Manifest(digest=digests[each], system="linux", architecture=each)
        for each in ("amd64", "arm64")
    )
    assert Images(ecr).scan("api", digests[""]).is_pending
    assert not Images(ecr).scan("api", digests["amd64"]).is_pending
