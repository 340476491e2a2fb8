"""A group's verbs: what begins, what an end leads to, and what people see of it."""

import pytest

from handlers import (
    begin_application,
    finish_group,
    follow_group,
    prepare_group,
    request_approval,
    settle_application,
)
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.colors import COLORS
from handlers.domain.model.errors import Refused
from handlers.domain.model.group import IfOneFails, Order, Part
from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import Stage
from simulator.recorded_events import recorded
from tests.support.builders import (
    NOW,
    a_color,
    a_group,
    a_member,
    a_rollout,
    after,
    an_application,
    an_ended_rollout,
    execution,
)

GROUP = "web-api-v1.42.0-1"
WEB, API = f"{GROUP}.web", f"{GROUP}.api"
ASKED = {"applications": ["web", "api"], "tag": "v1.42.0", "requestedBy": "U0CAROL"}


@pytest.fixture(autouse=True)
def _two(outside):
    outside.apps = {"web": an_application(name="web"), "api": an_application()}


def arn(name=GROUP):
    return execution(name).replace("-rollout:", "-group:")


def asking(name=GROUP, started=NOW):
    return {"name": name, "arn": arn(name), "startedAt": started.isoformat()}


def prepared(document=ASKED, name=GROUP, started=NOW):
    event = {"input": document, "execution": asking(name, started)}
    return prepare_group.lambda_handler(event, None)


def begun(application, *, returning=False):
    event = {"group": GROUP, "application": application, "returning": returning}
    return begin_application.lambda_handler(event, None)


def settled(application, *, returning=False, **state):
    event = {"group": GROUP, "application": application, "returning": returning, "state": state}
    return settle_application.lambda_handler(event, None)


def finished(**state):
    event = {"execution": asking(), "state": {"group": GROUP, **state}}
    return finish_group.lambda_handler(event, None)


def asked(rollout, token):
    event = {"rollout": rollout, "color": "red", "about": "release", "token": token}
    request_approval.lambda_handler(event, None)


def part(outside, application):
    return outside.releases.read(GROUP).members[application].part


def one_board(outside):
    (board,) = outside.slack.boards()
    return str(board["blocks"])


def test_preparing_records_the_group_and_posts_its_board_once(outside):
    assert prepared() == prepared()

    assert prepared() == {"next": "in order", "group": GROUP, "applications": ["web", "api"]}
    assert "web" in one_board(outside)
    assert "api" in one_board(outside)


def test_twenty_thousand_unknown_fields_are_told_as_of_a_rollout_a_few(outside):
    answer = prepared(ASKED | {f"field-{number}": 1 for number in range(20_000)})

    assert answer["next"] == RolloutOutcome.INVALID_INPUT
    first, *_, last = answer["cause"].splitlines()
    assert first.startswith("field-0: is not a field of the input, expected only applications")
    assert last == "… and 19950 more"
    assert len(answer["cause"]) < 32_768


def test_a_group_that_nobody_else_may_approve_is_refused_with_its_applications(outside):
    outside.apps["web"] = an_application(
        name="web", rules=dict.fromkeys(COLORS, ApprovalRules(users=("U0CAROL",)))
    )

    answer = prepared()

    assert answer["next"] == RolloutOutcome.INVALID_INPUT
    assert answer["cause"] == (
        "requestedBy: found 'U0CAROL', expected somebody else: too few others may approve red, "
        "yellow, green of web"
    )


def test_a_group_of_which_nobody_can_approve_an_application_is_told_and_never_begins(outside):
    nobody = dict.fromkeys(COLORS, ApprovalRules(groups=("S0EMPTY",)))
    outside.apps["web"] = an_application(name="web", rules=nobody)

    assert prepared() == prepared() == {"next": "nobody_can_answer", "group": GROUP}

    cause = "web: red, yellow, green: 1 approval is needed, and none of those who are named can"
    assert outside.releases.read(GROUP).cause.startswith(cause)
    assert cause in one_board(outside)
    assert len(outside.slack.said(in_thread=False)) == 1
    ended = finished()
    assert (ended["outcome"], ended["error"]) == ("nobody_can_answer", "NobodyCanAnswer")
    assert begun("web")["next"] != "begin"


