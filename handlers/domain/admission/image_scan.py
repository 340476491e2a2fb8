"""Whether an image may run: what its scan found, and the architecture that it was built for.

What is not measured does not pass: an image whose scan failed is refused where scans count.
ECR tells the architecture of an image index only; of a plain manifest it is unknown, which is
said and refuses nothing. An index has no scan of its own: the manifests that the tasks' platform
runs have theirs (https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from handlers.domain.config.image_rules import RefuseAt

_PENDING: Final = frozenset({"", "IN_PROGRESS", "PENDING"})
_SCANNED: Final = frozenset({"COMPLETE", "ACTIVE"})
"""`ACTIVE` is the enhanced scan's: it has findings, and goes on looking for more."""
_ARCHITECTURES: Final = {"X86_64": "amd64", "ARM64": "arm64"}
"""`runtimePlatform.cpuArchitecture` of a task definition → what an image index calls it."""
_USUAL_ARCHITECTURE: Final = "amd64"
"""What a task definition means that names none: X86_64
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html)."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What ECR's scan of an image has come to.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html
    """

    status: str = ""
    """ECR's word; empty where no scan has begun."""
    findings: Mapping[str, int] = field(default_factory=dict)
    """Severity, as ECR writes it, → how many."""

    @property
    def is_pending(self) -> bool:
        return self.status in _PENDING


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One of an index's images."""

    digest: str
    system: str = ""
    """`linux`, `windows`; empty where the index does not say."""
    architecture: str = ""
    """`amd64`, `arm64`; empty where the index does not say."""


@dataclass(frozen=True, kw_only=True)
class ImageFinding:
    """What is known of an image."""

    refusal: str = ""
    """Why it may not run."""
    pending: str = ""
    """The digest (`sha256:…`) of what is still to be scanned."""
    unknown: str = ""
    """What nobody can tell, in a line for people."""


def platform_finding(manifests: Sequence[Manifest], wanted: str) -> ImageFinding:
    """Say whether an image can run where its tasks do.

    Args:
        manifests: its index's; none where it is a plain manifest, or nobody asked.
        wanted: the architecture that its tasks run on; empty where that is not said.
    """
    built_for = sorted({each.architecture for each in manifests} - {""})
    unknown = "" if built_for or not wanted else f"whether it is built for {wanted}: ECR cannot say"
    return ImageFinding(refusal=misbuilt(built_for, wanted), unknown=unknown)


def scan_finding(digest: str, scan: Scan, refuse_at: RefuseAt) -> ImageFinding | None:
    """Say what a scan decides of its image; None where it has nothing against it."""
    if scan.is_pending:
        return ImageFinding(pending=digest)
    refusal = insecure(scan, refuse_at)
    return ImageFinding(refusal=refusal) if refusal else None


def run_by(manifests: Sequence[Manifest], task_definition: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the digests of an index's manifests that the tasks' platform runs.

    Where none is known to be for it, any may be what runs, and all are returned.
    """
    family = str(task_definition.get("runtimePlatform", {}).get("operatingSystemFamily", ""))
    system = "windows" if family.startswith("WINDOWS") else "linux"
    platform = (system, wanted_architecture(task_definition) or _USUAL_ARCHITECTURE)
    own = [each.digest for each in manifests if (each.system, each.architecture) == platform]
    return tuple(own or (each.digest for each in manifests))


def insecure(scan: Scan, refuse_at: RefuseAt) -> str:
    """Say why a scan that has ended refuses its image; empty where it does not."""
    if scan.status not in _SCANNED:
        return f"its scan ended as {scan.status}, so what is in it is not known"
    grave = list(RefuseAt)[list(RefuseAt).index(refuse_at) :]
    found = [f"{count} {each}" for each in reversed(grave) if (count := _count(scan, each))]
    return f"its scan found {', '.join(found)}" if found else ""


def misbuilt(architectures: Sequence[str], wanted: str) -> str:
    """Say why an image cannot run where its tasks do; empty where it can, or nobody can tell."""
    if not wanted or not architectures or wanted in architectures:
        return ""
    return f"it is built for {', '.join(architectures)}, and its tasks run on {wanted}"


def wanted_architecture(task_definition: Mapping[str, Any]) -> str:
    """Return the architecture that a task definition names; empty where it names none."""
    named = str(task_definition.get("runtimePlatform", {}).get("cpuArchitecture", ""))
    return _ARCHITECTURES.get(named, "")


def _count(scan: Scan, severity: RefuseAt) -> int:
    return scan.findings.get(severity.upper(), 0)
