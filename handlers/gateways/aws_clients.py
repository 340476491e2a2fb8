"""What every AWS gateway shares: how a client is made, and what its errors mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  (botocore's own name for it)
    HTTPClientError,
)

from handlers.domain.model.errors import NotThere, Refused, Transient

CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
)
"""Seconds. `standard` retries throttling, 5xx and lost connections, with jittered back-off
(https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html)."""

QUICK: Final = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 2},
)
"""Seconds, where somebody waits for Slack's three."""

URGENT: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 8},
)
"""Seconds, where two minutes are all there is: the pauses between eight attempts, of up to 20 s,
add up to 35 s on average and 71 s at most."""

_TRANSIENT: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "RequestThrottled",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InternalServiceFault",
        "RequestTimeout",
        "RequestTimeoutException",
    }
)
_NOT_THERE: Final = frozenset(
    {
        "ClusterNotFoundException",
        "ServiceNotFoundException",
        "ServiceNotActiveException",
        "TargetGroupNotFound",
        "RepositoryNotFoundException",
        "ImageNotFoundException",
        "ExecutionDoesNotExist",
        "ParameterNotFound",
        "ResourceNotFoundException",
        "InvalidSpotFleetRequestId.NotFound",
        "InvalidFleetId.NotFound",
    }
)
_SERVER_ERROR: Final = 500


def client(service: str, config: Config = CONFIG) -> Any:  # noqa: ANN401  (gateways annotate it)
    """Make a client for one service; its region and credentials are the function's own."""
    return boto3.client(service, config=config)  # type: ignore[call-overload]


@contextmanager
def aws_errors(what: str) -> Iterator[None]:
    """Turn botocore's errors into ours, naming what was being done.

    Raises:
        Transient: throttled, unavailable or not reached; a retry can cure it.
        NotThere: what the call was about does not exist.
        Refused: any other answer.
    """
    try:
        yield
    except ClientError as error:
        raise _translated(error, what) from error
    except (ConnectionError, HTTPClientError) as error:
        raise Transient(f"{what}: {error}") from error
    except BotoCoreError as error:
        raise Refused(f"{what}: {error}") from error


def _translated(error: ClientError, what: str) -> Transient | Refused:
    code = error.response["Error"].get("Code", "")
    message = f"{what}: {code}: {error.response['Error'].get('Message', '')}"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _TRANSIENT or status >= _SERVER_ERROR:
        return Transient(message)
    return NotThere(message) if code in _NOT_THERE else Refused(message)
