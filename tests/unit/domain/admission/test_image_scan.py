"""Whether an image may run: by what its scan found, and by what it is built for."""

import pytest

from handlers.domain.admission.image_scan import Scan, Vetted, insecure, misbuilt, vet
from handlers.domain.config.image_rules import RefuseAt

REPOSITORY, DIGEST = "api", "sha256:1"
ARM = {"runtimePlatform": {"cpuArchitecture": "ARM64"}}


class Registry:
    def __init__(self, scan=None, *built_for):
        self._scan, self.built_for, self.asked = scan or Scan(), built_for, []

    def scan(self, repository, digest):
        self.asked.append("scan")
        return self._scan

    def architectures(self, repository, digest):
        self.asked.append("architectures")
        return self.built_for


def vetted(registry, refuse_at=RefuseAt.NEVER, task_definition=ARM):
    return vet(REPOSITORY, DIGEST, refuse_at, task_definition, registry)


@pytest.mark.parametrize(
    ("findings", "refuse_at", "said"),
    [
        ({}, "low", ""),
        ({"INFORMATIONAL": 9, "UNDEFINED": 2}, "low", ""),
        ({"MEDIUM": 3}, "high", ""),
        ({"HIGH": 1}, "high", "its scan found 1 high"),
        ({"CRITICAL": 2, "HIGH": 1, "LOW": 7}, "high", "its scan found 2 critical, 1 high"),
        ({"HIGH": 4}, "critical", ""),
        ({"LOW": 1}, "low", "its scan found 1 low"),
    ],
)
@pytest.mark.parametrize("status", ["COMPLETE", "ACTIVE"])
def test_findings_refuse_from_the_severity_that_is_configured(status, findings, refuse_at, said):
    assert insecure(Scan(status=status, findings=findings), RefuseAt(refuse_at)) == said


@pytest.mark.parametrize("status", ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "TOMORROW"])
def test_a_scan_that_did_not_tell_never_passes(status):
    seen = vetted(Registry(Scan(status=status), "arm64"), RefuseAt.CRITICAL)

    assert seen.refusal == f"its scan ended as {status}, so what is in it is not known"


@pytest.mark.parametrize("status", ["", "PENDING", "IN_PROGRESS"])
def test_a_scan_that_is_still_to_come_is_waited_for(status):
    assert vetted(Registry(Scan(status=status), "arm64"), RefuseAt.LOW) == Vetted(is_pending=True)


@pytest.mark.parametrize(
    ("built_for", "wanted", "said"),
    [
        ((), "arm64", ""),
        (("amd64", "arm64"), "arm64", ""),
        (("amd64",), "", ""),
        (("amd64",), "arm64", "it is built for amd64, and its tasks run on arm64"),
    ],
)
def test_an_architecture_refuses_only_where_it_is_known_and_another(built_for, wanted, said):
    assert misbuilt(built_for, wanted) == said


def test_what_ecr_cannot_tell_is_said_and_refuses_nothing():
    seen = vetted(Registry())

    assert seen == Vetted(unknown="whether it is built for arm64: ECR cannot say")


def test_ecr_is_asked_for_no_more_than_is_configured():
    registry = Registry()

    assert vetted(registry, task_definition={}) == Vetted()
    assert registry.asked == []


def test_a_wrong_architecture_needs_no_scan():
    registry = Registry(Scan(), "amd64")

    assert vetted(registry, RefuseAt.LOW).refusal == (
        "it is built for amd64, and its tasks run on arm64"
    )
    assert registry.asked == ["architectures"]
