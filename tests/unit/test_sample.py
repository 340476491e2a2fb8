"""The sample that `make test` plays end to end is of tests that there are."""

from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE

SOURCES = {
    path.name: path.read_text() for path in (Path(__file__).parents[1] / "e2e").rglob("test_*.py")
}


@pytest.mark.parametrize("name", SAMPLE)
def test_what_the_sample_names_is_there(name):
    file, _, test = name.partition("::")

    assert file in SOURCES
    assert f"def {test.partition('[')[0]}" in SOURCES[file]
