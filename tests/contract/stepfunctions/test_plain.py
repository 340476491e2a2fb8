"""The double is plain Python with no clock, no chance, no threads and no outside."""

import ast
import sys
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[3] / "simulator/stepfunctions").glob("*.py"))
OUTSIDE = {"os", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid", "urllib"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_imports_the_standard_library_and_itself(path):
    others = [name for name in imports(path) if not name.startswith("simulator.stepfunctions.")]

    assert [name for name in others if name.partition(".")[0] not in sys.stdlib_module_names] == []
    assert [name for name in others if name.partition(".")[0] in OUTSIDE] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_looks_at_no_clock(path):
    assert ".now(" not in path.read_text()