def test_what_is_no_input_is_told_by_its_fields_and_changes_nothing(outside):
    answer = prepared({"applications": ["web", "shop"], "tag": "v1 beta", "order": "backwards"})

    assert answer["next"] == RolloutOutcome.INVALID_INPUT
    fields = [line.partition(":")[0] for line in answer["cause"].splitlines()]
    assert fields == ["applications", "tag", "order"]
    assert outside.releases.records == {}
    assert outside.slack.messages == []


def test_a_name_that_its_rollouts_cannot_have_is_refused(outside):
    answer = prepared(name="web+api")

    assert answer["next"] == RolloutOutcome.INVALID_INPUT
    assert answer["cause"].startswith("name: found 'web+api', expected only letters")
    assert outside.releases.records == {}


def test_an_application_begins_with_its_rollouts_name_and_input_and_twice_the_same(outside):
    prepared()

    first = begun("web")

    assert first == begun("web")
    assert first["name"] == WEB
    assert first["input"] == {
        "application": "web",
        "tag": "v1.42.0",
        "group": GROUP,
        "requestedBy": "U0CAROL",
    }
    assert part(outside, "web") is Part.OPEN


def test_after_a_failure_the_next_application_never_begins(outside):
    prepared()
    begun("web")
    outside.rollouts.create(an_ended_rollout(id=WEB, application="web", outcome="rejected"))

    settled("web")

    assert begun("api") == {"next": "pass over"}
    assert part(outside, "api") is Part.NOT_BEGUN
    assert finished()["applications"] == {"web": Part.FAILED, "api": Part.NOT_BEGUN}


def test_an_end_without_a_record_is_a_failure_with_its_error(outside):
    prepared()
    begun("web")

    settled("web", fault={"Error": "States.TaskFailed"})

    member = outside.releases.read(GROUP).members["web"]
    assert (member.part, member.outcome) == (Part.FAILED, RolloutOutcome.FAULT)
    assert "States.TaskFailed" in member.cause


def test_a_failure_takes_back_what_is_open_and_wakes_what_it_waits_for(outside):
    outside.releases.create(
        a_group(web=a_member("web", part=Part.OPEN), api=a_member("api", part=Part.OPEN))
    )
    changed = a_color("red", changed=True, stage=Stage.RELEASED)
    outside.rollouts.create(a_rollout(changed, id=WEB, application="web"))
    outside.rollouts.create(an_ended_rollout(id=API, outcome="rolled_back", cause="It crashed."))

    settled("api")
    settled("api")

    asked_back = outside.rollouts.read(WEB).roll_back_asked
    assert (asked_back.outcome, asked_back.by) == (RolloutOutcome.STOPPED_WITH_GROUP, "shingo")
    assert asked_back.reason == "api, of the same release, failed"
    assert outside.releases.read(GROUP).failed == "api"


def test_a_rollout_that_was_not_on_record_when_the_group_failed_is_taken_back_when_it_asks(outside):
    outside.releases.create(a_group(web=a_member("web", part=Part.OPEN), failed="api"))
    outside.rollouts.create(a_rollout(id=WEB, application="web", group=GROUP))

    asked(WEB, "token-1")

    assert outside.rollouts.read(WEB).roll_back_asked.outcome == RolloutOutcome.STOPPED_WITH_GROUP
    assert outside.executions.answers == {"token-1": {"outcome": DecisionOutcome.ROLL_BACK}}
    assert outside.approvals.records == {}


@pytest.fixture
def in_step(outside):
    """Have web and api going color by color together."""
    members = {name: a_member(name, part=Part.OPEN) for name in ("web", "api")}
    outside.releases.create(a_group(**members, order=Order.IN_STEP))
    for name, rollout in (("web", WEB), ("api", API)):
        given = {"id": rollout, "application": name, "group": GROUP}
        outside.rollouts.create(a_rollout(release=Release(name="v1.42.0"), **given))
    return outside


