"""The audit of a running stack, proved by the log of its functions."""

import time

import pytest

from operations import audit_export
from tests.support.patience import PATIENCE
from tests.support.playing import patient_sandbox

pytestmark = pytest.mark.wire


def verified(sandbox, capsys):
    """Return the exit status of the export, how many entries it writes, and what it names."""
    status = audit_export.main(["--verify", "--endpoint-url", sandbox.stack.endpoint])
    said = capsys.readouterr()
    return status, len(said.out.splitlines()), said.err


def test_an_entry_that_is_overwritten_by_a_plain_put_is_named(capsys):
    with patient_sandbox() as sandbox:
        sandbox.people.command("carol", "/rollout web v1.42.0")
        dynamodb, table = sandbox.client("dynamodb"), sandbox.stack.tables["Audit"]
        end = time.monotonic() + PATIENCE
        while len(items := dynamodb.scan(TableName=table)["Items"]) < 2:
            assert time.monotonic() < end
            time.sleep(0.1)
        while (found := verified(sandbox, capsys)) != (0, len(items), ""):
            assert time.monotonic() < end, found

        dynamodb.put_item(TableName=table, Item=items[0] | {"actor": {"S": "U0MALLORY"}})

        status, entries, said = verified(sandbox, capsys)
    assert (status, entries) == (audit_export.TAMPERED, len(items))
    assert said.endswith(": is not as it was written\n")
