"""The events that ECS sends to EventBridge."""

from tests.support.world_stage import Stage


def test_an_event_has_the_whole_envelope():
    stage = Stage()
    ours = stage.release("good")
    stage.later(seconds=1)

    event = stage.world.take_events()[0]

    assert len(event.pop("id")) == 36
    assert event == {
        "version": "0",
        "detail-type": "ECS Deployment State Change",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-11-23T09:10:01Z",
        "region": "ap-northeast-1",
        "resources": ["arn:aws:ecs:ap-northeast-1:123456789012:service/recipes/shop"],
        "detail": {
            "eventType": "INFO",
            "eventName": "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "deploymentId": ours.id,
            "updatedAt": "2026-11-23T09:10:01.000Z",
            "reason": f"ECS deployment {ours.id} in progress.",
        },
    }


def test_a_good_release_is_told_twice():
    stage = Stage()
    ours = stage.release("good")
    stage.later(minutes=5)

    told = [(item["eventName"], item["deploymentId"]) for item in stage.events()]

    assert told == [
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", ours.id),
        ("SERVICE_DEPLOYMENT_COMPLETED", ours.id),
    ]


def test_a_rollback_is_told_as_a_failure_and_then_as_a_completion_of_another_id():
    stage = Stage()
    before, ours = stage.service.primary, stage.release("crash")
    stage.later(minutes=10)

    events = stage.events()

    rollback = stage.service.primary.id
    assert [(item["eventName"], item["deploymentId"]) for item in events] == [
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", ours.id),
        ("SERVICE_DEPLOYMENT_FAILED", ours.id),
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", rollback),
        ("SERVICE_DEPLOYMENT_COMPLETED", rollback),
    ]
    assert events[1]["eventType"] == "ERROR"
    assert events[1]["reason"] == "ECS deployment circuit breaker: tasks failed to start."
    assert events[2]["reason"] == (
        f"ECS deployment circuit breaker: rolling back to deploymentId {before.id}."
    )


def test_an_overtaken_deployment_is_never_told_to_have_ended():
    stage = Stage()
    ours = stage.release("slow")
    stage.later(seconds=30)
    stage.release("good")
    stage.later(minutes=10)

    names = [item["eventName"] for item in stage.events() if item["deploymentId"] == ours.id]

    assert names == ["SERVICE_DEPLOYMENT_IN_PROGRESS"]


def test_events_are_taken_once():
    stage = Stage()
    stage.release("good")
    stage.later(minutes=5)

    stage.world.take_events()

    assert stage.world.take_events() == []