def test_in_step_nobody_is_asked_before_all_have_come_to_the_color(in_step):
    asked(WEB, "web-1")

    assert in_step.approvals.records == {}
    assert in_step.executions.answers == {}

    asked(API, "api-1")

    assert [each.rollout for each in in_step.approvals.records.values()] == [API]
    assert in_step.executions.answers == {"web-1": {"outcome": DecisionOutcome.ASK_AGAIN}}

    asked(WEB, "web-2")

    assert {each.rollout for each in in_step.approvals.records.values()} == {API, WEB}


def test_in_step_a_lost_wake_is_made_up_by_the_next_look(in_step):
    asked(WEB, "web-1")
    in_step.executions.gone.add("web-1")
    asked(API, "api-1")

    asked(WEB, "web-2")

    assert {each.rollout for each in in_step.approvals.records.values()} == {API, WEB}


def test_in_step_a_failure_ends_the_wait_of_those_held(in_step):
    asked(WEB, "web-1")
    in_step.rollouts.close(API, outcome="busy", cause="api is being rolled out.", now=NOW)

    settled("api")

    assert in_step.rollouts.read(WEB).roll_back_asked.outcome == RolloutOutcome.STOPPED_WITH_GROUP
    assert in_step.executions.answers == {"web-1": {"outcome": DecisionOutcome.ROLL_BACK}}


def test_in_step_an_end_that_nobody_could_settle_holds_nobody(in_step):
    asked(WEB, "web-1")
    in_step.rollouts.close(API, outcome="rejected", cause="U0BOB rejected red.", now=NOW)

    asked(WEB, "web-2")

    assert part(in_step, "api") is Part.FAILED
    assert in_step.rollouts.read(WEB).roll_back_asked.outcome == RolloutOutcome.STOPPED_WITH_GROUP
    assert in_step.executions.answers["web-2"] == {"outcome": DecisionOutcome.ROLL_BACK}


def test_an_end_that_nobody_could_settle_is_found_when_the_group_ends(outside):
    prepared(ASKED | {"ifOneFails": "roll back"})
    for name, rollout, outcome in (("web", WEB, "completed"), ("api", API, "rejected")):
        begun(name)
        outside.rollouts.create(
            an_ended_rollout(id=rollout, application=name, outcome=outcome, cause="U0BOB did.")
        )

    assert finished()["applications"] == ["web"]
    assert (part(outside, "web"), part(outside, "api")) == (Part.COMPLETED, Part.FAILED)


def test_an_application_that_has_ended_is_not_begun_again_by_a_step_that_comes_late(outside):
    prepared()
    begun("web")
    outside.rollouts.create(an_ended_rollout(id=WEB, application="web"))
    settled("web")

    assert begun("web") == {"next": "pass over"}
    assert part(outside, "web") is Part.COMPLETED


def test_an_application_that_ends_while_a_step_is_slow_is_not_begun_by_it(outside):
    prepared()
    seen = outside.releases.read(GROUP)
    begun("web")
    outside.rollouts.create(an_ended_rollout(id=WEB, application="web"))
    settled("web")
    now, asked_for = outside.releases.read, []

    def slow(group):
        asked_for.append(group)
        return seen if len(asked_for) == 1 else now(group)

    outside.releases.read = slow

    assert begun("web") == {"next": "pass over"}
    assert part(outside, "web") is Part.COMPLETED


def test_an_application_that_goes_back_is_not_settled_again_by_a_step_that_comes_late(outside):
    completed_web_failed_api(outside, IfOneFails.ROLL_BACK)
    begun("web", returning=True)
    outside.rollouts.create(an_ended_rollout(id=WEB, application="web"))

    settled("web")

    assert part(outside, "web") is Part.GOING_BACK


def test_a_group_that_ended_is_not_called_otherwise_for_a_board_that_cannot_be_drawn(
    outside, monkeypatch
):
    completed_web_failed_api(outside, IfOneFails.STOP)

    def refused(_):
        raise Refused("read the group: AccessDeniedException")

    close = outside.releases.close

    def closed(*given, **changes):
        monkeypatch.setattr(outside.releases, "read", refused)
        return close(*given, **changes)

    monkeypatch.setattr(outside.releases, "close", closed)

    assert finished()["error"] == "GroupFailed"


