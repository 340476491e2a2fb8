"""What the registry is asked of an image, and what comes of it."""

import pytest

from handlers.domain.admission.image_scan import ImageFinding, Scan
from handlers.domain.config.image_rules import RefuseAt
from handlers.services.image_vetting import vet_image
from tests.support.builders import a_manifest

REPOSITORY, DIGEST = "api", "sha256:1"
ARM = {"runtimePlatform": {"cpuArchitecture": "ARM64"}}


class Registry:
    def __init__(self, scan=None, *built_for, **scans):
        """Hold a plain image of this scan, or an index with a scan for each architecture."""
        self._scan, self.asked = scan or Scan(), []
        self.images = tuple(map(a_manifest, built_for))
        self._scans = {a_manifest(each).digest: found for each, found in scans.items()}

    def scan(self, repository, digest):
        self.asked.append("scan")
        return self._scans.get(digest, self._scan)

    def manifests(self, repository, digest):
        self.asked.append("manifests")
        return self.images


def vetted(registry, refuse_at=RefuseAt.NEVER, task_definition=ARM):
    return vet_image(REPOSITORY, DIGEST, refuse_at, task_definition, registry)


@pytest.mark.parametrize("status", ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "TOMORROW"])
def test_a_scan_that_did_not_tell_never_passes(status):
    seen = vetted(Registry(Scan(status=status), "arm64"), RefuseAt.CRITICAL)

    assert seen.refusal == f"its scan ended as {status}, so what is in it is not known"


@pytest.mark.parametrize("status", ["", "PENDING", "IN_PROGRESS"])
def test_a_scan_that_is_still_to_come_is_waited_for(status):
    assert vetted(Registry(Scan(status=status)), RefuseAt.LOW) == ImageFinding(pending=DIGEST)


def test_what_ecr_cannot_tell_is_said_and_refuses_nothing():
    seen = vetted(Registry())

    assert seen == ImageFinding(unknown="whether it is built for arm64: ECR cannot say")


def test_ecr_is_asked_for_no_more_than_is_configured():
    registry = Registry()

    assert vetted(registry, task_definition={}) == ImageFinding()
    assert registry.asked == []


def test_a_wrong_architecture_needs_no_scan():
    registry = Registry(Scan(), "amd64")

    assert vetted(registry, RefuseAt.LOW).refusal == (
        "it is built for amd64, and its tasks run on arm64"
    )
    assert registry.asked == ["manifests"]


CLEAN, BAD = Scan(status="COMPLETE"), Scan(status="COMPLETE", findings={"CRITICAL": 7})


def platform(architecture="", system="LINUX"):
    named = {"cpuArchitecture": architecture} if architecture else {}
    return {"runtimePlatform": {"operatingSystemFamily": system, **named}}


@pytest.mark.parametrize(
    ("task_definition", "refused"),
    [({}, True), (platform(), True), (platform("X86_64"), True), (platform("ARM64"), False)],
)
def test_of_an_index_the_scan_of_what_the_tasks_platform_runs_decides(task_definition, refused):
    registry = Registry(None, "amd64", "arm64", amd64=BAD, arm64=CLEAN)

    seen = vetted(registry, RefuseAt.CRITICAL, task_definition)

    assert (seen.refusal == "its scan found 7 critical") is refused
    assert not seen.pending


def test_the_scan_of_an_indexs_image_is_waited_for_and_never_that_of_the_index():
    registry = Registry(None, "amd64", "arm64", arm64=CLEAN)

    seen = vetted(registry, RefuseAt.CRITICAL, {})

    assert seen == ImageFinding(pending=a_manifest("amd64").digest)


def test_where_no_image_of_an_index_is_known_to_be_the_tasks_every_one_must_pass():
    registry = Registry(None, "arm64", "s390x", arm64=CLEAN, s390x=BAD)

    assert vetted(registry, RefuseAt.CRITICAL, {}).refusal == "its scan found 7 critical"
