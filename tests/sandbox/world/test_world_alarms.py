"""Alarms follow the metrics, minute by minute, and tell EventBridge."""

import json

from tests.support.busy_world import Busy

RED = "web-red-5xx"


def test_every_alarm_of_the_example_is_ok_when_the_world_is_handed_over():
    busy = Busy()

    alarms = busy.world.alarms.by_name

    assert len(alarms) == 6
    assert {alarm.state for alarm in alarms.values()} == {"OK"}
    assert busy.world.take_events() == []


def test_an_alarm_goes_off_when_a_release_fails_and_ends_when_it_is_gone():
    busy = Busy()
    busy.release("web-green", "v1.43.0-worse-on-green")
    busy.later(minutes=12)
    alarm = busy.world.alarms.by_name["web-green-5xx"]
    failing = alarm.state

    busy.release("web-green", "v1.42.0")
    busy.later(minutes=12)

    assert (failing, alarm.state) == ("ALARM", "OK")
    told = [event["detail"]["state"]["value"] for event in busy.events()]
    assert told == ["ALARM", "OK"]


def test_an_event_has_cloudwatchs_shape():
    busy = Busy()
    busy.release("web-green", "v1.43.0-worse-on-green")
    busy.later(minutes=12)

    (event,) = busy.events()

    detail = event["detail"]
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["resources"] == [
        "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:web-green-5xx"
    ]
    assert len(event["id"]) == 36
    assert detail["alarmName"] == "web-green-5xx"
    assert detail["previousState"]["value"] == "OK"
    assert detail["state"]["reason"].startswith(
        "Threshold Crossed: 3 out of the last 3 datapoints ["
    )
    assert detail["state"]["timestamp"].endswith(":00.000+0000")
    data = json.loads(detail["state"]["reasonData"])
    assert data["threshold"] == 5
    assert len(data["recentDatapoints"]) == 3
    metrics = detail["configuration"]["metrics"]
    assert metrics[0]["expression"] == "100 * errors / requests"
    assert metrics[1]["metricStat"] == {
        "metric": {
            "namespace": "Recipes",
            "name": "Errors",
            "dimensions": {"Service": "web-green"},
        },
        "period": 60,
        "stat": "Sum",
    }


def test_it_makes_no_difference_in_how_many_steps_time_passes():
    at_once, in_steps = Busy(), Busy()
    for busy in (at_once, in_steps):
        busy.release("web-green", "v1.43.0-worse-on-green")

    at_once.later(minutes=60)
    for _ in range(60):
        in_steps.later(minutes=1)

    assert at_once.events() == in_steps.events()


def test_a_forced_alarm_stays_as_it_is_until_it_is_let_go():
    busy = Busy()
    alarms = busy.world.alarms

    alarms.force_state(RED)
    busy.later(minutes=10)
    held = alarms.by_name[RED].state
    alarms.release(RED)
    busy.later(minutes=2)

    assert (held, alarms.by_name[RED].state) == ("ALARM", "OK")
    assert [event["detail"]["state"]["value"] for event in busy.events()] == ["ALARM", "OK"]


def test_a_blind_alarm_keeps_its_state():
    busy = Busy()
    busy.world.alarms.set_evaluation_state("web-green-5xx")

    busy.release("web-green", "v1.43.0-worse-on-green")
    busy.later(minutes=12)

    alarm = busy.world.alarms.by_name["web-green-5xx"]
    assert (alarm.state, alarm.evaluation_state) == ("OK", "PARTIAL_DATA")
    assert busy.events() == []


def test_no_requests_are_no_alarm():
    busy = Busy()
    busy.world.traffic.rates["web"] = 0

    busy.later(minutes=30)

    assert busy.world.alarms.by_name[RED].state == "OK"
    assert busy.events() == []


def test_alarms_put_nothing_down_for_later():
    assert Busy().world.next_event_at() is None
