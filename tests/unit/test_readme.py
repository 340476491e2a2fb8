import json
import os
import re
import shutil
import subprocess
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from handlers.domain.config.applications import load_applications
from handlers.domain.model.colors import COLORS
from handlers.domain.model.durations import in_words
from handlers.domain.model.outcomes import ERRORS, RolloutOutcome
from operations.deploy import REQUIRED
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.group_scenarios import GROUP_SCENARIOS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
TOLD = set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE))

ENDED_FROM_OUTSIDE = {RolloutOutcome.ABORTED, RolloutOutcome.TIMED_OUT}


def tracked():
    listed = subprocess.run(
        [shutil.which("git"), "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_command_that_it_names_is_one_of_makes():
    named = set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
    named |= set(re.findall(r"`make ([a-z-]+)", README))

    assert TOLD - {"help"} <= named <= TARGETS


def test_ci_runs_its_test_command():
    assert "make test" in README
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_the_scenarios_that_it_names_exist():
    named = set(re.findall(r"SCENARIO=([a-z-]+)", README)) - {"help"}

    assert named
    assert named <= {*SCENARIOS, *GROUP_SCENARIOS}


def test_its_table_of_settings_is_the_codes():
    rows = dict(
        re.findall(r"^\| `([a-z_.]+)` \| .+? \| (.*?) ?\|$", section("Settings"), re.MULTILINE)
    )
    (application,) = load_applications({"api": {"cluster": "recipes"}}).values()
    rules = application.rules["red"]

    rules_told = {f"approvals.{field.name}" for field in fields(rules)}
    checks_told = {f"verification.{field.name}" for field in fields(application.verification)}
    images_told = {f"images.{field.name}" for field in fields(application.images)}
    holding = {"name", "rules", "verification", "images"}
    told = {field.name for field in fields(application)} - holding
    assert set(rows) == told | rules_told | checks_told | images_told | {"namespace"}
    holders = {
        "approvals": rules,
        "verification": application.verification,
        "images": application.images,
    }
    for setting, default in rows.items():
        if default.startswith("`") and default.endswith("`"):
            holder = holders.get(setting.partition(".")[0], application)
            assert default == f"`{written(getattr(holder, setting.rpartition('.')[2]))}`", setting


def section(title):
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def written(value):
    """Write a setting's value as people write it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return in_words(value) if isinstance(value, timedelta) else str(value)


def test_it_names_every_variable_that_deploying_needs():
    needed = {*REQUIRED, "YES", "STACK", "APPLICATIONS", "CLUSTERS"}

    assert [name for name in needed if f"{name}=" not in README] == []


def test_its_table_of_outcomes_is_the_codes():
    rows = re.findall(r"^\| `([a-z_]+)` \| (?:`(\w+)`|\(succeeds\)) \|", README, re.MULTILINE)

    table = {RolloutOutcome(outcome): error for outcome, error in rows}
    ends = set(RolloutOutcome) - ENDED_FROM_OUTSIDE
    assert table == {outcome: ERRORS.get(outcome, "") for outcome in ends}


def test_every_file_that_it_links_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    titles = re.findall(r"^## (.+)$", README, re.MULTILINE)
    headings = {title.lower().replace(" ", "-") for title in titles}

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings


def test_its_example_is_an_input():
    schema = json.loads((ROOT / "definitions" / "input.schema.json").read_text())
    examples = re.findall(r"^```json\n(.+?)\n```", README, re.MULTILINE | re.DOTALL)

    assert examples
    for example in examples:
        jsonschema.validate(json.loads(example), schema)


def test_every_test_that_it_names_as_proof_exists():
    named = set(re.findall(r"`(test_\w+)`", README))
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert named
    assert sorted(name for name in named if f"def {name}(" not in sources) == []


def test_it_says_how_to_add_a_color():
    assert all(color in README for color in COLORS)
    assert "handlers/domain/model/colors.py" in README


def test_make_alone_lists_the_commands():
    # Run by make itself, make would say which folder it is in.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    listed = subprocess.run(
        [shutil.which("make")], cwd=ROOT, env=alone, capture_output=True, text=True, check=True
    )

    assert {line.split()[1] for line in listed.stdout.splitlines()} == TOLD


@pytest.mark.parametrize(
    "trace",
    [r"https?://\S*/simple/", r"index[-_]url\s*[=:]", r"(?<![\w.])/work" + "/", r"/tm" + "p/lab"],
    ids=["an index", "an index setting", "a work folder", "a lab folder"],
)
def test_no_file_names_a_package_index_or_a_path_of_one_machine(trace):
    named = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if path != Path(__file__) and re.search(trace, text):
            named.append(path.name)

    assert named == []
