"""The image registry: what a tag means now, and what is known of an image."""

import json
from typing import TYPE_CHECKING, Any

from handlers.domain.admission.image_scan import Scan
from handlers.domain.model.errors import NotPushed
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


_INDICES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


class Images:
    """ECR in our words."""

    def __init__(self, client: "ECRClient") -> None:
        """Talk through this client."""
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
        region = self._client.meta.region_name
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        registry = f"{image['registryId']}.dkr.ecr.{region}.{domain}"
        return f"{registry}/{image['repositoryName']}@{image['imageDigest']}"

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

    def architectures(self, repository: str, digest: str) -> tuple[str, ...]:
        """Return what an image (`sha256:…`) is built for; empty where it is no index that says so.

        A plain manifest has it in its configuration, a layer that must be downloaded from S3.
        """
        with aws_errors(f"read the manifest of {repository}@{digest}"):
            answer = self._client.batch_get_image(
                repositoryName=repository,
                imageIds=[{"imageDigest": digest}],
                acceptedMediaTypes=list(_INDICES),
            )
        found = {
            _architecture(entry)
            for image in answer["images"]
            if image.get("imageManifestMediaType") in _INDICES
            for entry in json.loads(image["imageManifest"]).get("manifests", ())
        }
        return tuple(sorted(found - {"", "unknown"}))


def _architecture(entry: dict[str, Any]) -> str:
    return str(entry.get("platform", {}).get("architecture", ""))
