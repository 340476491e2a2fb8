"""The image registry: what a tag means now."""

from typing import TYPE_CHECKING

from handlers.domain.errors import NotThere
from handlers.gateways.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


class Images:
    """ECR in our words."""

    def __init__(self, client: "ECRClient") -> None:
        """Talk through this client."""
        self._client = client

    def pinned(self, repository: str, tag: str) -> str:
        """Return the image that a tag points to now, as `registry/repository@sha256:…`.

        Raises:
            NotThere: the repository, or the tag in it, does not exist.
        """
        with aws_errors(f"look up {repository}:{tag}"):
            answer = self._client.describe_images(
                repositoryName=repository, imageIds=[{"imageTag": tag}]
            )
        if not answer["imageDetails"]:
            raise NotThere(f"look up {repository}:{tag}: the answer has no image")
        image = answer["imageDetails"][0]
        region = self._client.meta.region_name
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        registry = f"{image['registryId']}.dkr.ecr.{region}.{domain}"
        return f"{registry}/{image['repositoryName']}@{image['imageDigest']}"
