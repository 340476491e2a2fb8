"""Stacks: what can be done in which status, and how the end of an operation is known."""

import pytest
from botocore.exceptions import ClientError

from operations.cloudformation import DeployError, Stack, stack_problems

ARN = "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/shingo/1"
PLAN = "make-deploy-1"


def event(status, token=PLAN, resource="shingo", **more):
    physical = ARN if resource == "shingo" else resource
    told = {"StackId": ARN, "LogicalResourceId": resource, "PhysicalResourceId": physical}
    return {"ResourceStatus": status, "ClientRequestToken": token, **told, **more}


class Aws:
    """CloudFormation, which has one more event at each look."""

    def __init__(self, *events, before=(), status="UPDATE_COMPLETE", refusal=""):
        self.past, self.coming = list(before), list(events)
        self.status, self.refusal = status, refusal
        self.called, self.others = [], []

    def describe_stacks(self, StackName):  # noqa: N803  (boto3's own name)
        if not self.status:
            error = {"Error": {"Code": "ValidationError", "Message": "does not exist"}}
            raise ClientError(error, "DescribeStacks")
        return {"Stacks": [{"StackId": ARN, "StackStatus": self.status}]}

    def delete_change_set(self, **given):
        self.called.append(given)

    def list_change_sets(self, **_):
        return {"Summaries": self.others}

    def execute_change_set(self, **given):
        self.called.append(given)
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal}}, "ExecuteChangeSet")

    def delete_stack(self, **given):
        self.called.append(given)
        token = given.get("ClientRequestToken", "")
        self.coming = [each | {"ClientRequestToken": token} for each in self.coming]

    def get_paginator(self, _):
        return self

    def paginate(self, StackName):  # noqa: N803  (likewise)
        yield {"StackEvents": list(reversed(self.past))}
        if self.coming:
            self.past.append(self.coming.pop(0))


def stack(aws):
    return Stack(aws, "shingo", 0)


def execute(aws):
    stack(aws).execute(PLAN, lambda _: None)


BEFORE = [event("UPDATE_IN_PROGRESS", "old"), event("UPDATE_COMPLETE", "old")]


def test_a_change_that_begins_between_two_looks_is_not_done():
    aws = Aws(event("UPDATE_IN_PROGRESS"), event("UPDATE_COMPLETE"), before=BEFORE)

    execute(aws)

    assert aws.coming == []
    assert aws.called[0]["ClientRequestToken"] == PLAN


def test_a_change_that_is_taken_back_is_told_by_its_own_reasons():
    failed = event("UPDATE_FAILED", resource="Table", ResourceStatusReason="no such key")
    older = event("CREATE_FAILED", "old", resource="Old", ResourceStatusReason="long ago")
    aws = Aws(
        event("UPDATE_IN_PROGRESS"),
        failed,
        event("UPDATE_ROLLBACK_IN_PROGRESS"),
        event("UPDATE_ROLLBACK_COMPLETE"),
        before=[older, *BEFORE],
    )

    with pytest.raises(DeployError) as raised:
        execute(aws)

    assert str(raised.value) == "stack shingo is UPDATE_ROLLBACK_COMPLETE\nTable: no such key"


def test_a_change_that_somebody_cancels_ends_with_the_cancellations_events():
    aws = Aws(
        event("UPDATE_IN_PROGRESS"),
        event("UPDATE_ROLLBACK_IN_PROGRESS", "cancel"),
        event("UPDATE_ROLLBACK_COMPLETE", "cancel"),
    )

    with pytest.raises(DeployError, match="UPDATE_ROLLBACK_COMPLETE"):
        execute(aws)


def test_what_somebody_does_after_ours_is_not_taken_for_ours():
    failed = [event("UPDATE_IN_PROGRESS"), event("UPDATE_ROLLBACK_COMPLETE")]
    theirs = [event("UPDATE_IN_PROGRESS", "theirs"), event("UPDATE_COMPLETE", "theirs")]
    aws = Aws(before=[*BEFORE, *failed, *theirs])

    with pytest.raises(DeployError, match="UPDATE_ROLLBACK_COMPLETE"):
        execute(aws)


@pytest.mark.parametrize("refusal", ["InvalidChangeSetStatus", "ChangeSetNotFound"])
def test_a_change_set_that_another_change_overtook_is_said_to_be(refusal):
    with pytest.raises(DeployError, match="was changed since it was asked what would change"):
        execute(Aws(refusal=refusal))


@pytest.mark.parametrize(
    "status",
    [
        "",
        "REVIEW_IN_PROGRESS",
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_FAILED",
        "IMPORT_COMPLETE",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "DELETE_FAILED",
        "CREATE_FAILED",
    ],
)
def test_a_stack_that_can_be_changed_made_or_deleted_is_no_problem(status):
    assert stack_problems(stack(Aws(status=status))) == []


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        ("UPDATE_IN_PROGRESS", "wait until that has ended"),
        ("CREATE_IN_PROGRESS", "wait until that has ended"),
        ("DELETE_IN_PROGRESS", "wait until that has ended"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "wait until that has ended"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name"),
        ("IMPORT_ROLLBACK_FAILED", "expected one of CREATE_COMPLETE"),
        ("SOMETHING_NEW", "expected one of CREATE_COMPLETE"),
    ],
)
def test_a_stack_that_cannot_be_changed_is_told_with_what_mends_it(status, mend):
    (problem,) = stack_problems(stack(Aws(status=status)))

    assert problem.startswith(f"stack shingo: is {status}; ")
    assert mend in problem


@pytest.mark.parametrize(
    ("status", "others", "deleted"),
    [
        ("REVIEW_IN_PROGRESS", [], True),
        ("REVIEW_IN_PROGRESS", [{"ChangeSetName": "somebody's"}], False),
        ("UPDATE_COMPLETE", [], False),
    ],
)
def test_a_plan_is_forgotten_with_the_stack_that_is_of_it_alone(status, others, deleted):
    aws = Aws(status=status)
    aws.others = others

    stack(aws).forget(PLAN)

    assert aws.called[0] == {"StackName": "shingo", "ChangeSetName": PLAN}
    assert aws.called[1:] == [{"StackName": "shingo"}] * deleted


def test_a_deletion_is_waited_for():
    aws = Aws(event("DELETE_IN_PROGRESS"), event("DELETE_COMPLETE"), status="ROLLBACK_COMPLETE")

    stack(aws).delete()

    assert aws.called[0]["StackName"] == ARN


def test_a_deletion_that_fails_says_what_could_not_be_deleted():
    kept = event("DELETE_FAILED", resource="Bucket", ResourceStatusReason="it is not empty")
    aws = Aws(event("DELETE_IN_PROGRESS"), kept, event("DELETE_FAILED"), status="DELETE_FAILED")

    with pytest.raises(DeployError, match="Bucket: it is not empty"):
        stack(aws).delete()
