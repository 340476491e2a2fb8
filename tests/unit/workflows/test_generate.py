import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OF_COLORS = ("definitions/rollout.asl.json", "definitions/rollout.svg")
FILES = (*OF_COLORS, "definitions/group.asl.json")


@pytest.fixture
def python():
    def run(*arguments, cwd=ROOT, executable=sys.executable, **environment):
        return subprocess.run(
            [executable, *arguments],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(cwd), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def copied(tmp_path):
    """A copy of the source, to break things in."""
    for folder in ("workflows", "handlers/domain", "definitions"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    (tmp_path / "handlers/__init__.py").touch()
    return tmp_path


def test_what_is_committed_is_what_the_source_makes(python):
    ended = python("-m", "workflows.generate", "--check")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.prove
def test_it_is_what_the_real_sagemaker_makes_beside_the_sdk(python):
    real = ROOT / ".venv-generation/bin/python"
    assert real.exists(), f"{real} is missing; `make prove` makes it"

    known = python("-c", "import pkg_resources, sagemaker", executable=real)
    ended = python("-m", "workflows.generate", "--check", executable=real)

    assert known.returncode == 0
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_the_same_source_makes_the_same_bytes(python, copied):
    made = []
    for seed, zone, region in (("1", "UTC", "eu-west-1"), ("2", "Asia/Tokyo", "us-east-1")):
        for file in FILES:
            (copied / file).unlink()
        python(
            "-m", "workflows.generate",
            cwd=copied, PYTHONHASHSEED=seed, TZ=zone, AWS_DEFAULT_REGION=region, LC_ALL="C",
        )  # fmt: skip
        made.append([(copied / file).read_bytes() for file in FILES])

    assert made[0] == made[1] == [(ROOT / file).read_bytes() for file in FILES]


def test_what_is_out_of_date_is_told_with_the_command_that_mends_it(python, copied):
    (copied / FILES[1]).write_text("an old picture")

    ended = python("-m", "workflows.generate", "--check", cwd=copied)

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "definitions/rollout.svg is out of date",
        "mend it with: make definitions",
    ]
    assert (copied / FILES[1]).read_text() == "an old picture"


def test_nothing_is_written_while_a_rule_is_broken(python, copied):
    stage = copied / "workflows/stage.py"
    stage.write_text(stage.read_text().replace("Watch {color}", f"{'W' * 80} {{color}}"))
    for file in FILES:
        (copied / file).write_text("as before")

    ended = python("-m", "workflows.generate", cwd=copied)

    assert ended.returncode == 1
    assert f"{'W' * 80} red: its name has at most 80 characters" in ended.stderr
    assert [(copied / file).read_text() for file in FILES] == ["as before"] * 3


def test_a_color_is_added_by_its_name_alone(python, copied):
    colors = copied / "handlers/domain/model/colors.py"
    colors.write_text(colors.read_text().replace('"green")', '"green", "blue")'))

    ended = python("-m", "workflows.generate", cwd=copied)

    assert ended.returncode == 0, ended.stderr
    for name in ("Approve blue", "Deploy blue", "Verify blue", "Put blue back"):
        assert all(name in (copied / file).read_text() for file in OF_COLORS)


def test_the_traps_of_the_sdk_end_in_the_vocabulary(python):
    ended = python("-c", TRAPS)

    assert ended.stderr == ""
    assert json.loads(ended.stdout) == {
        "namesakes": "two states are named 'Pause'",
        "led twice": "'Pause' already leads to 'End'",
        "led from an end": "nothing can follow an end, not even 'Other'",
        "root logger": [20, []],
        "uncaught errors are printed as ever": True,
    }


TRAPS = """
import json, logging, sys
from datetime import timedelta
logging.getLogger().setLevel(logging.INFO)
from workflows.dsl.steps import sequence, succeed, wait
from workflows.dsl.rendering import render

second = timedelta(seconds=1)
pause = wait("Pause", second)
pause.lead_to(succeed("End"))
namesakes = sequence(wait("Pause", second), wait("Pause", second), succeed("End"))

def refusal(of, *arguments, **named):
    try:
        of(*arguments, **named)
    except ValueError as error:
        return str(error)

print(json.dumps({
    "namesakes": refusal(render, namesakes, comment="", timeout=second),
    "led twice": refusal(pause.lead_to, succeed("Other")),
    "led from an end": refusal(succeed("End").lead_to, succeed("Other")),
    "root logger": [logging.getLogger().level, logging.getLogger().handlers],
    "uncaught errors are printed as ever": sys.excepthook is sys.__excepthook__,
}))
"""
