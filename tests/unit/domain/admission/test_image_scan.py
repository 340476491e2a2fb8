"""Whether an image may run: by what its scan found, and by what it is built for."""

import pytest

from handlers.domain.admission.image_scan import Scan, insecure, misbuilt, run_by
from handlers.domain.config.image_rules import RefuseAt
from tests.support.builders import a_manifest


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


def test_an_index_of_windows_images_is_read_for_windows():
    images = (a_manifest("amd64", "linux"), a_manifest("amd64", "windows"))

    assert run_by(
        images, {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
    ) == (images[1].digest,)
