"""Whether an image may run: what its scan found, and the architecture that it was built for.

What is not measured does not pass: an image whose scan failed is refused where scans count.
ECR tells the architecture of an image index only; of a plain manifest it is unknown, which is
said and refuses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from handlers.domain.config.image_rules import RefuseAt

_PENDING: Final = frozenset({"", "IN_PROGRESS", "PENDING"})
_SCANNED: Final = frozenset({"COMPLETE", "ACTIVE"})
"""`ACTIVE` is the enhanced scan's: it has findings, and goes on looking for more."""
_ARCHITECTURES: Final = {"X86_64": "amd64", "ARM64": "arm64"}
"""`runtimePlatform.cpuArchitecture` of a task definition → what an image index calls it."""


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
        """Whether there is something to wait for."""
        return self.status in _PENDING


class Scans(Protocol):
    """What vetting needs of the registry."""

    def scan(self, repository: str, digest: str) -> Scan: ...
    def architectures(self, repository: str, digest: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Vetted:
    """What came of looking at an image."""

    refusal: str = ""
    """Why it may not run."""
    is_pending: bool = False
    """Whether its scan is still to come."""
    unknown: str = ""
    """What nobody can tell, in a line for people."""


def vet(
    repository: str,
    digest: str,
    refuse_at: RefuseAt,
    task_definition: Mapping[str, Any],
    scans: Scans,
) -> Vetted:
    """Look at an image once, and ask ECR for no more than what is configured or named."""
    wanted = wanted_architecture(task_definition)
    built_for = scans.architectures(repository, digest) if wanted else ()
    refusal = misbuilt(built_for, wanted)
    unknown = "" if built_for or not wanted else f"whether it is built for {wanted}: ECR cannot say"
    if refusal or refuse_at is RefuseAt.NEVER:
        return Vetted(refusal=refusal, unknown=unknown)
    scan = scans.scan(repository, digest)
    if scan.is_pending:
        return Vetted(is_pending=True)
    return Vetted(refusal=insecure(scan, refuse_at), unknown=unknown)


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
