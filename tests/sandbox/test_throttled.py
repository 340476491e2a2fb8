"""Two hundred rollouts that want the same of ECS in the same second, at its published rates."""

import heapq
import json
import random

import pytest

from handlers.gateways.aws_clients import CONFIG
from operations.artifacts import DEFINITION
from sandbox.wire.aws.aws_rates import ECS_RATES
from sandbox.wire.token_buckets import Bucket

MACHINE = json.loads(DEFINITION.read_text())
AT_ONCE = 200
LONGEST_BACK_OFF = 20
"""Seconds, of boto3's standard mode."""


def given_up(rate, retrier, seed):
    """Let each call until it is let through; count those whose machine gives up.

    As boto3 and Step Functions do: a few attempts inside one invocation, each after a random part
    of a pause that doubles; then the machine invokes anew after a pause of its own.
    """
    chance, bucket = random.Random(seed), Bucket(rate, at=0)  # noqa: S311
    quick = CONFIG.retries["total_max_attempts"]
    calls = [(chance.random(), number, 0, 1) for number in range(AT_ONCE)]
    heapq.heapify(calls)
    lost = 0
    while calls:
        now, number, invocation, attempt = heapq.heappop(calls)
        if not bucket.take(now):
            continue
        if attempt < quick:
            pause = chance.random() * min(2 ** (attempt - 1), LONGEST_BACK_OFF)
            heapq.heappush(calls, (now + pause, number, invocation, attempt + 1))
        elif invocation < retrier["MaxAttempts"]:
            pause = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** invocation
            heapq.heappush(calls, (now + pause, number, invocation + 1, 1))
        else:
            lost += 1
    return lost


@pytest.mark.parametrize("bucket", ECS_RATES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_at_once_are_all_let_through_in_the_end(bucket, seed):
    (retrier,) = MACHINE["States"]["Deploy red"]["Retry"]
    rate, _ = ECS_RATES[bucket]

    assert "Transient" in retrier["ErrorEquals"]
    assert given_up(rate, retrier, seed) == 0


def test_half_a_minute_of_new_attempts_would_lose_most_of_them():
    rate, _ = ECS_RATES["RegisterTaskDefinition"]

    brief = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 4}
    assert given_up(rate, brief, seed=1) > AT_ONCE / 2
