"""Who may import whom (the architecture's arrows), and what importing may touch."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDARD = sys.stdlib_module_names
SHARED = {"http", "observability", "runtime"}
"""Modules of `handlers` that its entry points share, beside its packages."""


def files(*folders):
    return sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    """List the full names of all modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def verbs():
    return [p for p in (ROOT / "handlers").glob("*.py") if p.stem not in SHARED | {"__init__"}]


def breaches(paths, allowed):
    """Name each import that does not begin with a standard module or an allowed name."""
    return [
        f"{name_of(path)} imports {module}"
        for path in paths
        for module in sorted(imports_of(path))
        if module.partition(".")[0] not in STANDARD and not _begins(module, allowed)
    ]


def _begins(module, names):
    # `from handlers import runtime` names the package `handlers` too, which holds nothing.
    return module == "handlers" or any(module == n or module.startswith(f"{n}.") for n in names)


def test_there_is_something_to_check():
    assert len(verbs()) >= 9
    assert len(files("handlers/domain")) > 10


def test_the_domain_imports_the_standard_library_alone():
    assert breaches(files("handlers/domain"), ["handlers.domain"]) == []


ROOMS = [
    "model",
    "config",
    "deployments",
    "approvals",
    "history",
    "statistics",
    "verification",
    "admission",
    "capacity",
]
"""The rooms of the domain: each stands on those before it."""


def test_the_rooms_of_the_domain_stand_on_each_other_in_one_order():
    found = {path.name for path in (ROOT / "handlers" / "domain").iterdir() if path.is_dir()}
    below = {
        room: [f"handlers.domain.{each}" for each in ROOMS[: at + 1]]
        for at, room in enumerate(ROOMS)
    }

    assert found - {"__pycache__"} == set(ROOMS)
    assert [
        breach
        for room in ROOMS
        for breach in breaches(files(f"handlers/domain/{room}"), below[room])
    ] == []


def test_no_modules_of_the_handlers_import_each_other_in_a_circle():
    names = {name_of(path): path for path in files("handlers")}
    left = {name: (imports_of(path) & set(names)) - {name} for name, path in names.items()}
    while free := [name for name, below in left.items() if not below & set(left)]:
        for name in free:
            del left[name]

    assert sorted(left) == []


def test_the_domain_takes_no_port():
    """A shape of values may be a protocol there; what can be called is declared in services."""
    protocols = [
        node
        for path in files("handlers/domain")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases)
    ]
    methods = [
        part for node in protocols for part in node.body if isinstance(part, ast.FunctionDef)
    ]

    assert [part.name for part in methods if not part.decorator_list] == []


def test_the_domain_has_no_clock_no_environment_and_no_network_of_its_own():
    outside = {"os", "socket", "urllib.request", "http", "time", "random", "secrets", "subprocess"}

    assert [p for p in files("handlers/domain") if imports_of(p) & outside] == []
    assert [p for p in files("handlers/domain") if ".now(" in p.read_text()] == []


def test_slack_translates_the_domain_and_nothing_else():
    assert breaches(files("handlers/slack"), ["handlers.domain", "handlers.slack"]) == []


def test_gateways_know_the_domain_and_their_libraries():
    allowed = [
        "handlers.domain",
        "handlers.gateways",
        "handlers.slack.blocks",
        "boto3",
        "botocore",
    ]
    typing_only = [f"mypy_boto3_{each}" for each in ("dynamodb", "ecr", "ecs", "elbv2", "ssm")]

    assert (
        breaches(files("handlers/gateways"), [*allowed, *typing_only, "mypy_boto3_stepfunctions"])
        == []
    )


@pytest.mark.parametrize("verb", verbs(), ids=lambda path: path.stem)
def test_an_entry_point_imports_no_other_and_no_gateway_and_no_client(verb):
    shared = [f"handlers.{name}" for name in SHARED]
    inner = ["handlers.domain", "handlers.slack", "handlers.services"]

    assert breaches([verb], [*inner, *shared]) == []


def test_services_are_given_the_outside_and_import_none_of_it():
    allowed = ["domain", "slack", "services", "observability", "http"]

    assert breaches(files("handlers/services"), [f"handlers.{each}" for each in allowed]) == []


def test_runtime_imports_what_it_builds():
    allowed = ["domain.config", "gateways", "services.context", "services.ports"]
    runtime = ROOT / "handlers" / "runtime.py"

    assert breaches([runtime], [*(f"handlers.{each}" for each in allowed), "botocore"]) == []


def test_runtime_alone_reads_the_environment():
    readers = [
        name_of(path)
        for path in files("handlers")
        if any(each in {"os", "os.environ", "os.getenv"} for each in imports_of(path))
    ]

    assert readers == ["handlers.runtime"]


