import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from docs import write_defaults
from handlers.domain.config.applications import load_applications
from handlers.domain.config.clusters import load_clusters
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.colors import COLORS
from handlers.domain.model.group import IfOneFails, Order
from handlers.domain.model.outcomes import ERRORS, RolloutOutcome
from handlers.slack.messages.usage_text import USAGE
from operations.deploy import REQUIRED
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.group_scenarios import GROUP_SCENARIOS

ROOT = Path(__file__).parents[2]
PAGES = {
    page.relative_to(ROOT).as_posix(): page.read_text()
    for page in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "bench").glob("*.md")),
    )
}
README, CONTRIBUTING = PAGES["README.md"], PAGES["CONTRIBUTING.md"]
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


def anchor(title):
    """Name a heading as GitHub does."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def anchors(text):
    return {anchor(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def prose(text):
    """Leave out the blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


# Commands.


def test_every_command_of_make_is_told_of_and_no_other():
    named = set()
    for text in PAGES.values():
        named |= set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
        named |= set(re.findall(r"`make ([a-z-]+)", text))

    assert TOLD - {"help"} <= named <= TARGETS


def test_ci_runs_its_test_command():
    assert "make test" in README
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert ".ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_the_scenarios_that_it_names_exist():
    named = set(re.findall(r"SCENARIO=([a-z-]+)", README)) - {"help"}

    assert named
    assert named <= {*SCENARIOS, *GROUP_SCENARIOS}


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_it_names_every_variable_that_deploying_needs(page):
    needed = {*REQUIRED, "YES", "STACK", "APPLICATIONS", "CLUSTERS"}

    assert [name for name in needed if f"{name}=" not in PAGES[page]] == []


def test_make_alone_lists_the_commands():
    # Run by make itself, make would say which folder it is in.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    listed = subprocess.run(
        [shutil.which("make")], cwd=ROOT, env=alone, capture_output=True, text=True, check=True
    )

    assert {line.split()[1] for line in listed.stdout.splitlines()} == TOLD


# Tables.


def test_its_table_of_slash_commands_is_slacks_own_help():
    told = re.findall(r"^\| `/rollout (.+?)` \|", README, re.MULTILINE)

    assert told == list(USAGE)


def test_its_table_of_outcomes_is_the_codes():
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (?:`(\w+)`|\(succeeds\)) \|", PAGES["docs/outcomes.md"], re.MULTILINE
    )

    table = {RolloutOutcome(outcome): error for outcome, error in rows}
    ends = set(RolloutOutcome) - ENDED_FROM_OUTSIDE
    assert table == {outcome: ERRORS.get(outcome, "") for outcome in ends}


def test_the_ways_of_a_group_are_the_codes():
    text = PAGES["docs/groups.md"]

    assert re.findall(r"^\| `([a-z ]+)` \|", text, re.MULTILINE) == list(Order)
    assert all(f"`{word}`" in text for word in IfOneFails)


def test_the_defaults_of_settings_are_the_codes():
    page = PAGES["docs/settings.md"]

    assert write_defaults.page(page) == page, "mend it with: make docs"
    assert "docs.write_defaults --check" in MAKEFILE


UNKNOWN = {"unknown": 1}
READ = [
    (
        load_applications,
        {
            **UNKNOWN,
            "cluster": "recipes",
            "approvals": UNKNOWN,
            "images": UNKNOWN,
            "verification": {
                **UNKNOWN,
                "metrics": {"name": UNKNOWN},
                "logs": {"name": UNKNOWN},
                "smoke": UNKNOWN,
            },
        },
    ),
    (load_clusters, {**UNKNOWN, "spot": UNKNOWN}),
]
SHARED = {"off", "dry_run", "unhealthy", "inconclusive", "no_data", "error"}
"""What the page says of a metric's table, and is so of a log's and of the smoke check's."""


