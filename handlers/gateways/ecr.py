"""The image registry: what a tag means now, and what is known of an image.

Tested in `test_smaller_gateways.py`.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handlers.domain.admission.image_push import INDICES, MediaTypes
from handlers.domain.admission.image_scan import Manifest, Scan
from handlers.domain.model.errors import NotPushed
from handlers.domain.model.partitions import ecr_host
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


class Images:
    def __init__(self, client: "ECRClient") -> None:
        self._client = client

    def pinned(self, repository: str, tag: str) -> str:
        """Return the image that a tag points to now, as `registry/repository@sha256:…`.

        Raises:
            NotThere: the repository does not exist.
            NotPushed: it has no such tag, or none yet.
        """
        what = f"look up {repository}:{tag}"
        with aws_errors(what):
            try:
                answer = self._client.describe_images(
                    repositoryName=repository, imageIds=[{"imageTag": tag}]
                )
            except self._client.exceptions.ImageNotFoundException as error:
                raise NotPushed(f"{what}: the repository has no such tag") from error
        if not answer["imageDetails"]:
            raise NotPushed(f"{what}: the answer has no image")
        image = answer["imageDetails"][0]
        registry = ecr_host(image["registryId"], self._client.meta.region_name)
        return f"{registry}/{image['repositoryName']}@{image['imageDigest']}"

    def media_types(self, repository: str, digest: str) -> MediaTypes:
        """Return what an image (`sha256:…`) is; nothing known where there is none any more."""
        with aws_errors(f"look up {repository}@{digest}"):
            try:
                answer = self._client.describe_images(
                    repositoryName=repository, imageIds=[{"imageDigest": digest}]
                )
            except self._client.exceptions.ImageNotFoundException:
                return MediaTypes()
        found: Mapping[str, Any] = next(iter(answer["imageDetails"]), {})
        return MediaTypes(
            manifest=found.get("imageManifestMediaType", ""),
            artifact=found.get("artifactMediaType", ""),
        )

    def scan(self, repository: str, digest: str) -> Scan:
        """Return what the scan of an image (`sha256:…`) has come to.

        DescribeImages tells too, but not of basic scans as they are today (API_DescribeImages).
        """
        with aws_errors(f"read the scan of {repository}@{digest}"):
            try:
                answer = self._client.describe_image_scan_findings(
                    repositoryName=repository, imageId={"imageDigest": digest}, maxResults=1
                )
            except self._client.exceptions.ScanNotFoundException:
                return Scan()
        counts = answer.get("imageScanFindings", {}).get("findingSeverityCounts", {})
        status = answer.get("imageScanStatus", {}).get("status", "")
        return Scan(status=status, findings={str(each): count for each, count in counts.items()})

    def manifests(self, repository: str, digest: str) -> tuple[Manifest, ...]:
        """Return the images of an index (`sha256:…`); empty where it is a plain manifest.

        A plain manifest has its platform in its configuration, a layer to be downloaded from S3.
        What buildx adds to an index to attest how it was built has the platform `unknown`
        (https://docs.docker.com/build/metadata/attestations/attestation-storage/).
        """
        with aws_errors(f"read the manifest of {repository}@{digest}"):
            answer = self._client.batch_get_image(
                repositoryName=repository,
                imageIds=[{"imageDigest": digest}],
                acceptedMediaTypes=sorted(INDICES),
            )
        return tuple(
            manifest
            for image in answer["images"]
            if image.get("imageManifestMediaType") in INDICES
            for entry in json.loads(image["imageManifest"]).get("manifests", ())
            if (manifest := _manifest(entry)).architecture != "unknown"
        )


def _manifest(entry: dict[str, Any]) -> Manifest:
    platform = entry.get("platform", {})
    return Manifest(
        digest=str(entry.get("digest", "")),
        system=str(platform.get("os", "")),
        architecture=str(platform.get("architecture", "")),
    )
