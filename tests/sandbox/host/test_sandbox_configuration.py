"""The applications file of the sandbox: the committed one, as fast as the world's clock."""

import tomllib
from datetime import timedelta

import pytest

from bench.load import QUICKLY
from handlers.domain.config.applications import load_applications
from handlers.domain.config.people import load_people
from sandbox.host.sandbox_configuration import accelerated_document, as_toml
from sandbox.scenarios.group_scenarios import BRIEFLY

A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("acceleration", [20, 60, 120])
@pytest.mark.parametrize("settings", [{}, {"api": BRIEFLY}, {"shop": QUICKLY}])
def test_handlers_accept_the_file_at_every_speed(acceleration, settings):
    document = accelerated_document(acceleration, settings)

    applications = load_applications(tomllib.loads(as_toml(document)), A_SECOND)

    assert {*applications} >= {"web", "api", *settings}


def test_every_duration_of_the_world_is_divided_and_none_of_people():
    usual = load_applications(accelerated_document(1, {}))["api"]

    faster = load_applications(accelerated_document(60, {}), A_SECOND)["api"]

    assert faster.deadline == usual.deadline / 60
    assert faster.verification.bake == usual.verification.bake / 60
    assert faster.verification.period == usual.verification.period / 60
    assert faster.rules == usual.rules


def test_who_is_who_is_written_beside_the_applications():
    document = accelerated_document(60, {"people": {"bob": ["U0BOB", "sso:bob@example.com"]}})

    assert {*document} == {"web", "api", "people"}
    written = tomllib.loads(as_toml(document))
    assert load_people(written).identify("sso:bob@example.com") == "U0BOB"
    assert {*load_applications(written, A_SECOND)} == {"web", "api"}


def test_settings_replace_the_committed_ones_table_by_table():
    document = accelerated_document(60, {"api": {"verification": {"bake": "7 s"}}})

    assert document["api"]["verification"]["bake"] == "7 s"
    assert document["api"]["verification"]["period"] == "1 s"