@pytest.mark.parametrize(("load", "table"), READ, ids=["applications", "clusters"])
def test_the_settings_are_those_that_are_read(load, table):
    with pytest.raises(ConfigurationError) as refused:
        load({"web": table})

    known = set()
    for where, keys in re.findall(
        r"^web\.?(\S*?)\.?unknown: found 1, expected only (.*)$", str(refused.value), re.MULTILINE
    ):
        short = where.removeprefix("verification.").removesuffix(".name")
        optional = SHARED if short in {"logs", "smoke"} else set()
        known |= {f"{short}.{key}".strip(".") for key in set(keys.split(", ")) - optional}
    # Of people it is tested in test_people.py: its other keys are names.
    told = set(write_defaults.defaults()) - {"logs.unhealthy", "people.identity"}
    inner = {"approvals", "images", "verification", "spot"}
    of_clusters = {name for name in told if name.startswith("spot.") or "drain" in name}
    assert known - inner == (of_clusters if load is load_clusters else told - of_clusters)


def test_a_setting_that_the_page_leaves_out_is_an_error():
    page = PAGES["docs/settings.md"]

    with pytest.raises(write_defaults.PageError, match=re.escape("['settle']")):
        write_defaults.page(page.replace("| `settle` |", "| settle |"))


def test_a_page_that_is_out_of_date_is_told_and_written(tmp_path, monkeypatch, capsys):
    stale = tmp_path / "settings.md"
    stale.write_text(PAGES["docs/settings.md"].replace('`"30 min"`', '`"31 min"`'))
    monkeypatch.setattr(write_defaults, "PAGE", stale)

    assert write_defaults.main(["--check"]) == 1
    assert "make docs" in capsys.readouterr().err
    assert write_defaults.main([]) == 0
    assert stale.read_text() == PAGES["docs/settings.md"]


def test_the_example_of_applications_says_where_the_settings_stand():
    for name in ("applications", "clusters"):
        assert "docs/settings.md" in (ROOT / "definitions" / f"{name}.toml").read_text()


def test_the_rooms_are_the_folders():
    text = PAGES["docs/architecture.md"]
    (line,) = re.findall(r"^model → .+$", text, re.MULTILINE)
    rooms = {path.name for path in (ROOT / "handlers" / "domain").iterdir() if path.is_dir()}
    told = set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE))
    held = {path.relative_to(ROOT).parts[0] for path in tracked() if path.suffix == ".py"}

    assert set(line.split(" → ")) == rooms - {"__pycache__"}
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == line.split(" → ")
    assert held - told == {"requirements"}


def test_the_rooms_of_the_domain_stand_on_each_other_as_told():
    (line,) = re.findall(r"^model → .+$", PAGES["docs/architecture.md"], re.MULTILINE)
    floors = {room: floor for floor, room in enumerate(line.split(" → "))}
    upward = [
        f"{path.name} imports {room}"
        for path in (ROOT / "handlers" / "domain").rglob("*/*.py")
        for room in re.findall(r"^from handlers\.domain\.(\w+)", path.read_text(), re.MULTILINE)
        if floors[room] > floors[path.parent.name]
    ]

    assert upward == []


# Links, names and examples.


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_heading_that_it_links_exists(page):
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", prose(PAGES[page])):
        path, _, heading = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        assert not heading or heading in anchors(target.read_text()), link


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_it_names_exists(page):
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir())
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", prose(PAGES[page]))

    assert [name for name in named if not (ROOT / name).exists()] in (
        [],
        ["build/slack-manifest.yaml"],
    )


def test_every_page_is_reached_from_the_readme():
    reached, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        if page in PAGES and page not in reached:
            reached.add(page)
            links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[page])
            found = [((ROOT / page).parent / link).resolve() for link in links]
            ahead += [path.relative_to(ROOT.resolve()).as_posix() for path in found]
            folders = [path for path in found if path.is_dir()]
            ahead += [
                each.relative_to(ROOT.resolve()).as_posix()
                for folder in folders
                for each in folder.glob("*.md")
            ]

    assert set(PAGES) - reached == set()


