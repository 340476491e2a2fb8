"""The addresses at which the account answers: what AWS, Slack and its people call."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from operations.local_aws import REGION
from sandbox.host import running_sandbox as composition
from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.aws.aws_routes import Access, aws_routes
from sandbox.wire.aws.ecr_api import MEDIA_TYPE
from sandbox.wire.fault_injection import WireError
from simulator.in_memory_dynamodb import InMemoryDynamoDb
from simulator.stepfunctions.asl_errors import StatesError
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.iam.account import Account

ECR = f"https://api.ecr.{REGION}.amazonaws.com"
OK, REFUSED = (SimpleNamespace(status_code=code) for code in (200, 400))
ROUTE = "AWS::ApiGatewayV2::Route"
INTEGRATION = "AWS::ApiGatewayV2::Integration"


def routes_of(account: Account) -> list[BaseRoute]:
    """Serve what the sandbox serves, Step Functions, and the HTTP API of the template."""

    def tick() -> None:
        """Time passes elsewhere."""

    heart: Any = SimpleNamespace(tick=tick)
    return [
        *composition._routes(account, heart),
        *aws_routes(
            "/machine",
            JsonProtocol("1.0"),
            lambda operation, asked: _states(account.machine, operation, asked),
            Access(lock=account.lock, tick=tick),
        ),
        *[_route(account, route) for route in account.template.of_type(ROUTE).values()],
    ]


def asked_of_moto(address: str, body: bytes, headers: Mapping[str, str]) -> Response:
    """Answer a call of ECR by moto, which patches boto3 and not the way to MiniStack."""
    operation = headers["x-amz-target"].rpartition(".")[2]
    try:
        ecr: Any = boto3.client("ecr", endpoint_url=ECR)
        answer = ecr._make_api_call(operation, json.loads(body))
    except ClientError as error:
        said = {"__type": error.response["Error"]["Code"], "message": str(error)}
        return Response(json.dumps(said), 400, media_type=MEDIA_TYPE)
    text = json.dumps(answer, default=lambda moment: moment.timestamp())
    return Response(text, media_type=MEDIA_TYPE)


def answers_of(dynamodb: InMemoryDynamoDb) -> Callable[..., Any]:
    """Answer calls of DynamoDB by one in memory: moto spends half of a story's time on them."""

    def answered(model: Any, params: Mapping[str, Any], **_: Any) -> tuple[SimpleNamespace, Any]:
        asked = json.loads(params["body"])
        try:
            return OK, getattr(dynamodb, xform_name(model.name))(**asked)
        except ClientError as error:
            return REFUSED, error.response

    return answered


def _states(machine: StepFunctions, operation: str, asked: Mapping[str, Any]) -> Any:
    """Answer Step Functions' calls by its double."""
    calls: dict[str, Callable[[], Any]] = {
        "StartExecution": lambda: machine.start_execution(name=asked["name"], input=asked["input"]),
        "DescribeExecution": lambda: machine.describe_execution(arn=asked["executionArn"]),
        "ListExecutions": lambda: {
            "executions": [
                machine.describe_execution(arn=arn) | {"executionArn": arn}
                for arn in machine._executions
            ]
        },
        "GetExecutionHistory": lambda: machine.get_execution_history(arn=asked["executionArn"]),
        "StopExecution": lambda: machine.stop_execution(
            arn=asked["executionArn"], cause=asked.get("cause")
        ),
        "SendTaskSuccess": lambda: machine.send_task_success(
            token=asked["taskToken"], output=asked["output"]
        ),
    }
    try:
        answer = calls[operation]() or {}
    except StatesError as error:
        raise WireError(error.code, str(error)) from error
    return json.loads(json.dumps(answer, default=lambda moment: moment.timestamp()))


def _route(account: Account, route: Mapping[str, Any]) -> Route:
    """Serve one route of the template's HTTP API by its function."""
    method, path = route["RouteKey"].split(" ")
    integration: Any = re.search(r"\w+(?=}$)", route["Target"]["Fn::Sub"])
    uri = account.template.of_type(INTEGRATION)[integration[0]]["IntegrationUri"]
    function = uri["Fn::GetAtt"][0]
    signed = route.get("AuthorizationType") == "AWS_IAM"

    async def answer(request: Request) -> Response:
        body = await request.body()
        context: dict[str, Any] = {"http": {"method": method, "path": request.url.path}}
        if signed:
            arn = await run_in_threadpool(_caller, request.headers["authorization"])
            context["authorizer"] = {"iam": {"userArn": arn}}
        event = {
            "rawPath": request.url.path,
            "headers": dict(request.headers),
            "pathParameters": request.path_params,
            "requestContext": context,
            "body": b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        said = await run_in_threadpool(account.call, function, event)
        return Response(said.get("body", ""), said["statusCode"], said.get("headers"))

    return Route(path, answer, methods=[method])


def _caller(authorization: str) -> str:
    """Say whose access key signed a request, as the API's authorizer does."""
    key: Any = re.search(r"Credential=([^/]+)/", authorization)
    sts = boto3.client("sts", aws_access_key_id=key[1], aws_secret_access_key="unused")
    arn: str = sts.get_caller_identity()["Arn"]
    return arn