def test_handlers_never_import_what_is_not_deployed():
    undeployed = ("workflows", "sandbox", "tests")

    assert [
        f"{name_of(path)} imports {module}"
        for path in files("handlers")
        for module in imports_of(path)
        if module.partition(".")[0] in undeployed
    ] == []


def test_the_sandboxs_world_is_plain_python():
    assert breaches(files("sandbox/world"), ["sandbox.world"]) == []


def test_the_vocabulary_of_stories_is_plain_data_on_the_domain():
    allowed = ["handlers.domain", "handlers.slack.action_ids", "sandbox.stories"]

    assert breaches(files("sandbox/stories"), allowed) == []


def test_the_step_functions_sdk_is_imported_in_one_place():
    importers = [
        name_of(path)
        for path in files("handlers", "workflows", "sandbox")
        if any(module.partition(".")[0] == "stepfunctions" for module in imports_of(path))
    ]

    assert importers == ["workflows.dsl.sdk"]


ARROWS = {
    "handlers": ["handlers"],
    "workflows": ["workflows", "handlers.domain"],
    "operations": ["operations", "handlers"],
    "sandbox": ["sandbox", "operations", "handlers"],
    "simulator": [
        "simulator",
        "sandbox.world",
        "sandbox.stories",
        "sandbox.wire",
        "handlers",
        "workflows",
    ],
    "bench": ["bench", "simulator", "sandbox", "operations", "handlers", "workflows"],
    "docs": ["docs", "handlers.domain"],
}
"""Folder → what of ours it may import. Nobody imports tests."""


PAGE = ROOT / "docs" / "architecture.md"
ROW = re.compile(r"^\| `(\w+)/` \| ([^|]+) \|$", re.MULTILINE)


def test_the_page_on_the_architecture_says_the_same_arrows():
    rows = ROW.findall(PAGE.read_text().partition("## The arrows")[2])
    # The handlers' rooms have rows of their own.
    said = {folder: names for folder, names in rows if folder in ARROWS}
    expected = {
        folder: {each.replace(".", "/") for each in names} - {folder}
        for folder, names in ARROWS.items()
        if folder != "handlers"
    }

    assert {folder: _named(folder, names) for folder, names in said.items()} == expected


def _named(folder, names):
    if names == "everything but docs and tests":
        return set(ARROWS) - {folder, "docs"}
    return {each.strip("`").rstrip("/") for each in names.split(", ")} - {"boto3"}


def test_every_folder_of_ours_has_its_arrows():
    ours = {path.parent.name for path in ROOT.glob("*/*.py")} - {"requirements", "tests", "build"}

    assert ours <= set(ARROWS)


@pytest.mark.parametrize("folder", ARROWS)
def test_a_folder_imports_what_its_arrows_say(folder):
    assert [
        f"{name_of(path)} imports {module}"
        for path in files(folder)
        for module in sorted(imports_of(path))
        if module.partition(".")[0] in {*ARROWS, "tests"} and not _begins(module, ARROWS[folder])
    ] == []


def test_no_two_folders_import_each_other():
    top = {folder: {name.partition(".")[0] for name in names} for folder, names in ARROWS.items()}

    assert [(a, b) for a in top for b in top[a] - {a} if a in top.get(b, ())] == []


def test_nothing_stands_beside_the_entry_points_but_what_runs_them():
    template = (ROOT / "definitions" / "template.yaml").read_text()

    assert [p.stem for p in verbs() if f"handlers.{p.stem}.lambda_handler" not in template] == []


def run(code):
    """Run Python in a process that has no environment, as a handler starts."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)


TOUCHES_NOTHING = """
import importlib, os, socket

class Untouched(dict):
    def refuse(self, *_):
        raise AssertionError("the environment was read")
    __getitem__ = get = __contains__ = refuse

import aws_lambda_powertools, boto3, botocore.session
def refuse(*_, **__):
    raise AssertionError("a client was made")
boto3.client = boto3.resource = boto3.Session.client = refuse
socket.socket.connect = refuse
os.environ = os.getenv = Untouched()
for name in {names!r}:
    importlib.import_module(name)
"""


def test_importing_a_handler_touches_nothing():
    names = [name_of(path) for path in verbs()]

    done = run(TOUCHES_NOTHING.format(names=names))

    assert done.stderr == ""
    assert done.returncode == 0


HEAVY = ("slack_sdk", "aws_xray_sdk", "pydantic", "stepfunctions", "requests", "moto")


def test_the_acknowledgement_path_loads_nothing_heavy():
    done = run("import sys, handlers.receive_slack; print(*sorted(sys.modules))")

    assert done.returncode == 0
    assert {name.partition(".")[0] for name in done.stdout.split()} & set(HEAVY) == set()
