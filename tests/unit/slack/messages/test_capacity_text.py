"""What tasks reserve and use, as people read it."""

from datetime import timedelta

from handlers.domain.capacity.packing import CapacityReport
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.slack.messages.capacity_text import (
    capacity_message,
    capacity_too_slow,
    capacity_unreadable,
    cluster_lines,
    report_lines,
)
from handlers.slack.text_table import columns_of
from tests.support.sized import a_need, a_room, a_use, an_instance

A_PHONE = 60


def a_capacity(**given):
    usual = {
        "application": "api",
        "cluster": "recipes",
        "colors": [a_use("red"), a_use("yellow"), a_use("green", tasks=4)],
        "fargate": False,
        "providers": (),
        "suggested": a_need(512, 1536),
        "why_not": "",
        "measured_for": timedelta(days=14),
        "instances": [an_instance("a", remaining=a_room(2048, 9000)), an_instance("b")],
    }
    return CapacityReport(**(usual | given))


def test_a_row_says_what_is_reserved_and_what_is_used_of_it():
    _, rows, *_ = report_lines(a_capacity())

    heading, red, memory, *_ = rows.splitlines()
    assert heading.split() == ["color", "tasks", "of", "reserved", "p50", "p99", "peak"]
    assert red.split() == ["red", "2", "CPU", "1,024", "205", "410", "614"]
    assert memory.split() == ["memory", "2,048", "410", "819", "1,229"]
    assert max(map(columns_of, rows.splitlines())) < A_PHONE


def test_what_follows_is_said_in_numbers():
    said = report_lines(a_capacity())[2:]

    assert said == [
        "Measured for 14 d of the last 14 d.",
        (
            "Suggested for all colors alike: 512 CPU units and 1,536 MiB (the "
            "busiest color's p99 of CPU and peak of memory, and 25 % more)."
        ),
        (
            "m6i.xlarge (2 in recipes) takes 4 of its tasks now, and 8 then. 8 tasks alone need 2 "
            "m6i.xlarge now and 1 then: 50 % less."
        ),
        "recipes has room for 6 more of its tasks as they are.",
        (
            "Reserved in all: 8,192 CPU units now and 4,096 then (50 % less), 16,384 MiB now and "
            "12,288 then (25 % less)."
        ),
    ]


def test_what_was_measured_for_an_hour_is_not_to_be_relied_on():
    said = "\n".join(report_lines(a_capacity(measured_for=timedelta(hours=1))))

    assert "Measured for 1 h of the last 14 d: do not rest on it before 1 d." in said


def test_what_is_unknown_is_said_and_never_a_number():
    denied = Unmeasured(verdict=Verdict.ERROR, why="CloudWatch could not be asked: <denied>.")
    colors = [a_use("red", cpu=denied, memory=denied), a_use("green", cpu=denied)]
    found = a_capacity(colors=colors, suggested=None, why_not="what red uses is not known")

    _, rows, *said = report_lines(found)

    assert rows.splitlines()[1].split() == ["red", "2", "CPU", "1,024", *["unknown"] * 3]
    assert said[0] == (
        "Unknown (red CPU, red memory, green CPU): CloudWatch could not be asked: &lt;denied&gt;."
    )
    assert "Suggested: nothing, for what red uses is not known." in said
    assert not any("then" in line for line in said)


def test_a_color_that_is_not_there_is_unknown():
    colors = [a_use("red", tasks=0, reserved=None)]

    _, rows, *_ = report_lines(
        a_capacity(colors=colors, suggested=None, why_not="no task is wanted")
    )

    assert rows.splitlines()[1].split() == ["red", "0", "CPU", "unknown"]


def test_cpu_that_is_not_reserved_is_told_as_a_percentage():
    _, rows, *_ = report_lines(a_capacity(colors=[a_use(reserved=a_need(0, 2048))], suggested=None))

    assert rows.splitlines()[1].split()[3:] == ["none", "20", "%", "40", "%", "60", "%"]


def test_where_instances_come_by_themselves_room_is_not_known():
    said = report_lines(a_capacity(providers=["spot"]))

    assert "Whether there is room for more is not known: spot may add instances." in said


def test_fargate_shares_no_instances():
    said = "\n".join(report_lines(a_capacity(fargate=True, instances=[])))

    assert "It runs on Fargate: there are no instances to share." in said
    assert "m6i" not in said


def test_a_task_that_fits_on_none_of_a_type_is_said():
    small = an_instance("a", type="t4g.nano", registered=a_room(512, 400))

    said = "\n".join(report_lines(a_capacity(instances=[small], suggested=None, why_not="…")))

    assert "8 tasks alone need a larger instance than t4g.nano now." in said


def test_all_applications_of_a_cluster_are_packed_together():
    web = a_capacity(application="web", suggested=None, why_not="what red uses is not known")

    said = cluster_lines("recipes", [a_capacity(), web])

    assert said[0] == "recipes: the 16 tasks of api, web together"
    assert said[1] == "16 tasks alone need 4 m6i.xlarge now and 3 then: 25 % less."
    assert said[2] == "As now, for nothing is suggested: web."


def test_what_needs_no_instances_is_not_packed():
    assert cluster_lines("recipes", [a_capacity(fargate=True)]) == []


def test_slack_gets_a_table_that_a_phone_shows():
    large = [a_use("yellow", reserved=a_need(16_384, 122_880), tasks=12), a_use("red")]
    said = capacity_message(a_capacity(colors=large))

    heading, *rows = said.split("```")[1].strip("\n").split("\n")
    assert max(map(columns_of, [heading, *rows])) <= 38
    assert heading.split() == ["color", "holds", "p50", "p99", "peak"]
    assert [row.split() for row in rows[-3:]] == [
        ["red", "x2"],
        ["CPU", "1024", "205", "410", "614"],
        ["memory", "2048", "410", "819", "1229"],
    ]


def test_slack_gets_a_heading_a_table_and_what_the_words_mean():
    said = capacity_message(a_capacity())

    assert said.startswith("*api on recipes: what its tasks reserve and use*\n```\ncolor")
    assert "p50 is the median" in said


def test_what_slack_would_not_wait_for_says_what_waits():
    assert "`make capacity-report APPLICATION=api`" in capacity_too_slow("api")
    assert capacity_unreadable("api", "AccessDenied: <no>").endswith(
        "could not be read: AccessDenied: &lt;no&gt;"
    )
