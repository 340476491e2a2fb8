"""Whether a rollout may start: what was read decides, and every end is a value."""

import pytest

from handlers.domain.admission.release_images import ImagesVetted
from handlers.domain.admission.start_decision import (
    MustWait,
    StartRefused,
    awaited,
    colors_at_start,
    images_decision,
    to_put_back,
    turn_decision,
)
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.prerequisite import Awaits
from handlers.domain.model.rollout import Stage
from tests.support.builders import (
    NEW,
    NOW,
    OLD,
    OTHER,
    a_color,
    a_deployment,
    a_lock,
    a_release,
    a_rollout,
    a_service,
    after,
    an_application,
    an_awaited,
)

OURS, THEIRS = a_rollout(), a_lock("api-1")


def test_who_has_the_application_goes_on():
    assert turn_decision(OURS, a_lock(OURS.id)) is None


def test_a_person_is_refused_and_a_push_waits_while_another_has_it():
    refused = turn_decision(OURS, THEIRS)

    assert refused == StartRefused(
        outcome=RolloutOutcome.BUSY, cause="api is being rolled out by api-1."
    )
    pushed = a_rollout(is_by_push=True)
    assert turn_decision(pushed, THEIRS) == MustWait(kind=Awaits.TURN, what="api-1")


def at_rest(color="red", **given):
    return a_service(a_deployment(task_definition=OLD, **given), color=color)


@pytest.mark.parametrize(
    ("yellow", "outcome"),
    [
        (None, RolloutOutcome.NOT_DEPLOYABLE),
        (a_service(color="yellow", active=False), RolloutOutcome.NOT_DEPLOYABLE),
        (at_rest("yellow", state="FAILED"), RolloutOutcome.NOT_DEPLOYABLE),
        (at_rest("yellow", state="IN_PROGRESS"), RolloutOutcome.MID_DEPLOYMENT),
        (a_service(color="yellow", desired=0), RolloutOutcome.SCALED_TO_ZERO),
    ],
)
def test_the_first_color_that_is_not_at_rest_refuses_it(yellow, outcome):
    services = [at_rest("red"), *([yellow] if yellow else []), at_rest("green")]

    refused = colors_at_start(an_application(), {each.name: each for each in services})

    assert refused.outcome is outcome
    assert refused.cause.startswith("yellow: ")


def test_what_every_color_runs_is_recorded():
    services = [at_rest(color) for color in ("red", "yellow", "green")]

    colors = colors_at_start(an_application(), {each.name: each for each in services})

    assert {color: each.previous for color, each in colors.items()} == dict.fromkeys(colors, OLD)


def test_an_image_that_was_asked_for_by_tag_is_called_by_it():
    found = ImagesVetted(refusal="bad", image="api@222222222222", repository="api")

    refused = images_decision(found, a_release(revision=""), "api", ())

    assert refused == StartRefused(outcome=RolloutOutcome.IMAGE_UNFIT, cause="api:v1.42.0: bad.")


def test_a_scan_that_is_to_come_is_waited_for_where_it_comes():
    found = ImagesVetted(pending="sha256:2", image="router:v3", repository="router")

    wait = images_decision(found, a_release(revision=""), "api", ())

    assert wait == MustWait(
        kind=Awaits.SCAN, what="router:v3", digest="sha256:2", repository="router"
    )


def test_what_ran_before_is_told_of_and_not_refused():
    found = ImagesVetted(refusal="bad", image="api:v1.42.0", notes=("a note",))
    before = a_rollout(a_color(previous=NEW))

    assert images_decision(found, a_release(), "api", (before,)) == (
        "a note",
        "api:v1.42.0: bad",
    )


def test_only_changed_colors_that_were_not_put_back_are_put_back():
    red = a_color("red", changed=True, stage=Stage.FAILED)
    yellow = a_color("yellow", changed=True, stage=Stage.PUT_BACK)
    services = {"api-red": a_service(a_deployment(task_definition=NEW))}

    back = to_put_back(OURS, a_rollout(red, yellow, id="api-1", known_bad=(OTHER,)), services)

    assert [color for color, each in back.colors.items() if each.changed] == ["red"]
    assert (back.rolls_back, back.known_bad) == ("api-1", (OTHER,))


def test_what_someone_deployed_since_is_not_put_back():
    red = a_color("red", changed=True, stage=Stage.FAILED)
    services = {"api-red": a_service(a_deployment(task_definition=OTHER))}

    refused = to_put_back(OURS, a_rollout(red), services)

    assert refused.outcome is RolloutOutcome.SUPERSEDED
    assert refused.cause == "Nothing was put back: red runs api:99 by now, which is not its."


def test_a_wait_that_goes_on_counts_from_when_it_began():
    before = a_rollout(awaits=an_awaited(kind=Awaits.SCAN))
    again = awaited(
        MustWait(kind=Awaits.SCAN, what="api:v1"), an_application(), before, after(hours=1)
    )
    another = awaited(MustWait(kind=Awaits.TURN, what="api-1"), an_application(), before, NOW)

    assert (again.since, again.until) == (before.awaits.since, before.awaits.until)
    assert (another.since, another.until) == (NOW, NOW + an_application().images.wait_for_turn)
