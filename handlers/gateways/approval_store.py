"""The questions that are open or were answered, by their opaque id.

One conditional write decides a question; the task token is used after it.

Tested in `test_record_stores.py`.
"""

from datetime import datetime, timedelta
from typing import Final

from handlers.domain.approvals.approval import Approval
from handlers.domain.config.approval_rules import ApprovalAnswer
from handlers.domain.model.errors import NotThere
from handlers.domain.model.rollout import Decision
from handlers.gateways.dynamodb_items import from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table

KEPT: Final = timedelta(days=90)
"""How long a question is remembered after it expires."""


class Approvals:
    """The table of approvals."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def ask(self, approval: Approval) -> None:
        """Record a new question; one that was recorded before stays as it is."""
        expires = int((approval.until + KEPT).timestamp())
        try:
            self._table.put({**to_item(approval), "expires": expires}, "attribute_not_exists(id)")
        except ConditionFailed:
            return

    def get(self, approval: str) -> Approval | None:
        item = self._table.get(approval)
        return from_item(Approval, item) if item else None

    def replace_token(self, approval: str, token: str) -> Approval | None:
        """Have the answer sent to this token; a decided question is returned as it stands.

        Returns:
            The question; None where there is none: its recording ended after its id was made.
        """
        try:
            return self._unless_decided(approval, {"token": token})
        except NotThere:
            return None

    def approve(self, approval: str, key: str, given: ApprovalAnswer) -> Approval:
        """Count one person's approval, once; a decided question is returned as it stands."""
        return self._unless_decided(approval, {f"answers.{key}?": given})

    def remind(self, approval: str, number: int) -> bool:
        """Claim the reminder of this number; return whether it is ours to give."""
        try:
            self._table.update(approval, {"reminded": number}, "reminded < :number", number=number)
        except ConditionFailed:
            return False
        return True

    def postpone(self, approval: str, until: datetime) -> Approval:
        """Have a question expire later; a decided one is returned as it stands."""
        return self._unless_decided(approval, {"until": until})

    def decide(self, approval: str, decision: Decision) -> tuple[Approval, bool]:
        """Make this the answer, unless there is one.

        Returns:
            The question with the answer that stands, and whether it is this one.

        Raises:
            NotThere: there is no such question.
        """
        standing = self._unless_decided(approval, {"decision": decision})
        return standing, standing.decision == decision

    def _unless_decided(self, approval: str, changes: dict[str, object]) -> Approval:
        undecided = "attribute_exists(id) AND attribute_not_exists(decision)"
        try:
            return from_item(Approval, self._table.update(approval, changes, undecided))
        except ConditionFailed:
            item = self._table.get(approval)
            if item is None:
                raise NotThere(f"there is no question {approval}") from None
            return from_item(Approval, item)
