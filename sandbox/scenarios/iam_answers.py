"""Answers by the API's IAM route, as a script or `curl --aws-sigv4` would give them.

Tested in `tests/e2e/test_scenarios_ruled.py`.
"""

import json
from typing import Any
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from operations.local_aws import REGION
from sandbox.host.sandbox import Sandbox


def signed(method: str, url: str, credentials: Credentials, body: bytes = b"") -> Request:
    """Sign a request to the HTTP API with Signature Version 4."""
    headers = {"Content-Type": "application/json"}
    request = AWSRequest(method=method, url=url, data=body or None, headers=headers)
    SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
    return Request(url, data=body or None, headers=dict(request.headers.items()), method=method)


def call(method: str, url: str, credentials: Credentials, body: bytes = b"") -> Any:  # noqa: ANN401
    """Send a signed request; return the decoded answer."""
    with urlopen(signed(method, url, credentials, body), timeout=60) as answer:
        return json.loads(answer.read())


def approve_over_the_api(sandbox: Sandbox, role: str, rollout: str) -> bool:
    """Approve a rollout's open question as a role; return whether there was one."""
    session = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="on-call")
    given = session["Credentials"]
    credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    base = f"{sandbox.stack.api_url}/approvals"
    questions = call("GET", base, credentials)["approvals"]
    for question in questions:
        if question["rollout"] == rollout:
            call("POST", f"{base}/{question['id']}/approve", credentials)
            return True
    return False
