"""CloudWatch through botocore's stub, which holds our parameters and answers against its model."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from handlers.domain.model.measurements import Points, Query, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.gateways.cloudwatch import MOST_PAGES, Metrics

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
END = START + 5 * MINUTE
ERRORS = Query(
    namespace="Recipes", metric="Errors", statistic="Sum", dimensions={"Service": "api-red"}
)
WHAT = "Errors (Sum) of Recipes, Service=api-red"
MATH = Query(expression="100 * e / r")


@pytest.fixture
def metrics(stubbed):
    client, stub = stubbed("cloudwatch")
    gateway = Metrics(client)
    gateway.answers = stub
    return gateway


def result(*values, of="q0", first=0, status="Complete", **more):
    return {
        "Id": of,
        "Label": "Errors",
        "Timestamps": [START + (first + number) * MINUTE for number in range(len(values))],
        "Values": list(values),
        **({"StatusCode": status} if status else {}),
        **more,
    }


def answer(metrics, *results, token="", said=(), asked=None):
    page = {"MetricDataResults": list(results)}
    page |= {"NextToken": token} if token else {}
    page |= {"Messages": [{"Code": code, "Value": value} for code, value in said]}
    metrics.answers.add_response("get_metric_data", page, asked)


def question(*queries, **more):
    query = {"Id": "q0", "ReturnData": True, "Expression": "100 * e / r", "Period": 60}
    return {
        "MetricDataQueries": list(queries) or [query],
        "StartTime": START,
        "EndTime": END,
        "ScanBy": "TimestampAscending",
        **more,
    }


def one(metrics, query=ERRORS, start=START, end=END):
    return metrics.series({"errors": query}, start, end, MINUTE)["errors"]


def test_a_metric_is_measured_period_by_period(metrics):
    answer(metrics, result(1.0, 0.0, 3.0))

    assert one(metrics) == Points(values={START: 1.0, START + MINUTE: 0.0, START + 2 * MINUTE: 3.0})


def test_metrics_and_expressions_are_asked_for_in_one_call(metrics):
    dimensions = [{"Name": "Service", "Value": "api-red"}]
    metric = {"Namespace": "Recipes", "MetricName": "Errors", "Dimensions": dimensions}
    asked = question(
        {
            "Id": "q0",
            "ReturnData": True,
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
        },
        {"Id": "q1", "ReturnData": True, "Expression": "100 * e / r", "Period": 60},
    )
    answer(metrics, result(2.0, of="q1"), result(1.0), asked=asked)

    found = metrics.series({"red: errors!": ERRORS, "share": MATH}, START, END, MINUTE)

    assert found == {
        "red: errors!": Points(values={START: 1.0}),
        "share": Points(values={START: 2.0}),
    }


def test_the_period_that_is_still_filling_is_not_asked_for(metrics):
    answer(metrics, result(1.0, 1.0, 1.0, 1.0, 1.0, 9.0, first=-1))

    found = one(metrics, start=START + timedelta(seconds=40), end=END - timedelta(seconds=20))

    assert list(found.values) == [START + number * MINUTE for number in range(4)]


def test_both_times_are_put_down_to_whole_periods(metrics):
    answer(metrics, result(1.0), asked=question())

    one(metrics, MATH, start=START + timedelta(seconds=40), end=END + timedelta(seconds=20))


def test_a_value_of_another_grid_counts_where_its_whole_period_is_inside(metrics):
    shifted = [START + timedelta(seconds=30) + number * MINUTE for number in range(-1, 5)]
    answer(metrics, result(1.0, 1.0, 1.0, 1.0, 1.0, 1.0) | {"Timestamps": shifted})

    assert list(one(metrics).values) == shifted[1:5]


def test_before_a_period_is_complete_nothing_is_asked(metrics):
    found = one(metrics, end=START + timedelta(seconds=59))

    assert found == Unmeasured(verdict=Verdict.NO_DATA, why="No period is complete yet.")


def test_no_queries_ask_nothing(metrics):
    assert metrics.series({}, START, END, MINUTE) == {}


def test_what_is_no_number_is_not_measured(metrics):
    answer(metrics, result(1.0, math.nan, math.inf, -math.inf, 5.0))

    assert one(metrics) == Points(values={START: 1.0, START + 4 * MINUTE: 5.0})


def test_nothing_but_no_numbers_is_no_data(metrics):
    answer(metrics, result(math.nan))

    assert one(metrics).verdict is Verdict.NO_DATA


def test_the_values_of_several_pages_are_one_series(metrics):
    answer(metrics, result(1.0, 2.0, status="PartialData"), token="more")
    answer(metrics, result(3.0, first=2, status="PartialData"), token="still more")
    answer(metrics, result(4.0, 5.0, first=3))

    assert list(one(metrics).values.values()) == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_the_next_page_is_asked_for_with_the_same_question(metrics):
    answer(metrics, token="more", asked=question())
    answer(metrics, result(1.0), asked=question(NextToken="more"))

    assert one(metrics, MATH) == Points(values={START: 1.0})


def test_a_value_that_two_pages_have_counts_once(metrics):
    answer(metrics, result(1.0, 2.0, status="PartialData"), token="more")
    answer(metrics, result(2.0, 3.0, first=1))

    assert list(one(metrics).values.values()) == [1.0, 2.0, 3.0]


NOT_MEASURED = {
    "no values": (result(), Verdict.NO_DATA, f"no values of {WHAT}: 04:00:00 to 04:05:00 UTC."),
    "only values of other times": (result(1.0, first=9), Verdict.NO_DATA, "no values of"),
    "partial": (
        result(1.0, status="PartialData"),
        Verdict.NO_DATA,
        f"no values of {WHAT}: its answer is partial.",
    ),
    "an internal error": (
        result(1.0, status="InternalError"),
        Verdict.ERROR,
        f"could not read {WHAT}: InternalError.",
    ),
    "forbidden": (
        result(1.0, status="Forbidden"),
        Verdict.ERROR,
        f"could not read {WHAT}: Forbidden",
    ),
    "a status that is not known": (
        result(1.0, status="Rewritten"),
        Verdict.ERROR,
        f"could not read {WHAT}: Rewritten",
    ),
    "no status": (result(1.0, status=None), Verdict.ERROR, f"could not read {WHAT}: missing"),
    "another query's values": (result(1.0, of="q1"), Verdict.ERROR, f"leaves out {WHAT}"),
    "times that fit no values": (
        result(1.0) | {"Values": [1.0, 2.0]},
        Verdict.ERROR,
        "takes one series",
    ),
}


@pytest.mark.parametrize(
    ("given", "verdict", "why"),
    NOT_MEASURED.values(),
    ids=NOT_MEASURED,
)
def test_what_is_not_complete_is_not_measured(metrics, given, verdict, why):
    answer(metrics, given)

    found = one(metrics)

    assert isinstance(found, Unmeasured)
    assert found.verdict is verdict
    assert why in found.why


PAGES = {
    "an internal error, then complete": ("InternalError", "Complete", True),
    "partial, then an internal error": ("PartialData", "InternalError", False),
    "partial, then forbidden": ("PartialData", "Forbidden", False),
    "partial twice": ("PartialData", "PartialData", False),
    "forbidden, then complete": ("Forbidden", "Complete", False),
    "not known, then complete": ("Rewritten", "Complete", False),
    "complete, then partial": ("Complete", "PartialData", False),
    "complete twice": ("Complete", "Complete", True),
}


@pytest.mark.parametrize(("first", "last", "is_measured"), PAGES.values(), ids=PAGES)
def test_the_last_page_has_the_word_but_cannot_cure_everything(metrics, first, last, is_measured):
    answer(metrics, result(1.0, status=first), token="more")
    answer(metrics, result(2.0, first=1, status=last))

    assert isinstance(one(metrics), Points) is is_measured


def test_what_was_complete_need_not_be_on_later_pages(metrics):
    answer(metrics, result(1.0), result(of="q1", status="PartialData"), token="more")
    answer(metrics, result(2.0, of="q1"))

    found = metrics.series({"errors": ERRORS, "share": MATH}, START, END, MINUTE)

    assert found == {"errors": Points(values={START: 1.0}), "share": Points(values={START: 2.0})}


def test_pages_are_bounded(metrics):
    for _ in range(MOST_PAGES):
        answer(metrics, result(1.0, status="PartialData"), token="more")

    assert one(metrics).verdict is Verdict.NO_DATA


def test_what_cloudwatch_says_is_quoted(metrics):
    messages = [{"Code": "ArithmeticError", "Value": "Division by zero."}]
    answer(metrics, result(Messages=messages), said=[("Limit", "Maximum of metrics exceeded")])

    why = one(metrics).why

    assert "(ArithmeticError: Division by zero.)" in why
    assert "(Limit: Maximum of metrics exceeded)" in why


SEVERAL = {
    "on one page": [[result(1.0), result(1.0)]],
    "on two pages": [[result(1.0)], [result(2.0, first=1, Label="other")]],
    "of one name": [[result(1.0)], [result(2.0)]],
}


@pytest.mark.parametrize("pages", SEVERAL.values(), ids=SEVERAL)
def test_several_series_are_not_mixed_into_one(metrics, pages):
    for page in pages:
        answer(metrics, *page, token="more" if page is not pages[-1] else "")

    found = one(metrics, MATH)

    assert (found.verdict, found.why) == (
        Verdict.ERROR,
        "It takes one series, and CloudWatch has several of 100 * e / r.",
    )


def test_a_long_expression_is_quoted_in_part(metrics):
    answer(metrics, result())

    assert f"{'x' * 100}…:" in one(metrics, Query(expression="x" * 999)).why


def test_five_hundred_queries_go_into_one_call(metrics):
    answer(metrics, *(result(1.0, of=f"q{number}") for number in range(500)))
    answer(metrics, result(2.0))

    found = metrics.series({f"m{number}": MATH for number in range(501)}, START, END, MINUTE)

    assert list(found) == [f"m{number}" for number in range(501)]
    assert found["m499"] == Points(values={START: 1.0})
    assert found["m500"] == Points(values={START: 2.0})


def test_a_call_that_fails_measures_nothing_and_hides_no_other(metrics):
    metrics.answers.add_client_error("get_metric_data", "ThrottlingException", "Rate exceeded")
    answer(metrics, result(2.0))

    found = metrics.series({f"m{number}": MATH for number in range(501)}, START, END, MINUTE)

    assert found["m0"] == found["m499"]
    assert found["m0"] == Unmeasured(
        verdict=Verdict.ERROR,
        why="CloudWatch could not be asked: get metric data: ThrottlingException: Rate exceeded.",
    )
    assert found["m500"] == Points(values={START: 2.0})


FAILURES = ["AccessDenied", "ValidationError", "InvalidNextToken", "InternalServiceFault"]


@pytest.mark.parametrize("code", FAILURES)
def test_no_failure_of_a_later_page_leaves_half_a_series(metrics, code):
    answer(metrics, result(1.0), token="more")
    metrics.answers.add_client_error("get_metric_data", code)

    assert one(metrics).verdict is Verdict.ERROR


class Unreachable:
    def get_metric_data(self, **_):
        raise EndpointConnectionError(endpoint_url="https://monitoring")


def test_cloudwatch_not_being_reached_is_an_error():
    found = Metrics(Unreachable()).series({"errors": ERRORS}, START, END, MINUTE)

    assert found["errors"].verdict is Verdict.ERROR


def test_a_query_that_cannot_be_asked_is_an_error(metrics):
    assert one(metrics, Query(namespace="Recipes", metric="")).verdict is Verdict.ERROR
