"""A module has a test of its own name, or says in one line where it is tested.

The line stands in its docstring or, where it holds for all of a package, in the package's. What
measures is no part of the product, and may name the command that runs it in place of a test.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = re.compile(r"Tested in\s+(.*?)(?:\.\s|\.$|\Z)", re.DOTALL)
FOLDERS = ("handlers", "workflows", "operations", "simulator", "sandbox", "bench")
TESTS = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}


def modules():
    paths = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return [path for path in paths if path.name != "__init__.py"]


def docstring(path):
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def places(path):
    """List where a module is said to be tested: files and folders, as they are written there."""
    told = TOLD.search(docstring(path)) or TOLD.search(docstring(path.with_name("__init__.py")))
    return re.findall(r"`([^`]+)`", told[1]) if told else []


def measures(path):
    return path.parent.name == "bench" and re.search(r"`(make|.*python -m) ", docstring(path))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_a_test_of_its_name_or_says_where_it_is_tested(path):
    told = places(path)

    is_told = told or f"test_{path.name}" in TESTS or measures(path)
    assert is_told, "no test has its name: say `Tested in …`"
    assert [each for each in told if not (ROOT / each).exists() and each not in TESTS] == []
