"""Asking the registry of one image no more than is configured, or named by the task definition."""

from handlers.domain.admission.image_scan import (
    ImageFinding,
    platform_finding,
    run_by,
    scan_finding,
    wanted_architecture,
)
from handlers.domain.config.image_rules import RefuseAt
from handlers.domain.deployments.revision import TaskDefinition
from handlers.services.ports import Images


def vet_image(
    repository: str, digest: str, refuse_at: RefuseAt, runs: TaskDefinition, images: Images
) -> ImageFinding:
    """Say what the registry knows of one image."""
    wanted, scans_count = wanted_architecture(runs), refuse_at is not RefuseAt.NEVER
    manifests = images.manifests(repository, digest) if wanted or scans_count else ()
    found = platform_finding(manifests, wanted)
    if found.refusal or not scans_count:
        return found
    for scanned in run_by(manifests, runs) or (digest,):
        decided = scan_finding(scanned, images.scan(repository, scanned), refuse_at)
        if decided is not None:
            return decided
    return found
