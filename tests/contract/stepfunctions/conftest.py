import json
from pathlib import Path

import pytest

from tests.support.stepfunctions.other_interpreters import moto_interpreter


@pytest.fixture(scope="session")
def definition():
    root = Path(__file__).parents[3]
    return json.loads((root / "definitions/rollout.asl.json").read_text())


@pytest.fixture(scope="module")
def moto():
    with moto_interpreter() as interpreter:
        yield interpreter
