import json
from pathlib import Path

import pytest

from tests.states.elsewhere import moto_interpreter


@pytest.fixture(scope="session")
def definition():
    root = Path(__file__).parents[2]
    return json.loads((root / "definitions/rollout.asl.json").read_text())


@pytest.fixture(scope="module")
def moto():
    with moto_interpreter() as interpreter:
        yield interpreter
