"""The published rates of AWS and Slack, as buckets on a clock that the test turns."""

from dataclasses import dataclass

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.host.loopback_server import address, loopback_socket, running_server
from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.aws.aws_rates import ECS_RATES, STATES_RATES, AwsRates
from sandbox.wire.aws.aws_routes import Access, aws_routes
from sandbox.wire.aws.step_functions_api import states_routes
from sandbox.wire.ecs.ecs_api import OPERATIONS
from sandbox.wire.fault_injection import CallInterceptor, WireError
from sandbox.wire.token_buckets import Bucket, Rate


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self):
        return self.now


def ask(rates, operation, times):
    """Ask so often at once; count what is refused."""
    refused = 0
    for _ in range(times):
        try:
            rates.admit(operation, {})
        except WireError as error:
            refused += error.code == "ThrottlingException"
    return refused


def test_a_bucket_lets_a_burst_through_and_then_as_many_as_flow_back():
    bucket = Bucket(Rate(burst=3, per_second=2), at=0)

    assert [bucket.take(0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert [bucket.take(1) for _ in range(3)] == [0, 0, 0.5]
    assert (bucket.taken, bucket.refused, bucket.lowest, bucket.peak) == (5, 2, 0, 4)


def test_a_bucket_never_holds_more_than_its_burst():
    bucket = Bucket(Rate(burst=3, per_second=2), at=0)

    assert [bucket.take(3600) > 0 for _ in range(4)] == [False, False, False, True]


def test_a_clock_that_goes_back_gives_nothing():
    bucket = Bucket(Rate(burst=1, per_second=1), at=10)
    bucket.take(10)

    assert bucket.take(5) == 1
    assert bucket.take(10) == 1


@pytest.mark.parametrize(
    ("operation", "burst", "a_second"),
    [
        ("UpdateService", 50, 5),
        ("DescribeServices", 100, 20),
        ("ListServiceDeployments", 50, 20),
        ("RegisterTaskDefinition", 20, 1),
        ("DescribeTaskDefinition", 50, 20),
        ("DescribeTasks", 100, 20),
    ],
)
def test_ecs_is_as_patient_as_its_guide_says(operation, burst, a_second):
    clock = Clock()
    rates = AwsRates(ECS_RATES, clock, Clock())

    assert ask(rates, operation, burst + 1) == 1
    clock.now += 1
    assert ask(rates, operation, a_second + 1) == 1


def test_operations_of_one_bucket_share_it():
    rates = AwsRates(ECS_RATES, Clock(), Clock())

    assert ask(rates, "ListTasks", 60) == 0
    assert ask(rates, "DescribeTasks", 60) == 20


def test_what_has_no_published_rate_passes():
    assert ask(AwsRates(ECS_RATES, Clock(), Clock()), "DescribeClusters", 500) == 0


def test_every_operation_with_a_rate_is_one_that_the_sandbox_knows():
    named = {operation for _, operations in ECS_RATES.values() for operation in operations}

    assert named <= set(OPERATIONS)


def test_the_same_calls_are_counted_by_the_other_clock_too_and_refused_by_neither_for_it():
    enforced, observed = Clock(), Clock()
    rates = AwsRates(STATES_RATES, enforced, observed)
    for _ in range(300):
        enforced.now += 60
        rates.admit("DescribeExecution", {})

    one = rates.buckets["DescribeExecution"]
    assert (one.enforced.refused, one.enforced.lowest) == (0, 249)
    assert (one.observed.refused, one.observed.lowest) == (50, 0)


@pytest.fixture
def served():
    """Serve Step Functions through the counting route, answered by a stand-in behind it."""
    interceptor = CallInterceptor()
    behind, before = loopback_socket(), loopback_socket()

    def answer(operation, parameters):
        return {"status": "RUNNING", "executionArn": parameters["executionArn"]}

    with (
        running_server(aws_routes("/aws", JsonProtocol("1.0"), answer, Access()), behind),
        running_server(states_routes(f"{address(behind)}/aws", interceptor), before),
    ):
        yield interceptor, f"{address(before)}/states"


def client(endpoint, attempts):
    return boto3.client(
        "stepfunctions",
        endpoint_url=endpoint,
        region_name="ap-northeast-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


EXECUTION = "arn:aws:states:ap-northeast-1:123456789012:execution:rollout:one"


def test_step_functions_is_counted_and_passed_on(served):
    interceptor, endpoint = served

    assert client(endpoint, 1).describe_execution(executionArn=EXECUTION)["status"] == "RUNNING"
    assert interceptor.calls == {"DescribeExecution": 1}


def test_beyond_its_rate_boto3_meets_a_throttling_that_it_takes_up_again(served):
    interceptor, endpoint = served
    clock = Clock()
    rates = AwsRates(STATES_RATES, clock, Clock())
    assert ask(rates, "DescribeExecution", 250) == 0

    def admit(operation, parameters):
        try:
            rates.admit(operation, parameters)
        finally:
            clock.now += 1

    interceptor.before = admit

    with pytest.raises(ClientError, match="ThrottlingException"):
        client(endpoint, 1).describe_execution(executionArn=EXECUTION)
    assert ask(rates, "DescribeExecution", 10) == 0
    assert client(endpoint, 4).describe_execution(executionArn=EXECUTION)["status"] == "RUNNING"
    assert interceptor.calls == {"DescribeExecution": 3}