def test_its_example_is_an_input():
    schema = json.loads((ROOT / "definitions" / "input.schema.json").read_text())
    examples = re.findall(
        r"^```json\n(.+?)\n```", PAGES["docs/operations.md"], re.MULTILINE | re.DOTALL
    )
    examples += re.findall(r"`(\{\"application\".+?\})`", README)

    assert len(examples) == 2
    for example in examples:
        jsonschema.validate(json.loads(example), schema)


def test_every_test_that_it_names_as_proof_exists():
    named = {name for text in PAGES.values() for name in re.findall(r"`(test_\w+)`", text)}
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert named
    assert sorted(name for name in named if f"def {name}(" not in sources) == []


def test_every_output_of_the_stack_that_it_names_exists():
    named = {n for text in PAGES.values() for n in re.findall(r"output `(\w+)`", text)}
    template = (ROOT / "definitions" / "template.yaml").read_text()
    outputs = set(re.findall(r"^  (\w+):$", template.partition("\nOutputs:\n")[2], re.MULTILINE))

    assert {"GroupMachineArn", "ApprovalsUrl"} <= named <= outputs


def test_it_says_how_to_add_a_color():
    assert all(color in README for color in COLORS)
    assert "handlers/domain/model/colors.py" in CONTRIBUTING


def test_nobody_needs_to_read_much():
    assert len(README.splitlines()) <= 130
    assert len(CONTRIBUTING.splitlines()) <= 80


def test_the_picture_of_the_channel_is_light():
    assert (ROOT / "docs" / "images" / "channel.png").stat().st_size < 150_000


# Texts.


def test_every_term_of_the_glossary_is_used():
    terms = re.findall(r"^\| \*\*(.+?)\*\* \|", PAGES["docs/glossary.md"], re.MULTILINE)
    code = "\n".join(
        path.read_text().lower()
        for folder in ("handlers", "workflows", "operations", "sandbox", "simulator")
        for path in (ROOT / folder).rglob("*.py")
    )

    assert terms == sorted(terms, key=str.lower)
    assert [
        term
        for term in terms
        if not re.search(rf"(?<![a-z]){re.sub('[ -]', '[ _-]', term.lower())}", code)
    ] == []


def test_no_decision_is_without_its_price():
    decisions = {name: text for name, text in PAGES.items() if name.startswith("docs/decisions/")}
    told = {
        name
        for name, text in decisions.items()
        if name.endswith("README.md") or ("**Decided.**" in text and "**Given up.**" in text)
    }

    assert set(decisions) - told == set()


OLD_MODULES = """
answering awaiting beginning bringing closing conclusion cutting_short doubt figures fitness
grouping holding looking looking_back masking measured noise observe reading readings resuming
slack_light slack_sdk_client taking_back taking_turns telling telling_group trouble turns verifying
vetting words calls folding order promises acts agenda leaks leash pace players seam stay watcher
door town fate places misfortunes broken of_groups cluster_capacity
"""
"""Names that modules had, and that say nothing to who does not know them: none comes back."""
OLD_WORDS = """
heed leave_word must_hold give_way set_out waits_for_the_others errand Errand Teller look_back
looking_back SlackLight SlackSdk slack_light
"""


def test_no_module_has_a_name_of_old():
    modules = {path.stem.removeprefix("test_"): path for path in tracked() if path.suffix == ".py"}

    assert sorted(str(modules[name]) for name in OLD_MODULES.split() if name in modules) == []


def test_nothing_is_called_as_of_old():
    texts = [
        (path.name, path.read_text())
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".js"} and path != Path(__file__)
    ]
    found = [
        f"{name}: {word}"
        for name, text in texts
        for word in OLD_WORDS.split()
        if re.search(rf"\b{word}\b", text)
    ]

    assert found == []


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
