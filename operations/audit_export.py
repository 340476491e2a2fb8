"""Prints the audit, one JSON object a line: `python -m operations.audit_export`.

With `--verify` it compares each entry with the line that its writer left in the functions' log, and
names what was changed, removed or added by something else; it then ends with 2.

Reads the table of a deployed stack in one's own account, with the credentials and the region
that the AWS CLI would use; or with `--endpoint-url` that of a sandbox (`make sandbox` prints it).

Tested in `tests/contract/gateways/test_audit_store.py`.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from handlers.domain.history.audit import AuditEntry, chronological
from handlers.domain.model.errors import ShingoError
from handlers.gateways.dynamodb_items import Item, from_item
from handlers.gateways.dynamodb_table import Table
from operations.audit_proof import LOG_GROUP, findings, read_lines
from operations.cloudformation import STACK
from operations.deployed_stack import deployed_name, deployed_table, session_in
from operations.local_aws import aws_client

TAMPERED: Final = 2
"""Exit status where the audit is not as it was written."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it; return the process's exit status."""
    options = _options(arguments)
    try:
        items = export(options.stack, options)
        wrong = list(_verified(options, items)) if options.verify else []
    except (BotoCoreError, ClientError, LookupError, ShingoError) as error:
        print(f"The audit could not be read: {error}", file=sys.stderr)
        return 1
    for entry in _entries(items, options.application):
        print(as_json(entry))
    for finding in wrong:
        print(finding, file=sys.stderr)
    return TAMPERED if wrong else 0


def export(stack: str, options: argparse.Namespace) -> list[Item]:
    """Return the items of the table, all or one rollout's.

    Raises:
        LookupError: the stack has no audit.
    """
    table = deployed_table(_client("cloudformation", options), stack, "Audit")
    dynamodb = _client("dynamodb", options)
    if options.rollout:
        return Table(dynamodb, table, "rollout").all_of(options.rollout)
    return Table(dynamodb, table, "rollout").all()


def _entries(items: Iterable[Item], application: str) -> list[AuditEntry]:
    """Read the entries of one application, or of all; what is none any more is left out."""
    found = []
    for item in items:
        with suppress(ValueError, KeyError, TypeError):
            found.append(from_item(AuditEntry, item))
    return chronological(entry for entry in found if application in {"", entry.application})


def _verified(options: argparse.Namespace, items: Iterable[Item]) -> Iterator[str]:
    """Compare items with the log, and name what differs."""
    group = deployed_name(
        _client("cloudformation", options), options.stack, f"log group {LOG_GROUP}"
    )
    told = read_lines(_client("logs", options), group)
    lines = [line for line in told if options.rollout in {"", line.rollout}]
    return findings(items, lines, options.application)


def as_json(entry: AuditEntry) -> str:
    """Return an entry as one line of JSON."""
    return json.dumps(asdict(entry) | {"at": entry.at.isoformat()}, ensure_ascii=False)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make audit", description=(__doc__ or "").partition("\n\nTested")[0]
    )
    parser.add_argument("--stack", default=STACK, help="the stack's name")
    parser.add_argument("--region", default="", help="the region that it is in")
    parser.add_argument("--endpoint-url", default="", help="the sandbox's AWS")
    parser.add_argument(
        "--verify", action="store_true", help="compare each entry with the functions' log"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--application", default="", help="only of this application")
    which.add_argument("--rollout", default="", help="only of this rollout")
    return parser.parse_args(arguments)


def _client(service: str, options: argparse.Namespace) -> Any:  # noqa: ANN401 - which one depends on the name
    if options.endpoint_url:
        return aws_client(service, options.endpoint_url)
    return session_in(options.region).client(service)  # type: ignore[call-overload]


if __name__ == "__main__":
    sys.exit(main())
