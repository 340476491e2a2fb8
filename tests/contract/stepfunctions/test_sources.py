"""Each rule names its source: the table of rules is complete, and no source is idle."""

import ast
import re
from pathlib import Path

from tests.support.stepfunctions.rule_sources import SOURCES

NAMED = re.compile(r"\[([a-z: ]+)\]")


def rules():
    for path in sorted(Path(__file__).parent.glob("test_rules_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name, ast.get_docstring(node) or ""


def test_each_rule_begins_with_a_known_source():
    unnamed = [
        name
        for name, said in rules()
        if not (first := NAMED.match(said)) or first[1] not in SOURCES
    ]

    assert unnamed == []


def test_each_source_has_a_rule():
    used = {source for _, said in rules() for source in NAMED.findall(said)}

    assert used == set(SOURCES)
