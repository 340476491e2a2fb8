"""The vocabulary of stories: who answers which question, and the input of the execution."""

import pytest

from handlers.slack.action_ids import Action
from sandbox.stories.story import APPROVES, ECR, HEALTH, LOOKS_AGAIN, NOBODY, RELEASE, Answer, Story

REJECTS = (Answer(action=Action.REJECT),)


def test_bob_approves_a_question_that_a_story_does_not_name():
    story = Story(outcome="completed", answers={("yellow", RELEASE): NOBODY})

    assert story.answers_to("api", "red", RELEASE) == APPROVES
    assert story.answers_to("api", "yellow", HEALTH) == APPROVES
    assert story.answers_to("api", "yellow", RELEASE) == NOBODY


def test_a_story_may_say_what_is_usually_answered():
    usual = {RELEASE: APPROVES, HEALTH: (LOOKS_AGAIN,)}

    story = Story(outcome="completed", usual_answers=usual)

    assert story.answers_to("api", "red", HEALTH) == (LOOKS_AGAIN,)


def test_the_answer_about_a_service_goes_before_the_one_about_its_color():
    answers = {("red", RELEASE): NOBODY, ("web-red", RELEASE): REJECTS}
    story = Story(outcome="group_failed", answers=answers)

    assert story.answers_to("web", "red", RELEASE) == REJECTS
    assert story.answers_to("api", "red", RELEASE) == NOBODY


@pytest.mark.parametrize(
    ("story", "document"),
    [
        (
            Story(outcome="completed", reason="faster search"),
            {
                "application": "api",
                "tag": "v1.42.0",
                "requestedBy": "U0ALICE",
                "reason": "faster search",
            },
        ),
        (
            Story(outcome="completed", by=ECR, reason="faster search"),
            {"application": "api", "tag": "v1.42.0", "requestedBy": "ecr"},
        ),
        (
            Story(outcome="completed", applications=("web", "api"), group={"order": "in step"}),
            {
                "applications": ["web", "api"],
                "tag": "v1.42.0",
                "order": "in step",
                "requestedBy": "U0ALICE",
            },
        ),
    ],
    ids=["asked for", "pushed", "a group"],
)
def test_a_story_knows_the_input_of_its_execution(story, document):
    assert story.input_for() == document
    assert list(story.input_for()) == list(document)


def test_a_story_can_be_told_of_another_application():
    assert Story(outcome="completed").input_for("web")["application"] == "web"
