"""Prints the audit, one JSON object a line: `python -m operations.audit_export`.

Reads the table of a deployed stack in one's own account, with the credentials and the region
that the AWS CLI would use; or with `--endpoint-url` that of a sandbox (`make sandbox` prints it).

Tested in `tests/contract/gateways/test_audit_store.py`.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.domain.history.audit import AuditEntry, chronological
from handlers.gateways.audit_store import Audit
from handlers.gateways.dynamodb_items import Item, from_item
from handlers.gateways.dynamodb_table import Table
from operations.cloudformation import STACK
from operations.deployed_stack import deployed_table, session_in
from operations.local_aws import aws_client


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it; return the process's exit status."""
    options = _options(arguments)
    try:
        found = export(options.stack, options)
    except (BotoCoreError, ClientError, LookupError) as error:
        print(f"The audit could not be read: {error}", file=sys.stderr)
        return 1
    for entry in found:
        print(as_json(entry))
    return 0


def export(stack: str, options: argparse.Namespace) -> list[AuditEntry]:
    """Yield the chosen entries in order of time.

    Raises:
        LookupError: the stack has no audit.
    """
    table = deployed_table(_client("cloudformation", options), stack, "Audit")
    dynamodb = _client("dynamodb", options)
    if options.rollout:
        return Audit(Table(dynamodb, table, "rollout")).entries(options.rollout)
    entries = (from_item(AuditEntry, item) for item in _scan(dynamodb, table))
    wanted = options.application
    return chronological(entry for entry in entries if wanted in {"", entry.application})


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
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--application", default="", help="only of this application")
    which.add_argument("--rollout", default="", help="only of this rollout")
    return parser.parse_args(arguments)


def _client(service: str, options: argparse.Namespace) -> Any:  # noqa: ANN401 - which one depends on the name
    if options.endpoint_url:
        return aws_client(service, options.endpoint_url)
    return session_in(options.region).client(service)  # type: ignore[call-overload]


def _scan(dynamodb: Any, table: str) -> Iterable[Item]:  # noqa: ANN401 - likewise
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


if __name__ == "__main__":
    sys.exit(main())
