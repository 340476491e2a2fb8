"""ECR: MiniStack's, with the image scans that it lacks.

Tested in `tests/contract/wire/test_ecr_wire.py`.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handlers.domain.admission.image_push import INDICES

SCANS: Final = "DescribeImageScanFindings"
PUT: Final = "PutImage"
OWN: Final = {"accept-encoding", "connection", "content-length", "transfer-encoding"}
"""Headers of one connection; all others are passed on, with the path, as they were signed."""
MEDIA_TYPE: Final = "application/x-amz-json-1.1"
_SECONDS: Final = 60.0

Findings = Mapping[str, int]
"""Severity → how many."""


def ecr_routes(upstream: str, scans: Mapping[str, Findings]) -> list[Route]:
    """Return the routes of ECR.

    Args:
        upstream: MiniStack's address; what is not about scans is answered there.
        scans: image digest → what its scan found; an image that is not in it was not scanned.
    """
    indices: set[str] = set()

    async def answer(request: Request) -> Response:
        body = await request.body()
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation == SCANS:
            # An index has no scan of its own, whatever its images have.
            known = {digest: scans[digest] for digest in scans.keys() - indices}
            return _scan(json.loads(body), known)
        headers = {name: said for name, said in request.headers.items() if name not in OWN}
        said = await run_in_threadpool(_asked, upstream + request.url.path, body, headers)
        if operation == PUT and said.status_code == HTTPStatus.OK and _is_index(json.loads(body)):
            indices.add(json.loads(bytes(said.body))["image"]["imageId"]["imageDigest"])
        return said

    return [Route(path, answer, methods=["POST"]) for path in ("/ecr", "/ecr/")]


def _is_index(parameters: Mapping[str, Any]) -> bool:
    return json.loads(parameters["imageManifest"]).get("mediaType") in INDICES


def _scan(parameters: Mapping[str, Any], scans: Mapping[str, Findings]) -> Response:
    image = parameters["imageId"]
    findings = scans.get(image.get("imageDigest", ""))
    if findings is None:
        said = {"__type": "ScanNotFoundException", "message": "The image was not scanned."}
        return Response(json.dumps(said), 400, media_type=MEDIA_TYPE)
    content = {
        "repositoryName": parameters["repositoryName"],
        "imageId": image,
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {"findingSeverityCounts": dict(findings), "findings": []},
    }
    return Response(json.dumps(content), media_type=MEDIA_TYPE)


def _asked(address: str, body: bytes, headers: Mapping[str, str]) -> Response:
    request = urllib.request.Request(address, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as said:
            return Response(said.read(), said.status, media_type=MEDIA_TYPE)
    except urllib.error.HTTPError as refused:
        return Response(refused.read(), refused.code, media_type=MEDIA_TYPE)