def completed_web_failed_api(outside, if_one_fails):
    outside.releases.create(
        a_group(
            web=a_member("web", part=Part.COMPLETED),
            api=a_member("api", part=Part.FAILED, outcome="rejected", cause="bob said no."),
            failed="api",
            if_one_fails=if_one_fails,
        )
    )


def test_what_had_completed_goes_back_first_and_only_once(outside):
    completed_web_failed_api(outside, IfOneFails.ROLL_BACK)

    assert finished() == {"next": "put back", "group": GROUP, "applications": ["web"]}
    assert begun("web", returning=True)["input"]["rollBack"] == WEB

    name = begun("web", returning=True)["name"]
    outside.rollouts.create(an_ended_rollout(id=name, application="web", outcome="put_back"))
    settled("web", returning=True)
    ended = finished(back=[])

    assert (ended["outcome"], ended["error"]) == ("group_failed", "GroupFailed")
    assert ended["applications"] == {"web": Part.PUT_BACK, "api": Part.FAILED}


def test_a_way_back_that_could_not_even_begin_is_not_tried_for_ever(outside):
    completed_web_failed_api(outside, IfOneFails.ROLL_BACK)

    ended = finished(back={"Error": "States.Runtime"})

    assert ended["error"] == "GroupFailed"
    assert ended["applications"]["web"] is Part.STRANDED
    assert "web: completed, and could not be put back: Its way back did not begin" in ended["cause"]


def test_what_had_completed_stays_unless_it_is_to_go_back(outside):
    completed_web_failed_api(outside, IfOneFails.STOP)

    assert finished()["applications"] == {"web": Part.COMPLETED, "api": Part.FAILED}


def test_a_group_is_announced_once_however_often_it_is_finished(outside, metrics):
    prepared()
    for name, rollout in (("web", WEB), ("api", API)):
        begun(name)
        outside.rollouts.create(an_ended_rollout(id=rollout, application=name))
        settled(name)

    assert finished() == finished()

    assert finished()["outcome"] == RolloutOutcome.COMPLETED
    assert len(outside.slack.said(in_thread=False)) == 1
    assert "Completed." in one_board(outside)
    assert len(metrics("Groups")) == 1


def test_a_group_that_was_never_recorded_ends_as_a_fault():
    assert finished(fault={"Error": "Lambda.Unknown"})["error"] == "Fault"


def test_slack_that_is_down_fails_no_group(outside, log):
    outside.slack.is_down = True

    assert prepared()["next"] == "in order"
    assert begun("web")["next"] == "begin"
    assert "slack: chat: ratelimited" in log.getvalue()


@pytest.mark.parametrize("event", ["execution_aborted", "execution_timed_out"])
def test_a_group_that_was_ended_from_outside_is_closed_once_and_begins_nothing_more(outside, event):
    prepared()
    happened = recorded(event)
    happened["detail"] |= {
        "name": GROUP,
        "executionArn": arn(),
        "startDate": NOW.timestamp() * 1_000,
    }

    follow_group.lambda_handler(happened, None)
    follow_group.lambda_handler(happened, None)

    assert outside.releases.read(GROUP).outcome in {
        RolloutOutcome.ABORTED,
        RolloutOutcome.TIMED_OUT,
    }
    assert len(outside.slack.said(in_thread=False)) == 1
    assert begun("api") == {"next": "pass over"}
    assert begun("api", returning=True) == {"next": "pass over"}


def test_a_group_of_somebody_else_is_passed_over(outside):
    follow_group.lambda_handler(recorded("execution_aborted"), None)

    assert outside.slack.messages == []


def test_a_name_that_comes_again_begins_a_group_of_its_own(outside):
    ended = a_group(
        started=after(days=-100),
        outcome="completed",
        ended=after(days=-99),
    )
    outside.releases.create(ended)

    group = outside.releases.read(prepared()["group"])

    assert (group.id != GROUP, group.is_open, group.started) == (True, True, NOW)
    assert {member.rollout for member in group.members.values()}.isdisjoint({WEB, API})
    assert prepared()["group"] == group.id
    assert finished()["outcome"] != "completed"
    assert outside.releases.read(GROUP) == ended
