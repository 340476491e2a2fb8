"""The addresses at which the account answers: what AWS, Slack and its people call."""

import json
import re
from base64 import b64encode
from types import SimpleNamespace

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from operations.local_aws import REGION
from sandbox.host import sandbox as composition
from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.aws.aws_routes import Access, aws_routes
from sandbox.wire.aws.ecr_api import MEDIA_TYPE
from sandbox.wire.fault_injection import WireError
from simulator.stepfunctions.asl_errors import StatesError

ECR = f"https://api.ecr.{REGION}.amazonaws.com"
OK, REFUSED = (SimpleNamespace(status_code=code) for code in (200, 400))
ROUTE = "AWS::ApiGatewayV2::Route"
INTEGRATION = "AWS::ApiGatewayV2::Integration"


def routes_of(account):
    """Serve what the sandbox serves, Step Functions, and the HTTP API of the template."""

    def tick():
        """Time passes elsewhere."""

    return [
        *composition._routes(account, SimpleNamespace(tick=tick)),
        *aws_routes(
            "/machine",
            JsonProtocol("1.0"),
            lambda operation, asked: _states(account.machine, operation, asked),
            Access(lock=account.lock, tick=tick),
        ),
        *[_route(account, route) for route in account.template.of_type(ROUTE).values()],
    ]


def asked_of_moto(address, body, headers):
    """Answer a call of ECR by moto, which patches boto3 and not the way to MiniStack."""
    operation = headers["x-amz-target"].rpartition(".")[2]
    try:
        answer = boto3.client("ecr", endpoint_url=ECR)._make_api_call(operation, json.loads(body))
    except ClientError as error:
        said = {"__type": error.response["Error"]["Code"], "message": str(error)}
        return Response(json.dumps(said), 400, media_type=MEDIA_TYPE)
    text = json.dumps(answer, default=lambda moment: moment.timestamp())
    return Response(text, media_type=MEDIA_TYPE)


def answers_of(dynamodb):
    """Answer calls of DynamoDB by one in memory: moto spends half of a story's time on them."""

    def answered(model, params, **_):
        asked = json.loads(params["body"])
        try:
            return OK, getattr(dynamodb, xform_name(model.name))(**asked)
        except ClientError as error:
            return REFUSED, error.response

    return answered


def _states(machine, operation, asked):
    """Answer Step Functions' calls by its double."""
    calls = {
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


def _route(account, route):
    """Serve one route of the template's HTTP API by its function."""
    method, path = route["RouteKey"].split(" ")
    integration = re.search(r"\w+(?=}$)", route["Target"]["Fn::Sub"])[0]
    uri = account.template.of_type(INTEGRATION)[integration]["IntegrationUri"]
    function = uri["Fn::GetAtt"][0]
    signed = route.get("AuthorizationType") == "AWS_IAM"

    async def answer(request):
        body = await request.body()
        context = {"http": {"method": method, "path": request.url.path}}
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


def _caller(authorization):
    """Say whose access key signed a request, as the API's authorizer does."""
    key = re.search(r"Credential=([^/]+)/", authorization)[1]
    sts = boto3.client("sts", aws_access_key_id=key, aws_secret_access_key="unused")
    return sts.get_caller_identity()["Arn"]
