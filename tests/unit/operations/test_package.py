import ast
import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from handlers.domain.config.grants import GRANTS_FILE
from operations.artifacts import TEMPLATE
from operations.package import ROOT, build_package, contents

OF_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""What Lambda's Python runtime has of its own: boto3, and what that needs."""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return build_package(target=tmp_path_factory.mktemp("package") / "lambda.zip")


def test_the_same_sources_give_the_same_bytes(package, tmp_path):
    again = build_package(target=tmp_path / "again.zip")

    assert again.read_bytes() == package.read_bytes()


def test_it_carries_the_handlers_the_locked_packages_and_nothing_else(package):
    names = {name for name in contents(package) if not name.endswith(".dist-info")}

    assert names == {
        "applications.toml",
        "aws_lambda_powertools",
        "aws_xray_sdk",
        "clusters.toml",
        "handlers",
        "typing_extensions.py",
        "wrapt",
    }


def test_it_carries_every_handler_and_every_licence(package):
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "handlers").rglob("*.py")}
    packages = {name.split("/")[0] for name in names if ".dist-info/" in name}

    assert sources <= set(names)
    for each in packages:
        assert any(name.startswith(f"{each}/") and "LICENSE" in name for name in names), each
    assert not [name for name in names if name.endswith((".pyc", ".pyi", ".c"))]


def test_another_file_of_applications_takes_the_examples_place(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('[shop]\ncluster = "shop"\n')

    package = build_package(mine, tmp_path / "lambda.zip")

    with zipfile.ZipFile(package) as archive:
        assert archive.read("applications.toml") == mine.read_bytes()


def test_what_the_deployment_allows_is_carried_where_somebody_says_it(tmp_path):
    allowed = tmp_path / "mine.toml"
    allowed.write_text('task_roles = ["arn:aws:iam::123456789012:role/shop"]\n')

    package = build_package(target=tmp_path / "lambda.zip", grants=allowed)

    with zipfile.ZipFile(package) as archive:
        assert archive.read(GRANTS_FILE) == allowed.read_bytes()


def test_it_is_small_enough_to_edit_in_the_console(package):
    three_mib = 3 * 1024 * 1024

    assert package.stat().st_size < three_mib


def test_it_carries_no_module_of_ours_that_no_function_imports():
    template = yaml_parse(TEMPLATE.read_text())
    entries = {
        resource["Properties"]["Handler"].removesuffix(".lambda_handler")
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    every = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / "handlers").rglob("*.py")
    }

    reached, ahead = set(), list(entries)
    while ahead:
        module = ahead.pop()
        if module in every and module not in reached:
            reached.add(module)
            parents = [module.rsplit(".", n)[0] for n in range(1, module.count(".") + 1)]
            ahead += [*parents, *imported(every[module])]

    assert set(every) - reached == set()


def imported(path):
    """List what a file may import, at its top or later: modules, and names that may be modules."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def loaded(package, tmp_path_factory):
    """Import and use all of handlers with the runtime and the package alone.

    Returns:
        The names of our modules, the files of the package that were loaded, and all that it has.
    """
    folder = tmp_path_factory.mktemp("loaded")
    unpacked, runtime = folder / "task", folder / "runtime"
    runtime.mkdir()
    with zipfile.ZipFile(package) as archive:
        archive.extractall(unpacked)
    for name in OF_THE_RUNTIME:
        origin = Path(importlib.util.find_spec(name).origin)
        found = origin.parent if origin.name == "__init__.py" else origin
        (runtime / found.name).symlink_to(found)
    program = f"""
import importlib, json, os, pkgutil, sys
sys.path[:0] = [{str(unpacked)!r}, {str(runtime)!r}]
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "Shingo"
os.environ["LAMBDA_TASK_ROOT"] = {str(unpacked)!r}  # else tracing is off
import handlers
found = [module.name for module in pkgutil.walk_packages(handlers.__path__, "handlers.")]
for name in found:
    importlib.import_module(name)
from handlers import observability
observability._tracer()  # what Powertools imports only when it is used
observability.count("Rollouts")
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
print(json.dumps([found, files]))
"""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    found, files = json.loads(run.stdout.splitlines()[-1])
    here = [Path(file).relative_to(unpacked) for file in files if file.startswith(str(unpacked))]
    return found, set(here), {path.relative_to(unpacked) for path in unpacked.rglob("*.py")}


def test_every_module_of_handlers_imports_with_the_runtime_and_the_package_alone(loaded):
    found, *_ = loaded

    assert {"handlers.receive_slack", "handlers.gateways.slack_client"} <= set(found)


def part_of(path):
    """Name the part of the package that a file belongs to: two levels, or three."""
    depth = 3 if {"utilities", "ext"} & {*path.parts[1:2]} else 2
    return "/".join(path.parts[:depth])


def test_it_carries_no_part_of_a_package_that_nothing_loads(loaded):
    _, files, everything = loaded

    idle = {part_of(path) for path in everything} - {part_of(path) for path in files}

    assert idle == set(), "leave it out: operations/package.py"
