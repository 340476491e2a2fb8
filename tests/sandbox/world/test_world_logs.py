"""What tasks log: their errors one by one, and some of the rest."""

import pytest

from tests.support.busy_world import Busy


def logged(busy, group="/ecs/web", minutes=10, color="red"):
    """Return the lines of each stream of a color."""
    until = busy.world.seconds
    return {
        stream: sorted(
            busy.world.logs.lines(task, stream, until - 60 * minutes, until),
            key=lambda line: line.at,
        )
        for stream, task in busy.world.logs.groups()[group].items()
        if task.service.name.endswith(color)
    }


def messages(busy, **which):
    return [line.message for lines in logged(busy, **which).values() for line in lines]


def test_a_task_has_a_stream_of_its_own_as_its_task_definition_says():
    busy = Busy()
    (task,) = busy.service("web-red").active_tasks()

    (stream,) = logged(busy)

    assert stream == f"app/app/{task.id}"
    assert set(busy.world.logs.groups()) == {"/ecs/web", "/ecs/api"}


def test_every_error_that_was_counted_is_logged():
    busy = Busy()
    busy.later(minutes=1, seconds=50)

    counted = sum(minute.errors for minute in busy.recent("web-green", 9))

    until = busy.world.seconds // 60 * 60
    lines = [
        line
        for stream, task in busy.world.logs.groups()["/ecs/web"].items()
        for line in busy.world.logs.lines(task, stream, until - 540, until)
        if task.service.name == "web-green" and line.message.startswith("ERROR")
    ]
    assert counted == len(lines) > 0


def test_a_bad_release_logs_something_new_beside_the_usual():
    busy = Busy()
    before = messages(busy, minutes=60)
    busy.release("web-red", "v1.43.0-errors-on-red")
    busy.later(minutes=14)

    after = messages(busy)

    assert not any("Checkout failed" in line for line in before)
    new = sum("Checkout failed: timeout after 3" in line for line in after)
    usual = sum("Upstream timeout" in line for line in after)
    assert new > 100
    assert new / usual == pytest.approx(14, rel=0.3)


def test_there_are_only_a_few_ordinary_lines():
    busy = Busy()

    ordinary = [line for line in messages(busy) if line.startswith("INFO GET")]

    assert 20 <= len(ordinary) <= 30


def test_lines_are_found_only_some_time_after_they_were_written():
    busy = Busy()
    busy.later(seconds=30)

    newest = max(line.at for lines in logged(busy).values() for line in lines)

    assert busy.world.seconds - newest > 60


def test_lines_are_the_same_whenever_they_are_asked_for():
    busy, asked = Busy(), Busy()
    messages(asked)

    for one in (busy, asked):
        one.later(minutes=5)

    assert logged(busy) == logged(asked)


@pytest.mark.parametrize("options", [None, {"logDriver": "fluentd", "options": {}}])
def test_what_is_not_sent_to_cloudwatch_is_not_there(options):
    busy = Busy(alarms=False)
    service = busy.service("web-red")
    (container,) = service.primary.task_definition.content["containerDefinitions"]
    container["logConfiguration"] = options

    assert "/ecs/web" not in busy.world.logs.groups()
