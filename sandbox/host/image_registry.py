"""MiniStack's ECR: images that have tags and digests of their own, and the events of a push.

Tested in `tests/e2e/test_stack.py`.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from operations.local_aws import ACCOUNT, REGION, aws_client


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
        digests[repository] = {tag: put_image(ecr, repository, tag) for tag in its_tags}
    return digests


def put_image(ecr: Any, repository: str, tag: str) -> str:  # noqa: ANN401 - a boto3 client
    """Put an image under a tag; return its digest (`sha256:…`)."""
    manifest = _manifest(repository, tag)
    answer = ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag=tag)
    return str(answer["image"]["imageId"]["imageDigest"])


def put_index(
    ecr: Any,  # noqa: ANN401 - a boto3 client
    repository: str,
    tag: str,
    architectures: Iterable[str],
) -> dict[str, str]:
    """Put an image for each processor, and their index under a tag, as buildx does.

    Returns:
        Architecture → the digest of its image; and `""` → that of the index.
    """
    own = {each: put_image(ecr, repository, f"{tag}-{each}") for each in architectures}
    entries = [
        {"digest": digest, "platform": {"os": "linux", "architecture": each}}
        for each, digest in own.items()
    ]
    media = "application/vnd.oci.image.index.v1+json"
    index = json.dumps({"schemaVersion": 2, "mediaType": media, "manifests": entries})
    answer = ecr.put_image(
        repositoryName=repository, imageManifest=index, imageManifestMediaType=media, imageTag=tag
    )
    return {**own, "": str(answer["image"]["imageId"]["imageDigest"])}


def pushed(repository: str, tag: str, digest: str) -> dict[str, Any]:
    """Return ECR's event of a push.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    """
    detail = {
        "result": "SUCCESS",
        "repository-name": repository,
        "image-digest": digest,
        "action-type": "PUSH",
        "image-tag": tag,
    }
    return _event("ECR Image Action", detail)


def scanned(repository: str, digest: str, findings: Mapping[str, int]) -> dict[str, Any]:
    """Return ECR's event of a basic scan that has ended."""
    detail = {
        "scan-status": "COMPLETE",
        "repository-name": repository,
        "finding-severity-counts": dict(findings),
        "image-digest": digest,
        "image-tags": [],
    }
    return _event("ECR Image Scan", detail)


def _event(kind: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": kind,
        "source": "aws.ecr",
        "account": ACCOUNT,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [],
        "detail": dict(detail),
    }


def _manifest(repository: str, tag: str) -> str:
    """Return a Docker manifest that contains only its name, so that each digest is unique.

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
