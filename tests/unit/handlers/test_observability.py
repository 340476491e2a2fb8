import json
from types import SimpleNamespace

import pytest

from handlers.observability import about, count, logger, observed, traced
from tests.support.builders import a_rollout


def lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_what_is_logged_is_keyed_by_rollout_application_and_color(log):
    def handler(_):
        about(a_rollout(), "red")
        logger().info("looked")

    observed(handler)({}, SimpleNamespace(aws_request_id="request-1"))

    (line,) = lines(log)
    assert (line["rollout"], line["application"], line["color"]) == ("api-v1.42.0-1", "api", "red")
    assert (line["function_request_id"], line["service"]) == ("request-1", "shingo")


def test_one_invocation_leaves_no_keys_to_the_next(log):
    observed(lambda _: about(a_rollout(), "red"))({}, None)

    observed(lambda _: logger().info("another"))({}, None)

    assert not {"rollout", "application", "color"} & set(lines(log)[-1])


@pytest.mark.parametrize("wrapped", [observed, traced])
def test_a_failure_is_logged_and_raised_for_the_machine_to_see(log, wrapped):
    def handler(_):
        raise KeyError("color")

    with pytest.raises(KeyError):
        wrapped(handler)({}, None)

    assert (lines(log)[-1]["level"], lines(log)[-1]["error"]) == ("ERROR", "KeyError")


@pytest.mark.parametrize("wrapped", [observed, traced])
def test_what_the_handler_answers_is_answered(wrapped):
    assert wrapped(lambda event: {"heard": event})({"a": 1}, None) == {"heard": {"a": 1}}


def test_a_metric_is_written_in_cloudwatchs_embedded_format(metrics):
    count("RolloutDuration", 12.5, "Seconds", application="api")

    (metric,) = metrics("RolloutDuration")
    declared = metric["_aws"]["CloudWatchMetrics"][0]
    assert declared["Namespace"] == "Shingo"
    assert declared["Metrics"] == [{"Name": "RolloutDuration", "Unit": "Seconds"}]
    assert (metric["RolloutDuration"], metric["application"]) == ([12.5], "api")
