from io import StringIO

import pytest

from handlers import observability
from tests.support.handler_gateways import Outside
from tests.support.targets import settle_in


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """Give Powertools what the template gives it, and nothing of AWS."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "shingo")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def targets(monkeypatch):
    """Have open questions, a rollout that can be withdrawn, rolled back, put back: all to lose."""
    outside = Outside()
    outside.install(monkeypatch)
    settle_in(outside)
    return outside


@pytest.fixture
def log():
    """Catch what is logged."""
    caught = StringIO()
    handler = observability.logger().registered_handler
    before = handler.setStream(caught)
    yield caught
    handler.setStream(before)
