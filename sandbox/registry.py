"""Fills MiniStack's ECR with images that have tags and digests of their own."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from sandbox.ministack import aws_client


def seed_images(endpoint: str, tags: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Create each repository and one image a tag.

    Args:
        endpoint: where AWS answers.
        tags: repository → its tags.

    Returns:
        Repository → tag → digest (`sha256:…`), as ECR computed it from the manifest.
    """
    ecr = aws_client("ecr", endpoint)
    digests: dict[str, dict[str, str]] = {}
    for repository, its_tags in tags.items():
        ecr.create_repository(repositoryName=repository)
        digests[repository] = {
            tag: ecr.put_image(
                repositoryName=repository, imageManifest=_manifest(repository, tag), imageTag=tag
            )["image"]["imageId"]["imageDigest"]
            for tag in its_tags
        }
    return digests


def _manifest(repository: str, tag: str) -> str:
    """Write a Docker manifest whose only content is its name, so that each digest is its own.

    ECR's digest is the manifest's; moto's is made from its layers' alone.
    """
    name = f"{repository}:{tag}".encode()
    content = {"size": len(name), "digest": f"sha256:{sha256(name).hexdigest()}"}
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json"} | content,
            "layers": [
                {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip"} | content
            ],
        }
    )
