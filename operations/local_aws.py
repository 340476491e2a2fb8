"""Clients of a local AWS, such as the sandbox's: made-up credentials, and one address.

Tested in `tests/e2e/test_ways_in.py`.
"""

import threading
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

REGION: Final = "ap-northeast-1"
ACCOUNT: Final = "123456789012"
_SESSION_LOCK: Final = threading.Lock()
"""Sessions are not thread-safe, clients are (boto3's guide, "Multithreading")."""


def aws_client(service: str, endpoint: str) -> Any:  # noqa: ANN401 - which client it is depends on the name
    """Make a boto3 client that talks to `endpoint` and to nothing else.

    Credentials are made up; the access key id is what tells MiniStack the account.
    """
    with _SESSION_LOCK:
        return _session().client(
            service,  # type: ignore[call-overload]
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="sandbox",  # noqa: S106 - made up
            config=Config(
                retries={"total_max_attempts": 1},
                max_pool_connections=50,
                s3={"addressing_style": "path"},
            ),
        )


@cache
def _session() -> boto3.session.Session:
    """Keep one session: a new one reads botocore's models again, 50 ms a client instead of 3."""
    return boto3.session.Session()
