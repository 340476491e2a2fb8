import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from handlers.domain.model.errors import NotThere, Refused, Transient
from handlers.gateways.aws_clients import CONFIG, URGENT, aws_errors

SLACK_WAITS = 3
"""Seconds."""


def answered(code, status=400, message="because"):
    response = {"Error": {"Code": code, "Message": message}}
    if status:
        response["ResponseMetadata"] = {"HTTPStatusCode": status}
    return ClientError(response, "Operation")


MEANINGS = {
    "throttled": (answered("ThrottlingException"), Transient),
    "throttled by ELB": (answered("Throttling"), Transient),
    "too many requests": (answered("TooManyRequestsException", 429), Transient),
    "throughput exceeded": (answered("ProvisionedThroughputExceededException"), Transient),
    "ECS's own failure": (answered("ServerException", 500), Transient),
    "DynamoDB's own failure": (answered("InternalServerError", 500), Transient),
    "any answer of 500": (answered("Whatever", 500), Transient),
    "any answer of 503": (answered("Whatever", 503), Transient),
    "not reached": (EndpointConnectionError(endpoint_url="https://ecs"), Transient),
    "connecting took too long": (ConnectTimeoutError(endpoint_url="https://ecs"), Transient),
    "answering took too long": (ReadTimeoutError(endpoint_url="https://ecs"), Transient),
    "no such cluster": (answered("ClusterNotFoundException"), NotThere),
    "no such service": (answered("ServiceNotFoundException"), NotThere),
    "no such image": (answered("ImageNotFoundException"), NotThere),
    "no such repository": (answered("RepositoryNotFoundException"), NotThere),
    "CloudWatch's own failure": (answered("InternalServiceFault", 500), Transient),
    "CloudWatch Logs is away": (answered("ServiceUnavailableException", 503), Transient),
    "no such log stream": (answered("ResourceNotFoundException"), NotThere),
    "no such page": (answered("InvalidNextToken"), Refused),
    "no such target group": (answered("TargetGroupNotFound"), NotThere),
    "not allowed": (answered("AccessDeniedException"), Refused),
    "wrong parameter": (answered("InvalidParameterException"), Refused),
    "an answer without a status": (answered("ValidationException", 0), Refused),
    "no credentials": (NoCredentialsError(), Refused),
    "parameters that do not fit": (ParamValidationError(report="missing"), Refused),
}


@pytest.mark.parametrize(("error", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_each_error_of_aws_has_one_meaning(error, meaning):
    with (
        pytest.raises(Exception, match=r"^update service api-red: ") as raised,
        aws_errors("update service api-red"),
    ):
        raise error

    assert raised.type is meaning
    assert raised.value.__cause__ is error


def test_what_aws_said_is_kept():
    with pytest.raises(Refused) as raised, aws_errors("update service api-red"):
        raise answered("AccessDeniedException", message="not authorized to perform ecs:Update…")

    assert str(raised.value) == (
        "update service api-red: AccessDeniedException: not authorized to perform ecs:Update…"
    )


def test_other_errors_pass_through():
    with pytest.raises(KeyError), aws_errors("update service api-red"):
        raise KeyError("services")


def test_a_connection_is_given_up_before_slack_gives_us_up():
    assert CONFIG.connect_timeout < SLACK_WAITS


def test_an_urgent_call_is_tried_for_over_a_minute_and_given_up_within_two():
    # botocore's standard mode: up to 2^n seconds before attempt n + 2, and never more than 20.
    pauses = [min(2**n, 20) for n in range(URGENT.retries["total_max_attempts"] - 1)]

    assert 60 < sum(pauses) < 120
