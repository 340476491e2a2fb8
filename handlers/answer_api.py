"""Answers without Slack: a route with IAM authorisation, for scripts and for on-call.

`GET /approvals` lists the open questions and changes nothing; `POST /approvals/{id}/approve`
and `/reject` (with `{"reason": "…"}`) answer one, by the same rules as in Slack, and
`/look-again` one about an unclear verdict. The caller's ARN says who the person is: whom the
settings name, or the role that was assumed.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from handlers import http, runtime
from handlers.domain.admission.rollout_request import MAX_REASON
from handlers.domain.approvals.approval import Approval
from handlers.domain.history.audit import Actor, Source
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Rollout
from handlers.observability import observed
from handlers.services.approvals import answer_question
from handlers.services.open_questions import open_questions

MAX_BODY: Final = 16_384
_ANSWERS: Final = {
    "approve": DecisionOutcome.APPROVED,
    "reject": DecisionOutcome.REJECTED,
    "look-again": DecisionOutcome.LOOK_AGAIN,
}


def _listed(rollout: Rollout, approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.id,
        "application": approval.application,
        "color": approval.color,
        "about": approval.about,
        "rollout": approval.rollout,
        "release": rollout.release.name,
        "image": approval.release,
        "requestedBy": approval.requester,
        "asked": approval.asked.isoformat(timespec="seconds"),
        "expires": approval.until.isoformat(timespec="seconds"),
        "approvedBy": [answer.by for answer in approval.answers.values()],
    }


def _reason(request: http.Request) -> str:
    """Read the reason of a rejection.

    Raises:
        ValueError: the body is not `{"reason": "…"}`.
    """
    document = json.loads(request.body or b"{}")
    reason = document.get("reason", "") if isinstance(document, dict) else None
    if not isinstance(reason, str) or len(reason) > MAX_REASON:
        raise ValueError(f'expected {{"reason": "at most {MAX_REASON} characters"}}')
    # Half of a surrogate pair is valid JSON and no text: no table takes it.
    reason.encode()
    return reason


def _answer_api(event: Mapping[str, Any]) -> http.Response:
    context = runtime.quick_context()
    request = http.parse_http_request(event, MAX_BODY)
    if request is None:
        return http.text(413, "too large")
    arn = _caller_arn(event)
    if not arn:
        return http.text(403, "no IAM caller")
    method = event["requestContext"]["http"]["method"]
    if method == "GET":
        return http.document({"approvals": [_listed(*each) for each in open_questions(context)]})
    path = event.get("pathParameters") or {}
    outcome = _ANSWERS.get(request.path.rsplit("/", 1)[-1])
    if method != "POST" or outcome is None:
        return http.text(404, "no such route")
    try:
        reason = _reason(request)
    except (ValueError, RecursionError) as error:
        return http.text(400, str(error))
    actor = Actor(id=arn, source=Source.API)
    reply = answer_question(context, path.get("id", ""), outcome, actor, reason)
    said = {"counts": reply.counts, "message": reply.text or str(outcome)}
    return http.document(said) | {"statusCode": 200 if reply.counts else 409}


def _caller_arn(event: Mapping[str, Any]) -> str:
    """Return the ARN of who calls: of an IAM user, or of the session of an assumed role.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    iam = event["requestContext"].get("authorizer", {}).get("iam") or {}
    return str(iam.get("userArn") or "")


lambda_handler = observed(_answer_api)
