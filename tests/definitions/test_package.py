import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sandbox.package import ROOT, build_package, contents

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
        "dacite",
        "handlers",
        "slack_sdk",
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


def test_it_is_small_enough_to_edit_in_the_console(package):
    three_mib = 3 * 1024 * 1024

    assert package.stat().st_size < three_mib


def test_every_module_of_handlers_imports_with_the_runtime_and_the_package_alone(package, tmp_path):
    unpacked, runtime = tmp_path / "task", tmp_path / "runtime"
    runtime.mkdir()
    with zipfile.ZipFile(package) as archive:
        archive.extractall(unpacked)
    for name in OF_THE_RUNTIME:
        origin = Path(importlib.util.find_spec(name).origin)
        found = origin.parent if origin.name == "__init__.py" else origin
        (runtime / found.name).symlink_to(found)
    program = f"""
import importlib, json, pkgutil, sys
sys.path[:0] = [{str(unpacked)!r}, {str(runtime)!r}]
import handlers
found = [module.name for module in pkgutil.walk_packages(handlers.__path__, "handlers.")]
for name in found:
    importlib.import_module(name)
print(json.dumps(found))
"""

    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )

    assert run.stderr == ""
    assert {"handlers.receive_slack", "handlers.gateways.slack"} <= set(json.loads(run.stdout))
