import sys
from pathlib import Path

import pytest

from requirements import install

OTHERS = [f"PIP_{name.replace('-', '_').upper()}" for name in install.IN_UVS_WORDS]


@pytest.fixture(autouse=True)
def _pip_is_set_up_here_alone(monkeypatch, tmp_path):
    for name in (*OTHERS, *install.IN_UVS_WORDS.values()):
        monkeypatch.delenv(name, raising=False)
    mine = tmp_path / "pip.conf"
    mine.write_text(
        "[global]\nindex-url"
        " = file:///mirror/simple\nfind-links =\n    /wheels\n    /more\n"
        "[install]\ntrusted-host = mirror\n[freeze]\ntimeout = 10\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(mine))


def test_uv_asks_the_indexes_that_pip_is_set_up_to_ask():
    asked = install.for_uv()

    assert asked["UV_DEFAULT_INDEX"] == "file:///mirror/simple"
    assert asked["UV_FIND_LINKS"] == "/wheels,/more"
    assert asked["UV_INSECURE_HOST"] == "mirror"


def test_pips_environment_wins_over_its_files_and_uvs_own_over_both(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "file:///nearer/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///one file:///two")
    monkeypatch.setenv("UV_INSECURE_HOST", "other")

    asked = install.for_uv()

    assert asked["UV_DEFAULT_INDEX"] == "file:///nearer/simple"
    assert asked["UV_INDEX"] == "file:///one file:///two"
    assert asked["UV_INSECURE_HOST"] == "other"


def test_pip_installs_where_no_uv_can(monkeypatch, tmp_path, capsys):
    by_pip = []
    monkeypatch.setattr(install, "uvs", lambda: iter(["/no/such/uv", sys.executable]))
    monkeypatch.setattr(install, "by_pip", lambda *asked: by_pip.append(asked) or "")
    asked = (str(tmp_path), "no-such-lock.txt", install.PLAIN, 1)

    failure = install.install(*asked)

    assert (failure, by_pip) == ("", [asked])
    assert "/no/such/uv could not" in capsys.readouterr().err


def test_what_the_installer_said_is_shown_when_nothing_can(monkeypatch, tmp_path, capsys):
    lock = tmp_path / "lock.txt"
    lock.write_text("nothing==1.0\n")
    monkeypatch.setattr(install, "uvs", lambda: iter([]))
    monkeypatch.setattr(install, "by_pip", lambda *_: "no index has it")

    assert install.main([install.PLAIN, str(tmp_path / "there"), str(lock), "a test"]) == 1
    assert "no index has it" in capsys.readouterr().err


@pytest.mark.parametrize("lock", ["develop", "generation", "sandbox"])
def test_every_package_is_locked_by_its_hash(lock):
    text = (Path(install.HERE) / f"{lock}.txt").read_text()

    packages = [part for part in text.split("\n") if "==" in part and not part.startswith("#")]
    assert packages
    assert all(part.endswith("\\") for part in packages)


def test_the_tests_run_on_the_sandboxs_versions():
    def locked(name):
        lines = (Path(install.HERE) / f"{name}.txt").read_text().splitlines()
        return {line.partition(" ")[0] for line in lines if "==" in line and line[0] != "#"}

    assert locked("sandbox") <= locked("develop")
