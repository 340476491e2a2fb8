import json
from pathlib import Path

import pytest

from tests.support.stepfunctions.other_interpreters import moto_interpreter

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def definition():
    return json.loads((ROOT / "definitions/rollout.asl.json").read_text())


@pytest.fixture(scope="module")
def interpreter():
    with moto_interpreter() as found:
        yield found
