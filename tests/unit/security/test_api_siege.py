"""The answers' own route under siege: IAM has let somebody in, who is not who may answer."""

import json

from hypothesis import strategies as st

from handlers.answer_api import lambda_handler
from handlers.domain.history.audit import EventKind
from tests.support.hostile_requests import throws
from tests.support.sample import of_all
from tests.support.targets import OF_WEB, QUESTION, State
from tests.unit.security.test_malformed import JSON

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "")
STRANGER = "arn:aws:sts::123456789012:assumed-role/developer/eve"
ARNS = st.sampled_from(
    ["", STRANGER, "arn:aws:iam::123456789012:user/U0BOB", "u0bob", "U0BOB ", "*", "arn:aws:sts::"]
) | st.text(alphabet="arn:wsit/*-_ 0129é", max_size=40)
IDS = st.sampled_from([QUESTION, OF_WEB]) | st.text(max_size=30)
VERBS = st.sampled_from(
    ["approve", "reject", "look-again", "withdraw", "", "approve/", "../approve"]
)
BODIES = JSON.map(json.dumps) | st.text(max_size=30) | st.sampled_from(["[" * 8000, '{"reason":'])


def event(method, arn, approval, verb, body):
    path = f"/approvals/{approval}/{verb}"
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {},
        "pathParameters": {"id": approval},
        "requestContext": {
            "http": {"method": method, "path": path},
            "authorizer": {"iam": {"userArn": arn}},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def test_whoever_may_not_answer_changes_nothing_whatever_they_send(targets):
    state = State.of(targets)

    def each(**given):
        for method in METHODS:
            answer = lambda_handler(event(method, **given), None)
            if not given["arn"]:
                assert (answer["statusCode"], answer["body"]) == (403, "no IAM caller")
            elif method == "GET":
                assert list(json.loads(answer["body"])) == ["approvals"]
            else:
                assert answer["statusCode"] in {400, 404, 409}
        return len(METHODS)

    thrown = throws(0.1, len(METHODS), each, arn=ARNS, approval=IDS, verb=VERBS, body=BODIES)

    assert thrown >= of_all(2_000)
    assert State.of(targets) == state
    assert {entry.kind for entry in targets.audit.records.values()} <= {EventKind.REFUSED_CLICK}
    assert (targets.ephemeral_posts, targets.executions.answers) == ([], {})
