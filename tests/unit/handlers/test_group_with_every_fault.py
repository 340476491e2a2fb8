"""Every single fault at every call of a group's handlers: it ends as it does without any."""

import pytest

from handlers import begin_application, finish_group, prepare_group, settle_application
from handlers.domain.model.group import Part, returning_name
from tests.support.builders import a_released_color, an_application, an_ended_rollout, execution
from tests.support.handler_faults import FAULTS, Faulty, is_refused, tried
from tests.support.handler_gateways import Outside

GROUP = "web-api-v1.42.0-1"
ASKED = {"applications": ["web", "api"], "tag": "v1.42.0", "ifOneFails": "roll back"}
EXECUTION = {"name": GROUP, "arn": execution(GROUP), "startedAt": "2026-11-23T09:00:00.000Z"}
CURABLE = [fault for fault in FAULTS if fault is not is_refused]
"""The machine tries these again; what is refused for good it leads on as a failed application."""
PORTS = ("releases", "rollouts", "approvals", "audit", "waits", "executions")


def part_of(application, *, returning=False, state=None):
    event = {"group": GROUP, "application": application, "returning": returning}
    return event | ({} if state is None else {"state": state})


def played(monkeypatch, place=0, fault=None):
    """Have web complete and api be rejected, so that web goes back; return what came of it."""
    outside, calls = Outside(), []
    outside.apps = {"web": an_application(name="web"), "api": an_application()}
    real = {name: getattr(outside, name) for name in PORTS}
    for name in PORTS if fault else ():
        setattr(outside, name, Faulty(real[name], calls, place, fault))
    outside.install(monkeypatch)
    rollouts, said = real["rollouts"], []
    said.append(tried(prepare_group, {"input": ASKED, "execution": EXECUTION}))
    for application, outcome in (("web", "completed"), ("api", "rejected")):
        said.append(tried(begin_application, part_of(application)))
        ended = an_ended_rollout(
            a_released_color("red"),
            id=f"{GROUP}.{application}",
            application=application,
            outcome=outcome,
        )
        rollouts.create(ended)
        said.append(tried(settle_application, part_of(application, state={})))
    said.append(tried(finish_group, {"execution": EXECUTION, "state": {"group": GROUP}}))
    said.append(tried(begin_application, part_of("web", returning=True)))
    name = returning_name(GROUP, "web")
    rollouts.create(an_ended_rollout(id=name, application="web", outcome="put_back"))
    said.append(tried(settle_application, part_of("web", returning=True, state={})))
    end = {"group": GROUP, "back": []}
    said.append(tried(finish_group, {"execution": EXECUTION, "state": end}))
    return said, real["releases"].records[GROUP], len(calls)


def test_without_faults_the_completed_application_goes_back_and_the_group_says_so(monkeypatch):
    said, group, _ = played(monkeypatch)

    assert said[-1]["error"]
    assert {m.application: m.part for m in group.in_turn} == {
        "web": Part.PUT_BACK,
        "api": Part.FAILED,
    }


@pytest.mark.parametrize("fault", CURABLE, ids=lambda fault: fault.__name__)
def test_with_each_fault_it_says_and_records_the_same(monkeypatch, fault):
    wanted, group, _ = played(monkeypatch)
    _, _, calls = played(monkeypatch, place=-1, fault=fault)
    assert calls > 20

    for place in range(1, calls + 1):
        said, ended, _ = played(monkeypatch, place, fault)

        assert (place, said) == (place, wanted)
        assert ended.members == group.members
        assert (ended.outcome, ended.cause) == (group.outcome, group.cause)
