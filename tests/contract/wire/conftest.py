"""AWS on the wire, for whoever talks to it with the real boto3."""

import pytest

from tests.support.aws_on_the_wire import serving


@pytest.fixture(scope="module")
def served():
    with serving() as aws:
        yield aws


@pytest.fixture
def aws(served):
    served.renew()
    return served
