import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.domain.config.applications import Revisions, load_applications
from handlers.domain.config.approval_rules import ApprovalRules, OnExpiry
from handlers.domain.config.image_rules import ImageRules, RefuseAt
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.colors import COLORS

SETTINGS = Path(__file__).parents[4] / "docs" / "settings.md"
COMMITTED = Path(__file__).parents[4] / "definitions" / "applications.toml"


def load(toml):
    return load_applications(tomllib.loads(toml))


def problems_of(toml):
    with pytest.raises(ConfigurationError) as raised:
        load(toml)
    return str(raised.value).splitlines()


def test_a_cluster_is_all_that_an_application_must_say():
    api = load('[api]\ncluster = "recipes"')["api"]

    assert (api.cluster, api.repository, api.container) == ("recipes", "api", "app")
    assert api.channel == ""
    assert (api.deadline, api.settle) == (timedelta(minutes=30), timedelta(minutes=5))
    assert api.rules == dict.fromkeys(COLORS, ApprovalRules())
    assert api.services == {"red": "api-red", "yellow": "api-yellow", "green": "api-green"}


def test_what_is_said_is_taken():
    toml = """
        [api]
        cluster = "recipes"
        repository = "backend/api"
        container = "main"
        channel = "C0ROLLOUTS"
        deadline = "1 h 30 min"
        settle = "90 s"
        services.green = "api"
    """

    api = load(toml)["api"]

    assert (api.repository, api.container, api.channel) == ("backend/api", "main", "C0ROLLOUTS")
    assert (api.deadline, api.settle) == (timedelta(minutes=90), timedelta(seconds=90))
    assert api.services == {"red": "api-red", "yellow": "api-yellow", "green": "api"}


def test_colors_are_in_the_order_of_a_release_whatever_the_order_in_the_file():
    toml = '[api]\ncluster = "recipes"\nservices = {green = "g", red = "r", yellow = "y"}'

    assert tuple(load(toml)["api"].services) == COLORS


def test_the_committed_example_loads():
    applications = load(COMMITTED.read_text())

    assert list(applications) == ["web", "api"]
    assert {each.cluster for each in applications.values()} == {"recipes"}


@pytest.mark.parametrize(("table", "prefix"), [("api", ""), ("api.approvals", "approvals.")])
def test_the_page_of_settings_explains_every_setting_there_is(table, prefix):
    cluster = 'cluster = "recipes"'
    refused = problems_of(f"[api]\n{cluster}\n[{table}.no-such-setting]" + "\nx = 1")[0]
    settings = set(refused.partition("expected only ")[2].split(", "))

    explained = re.findall(r"^\| `([\w.]+)` \|", SETTINGS.read_text(), re.MULTILINE)

    grouped = {"approvals", "verification", "images"}
    assert {f"{prefix}{name}" for name in settings - grouped} <= set(explained)


def test_the_rules_of_its_images_are_taken():
    toml = """
        [api]
        cluster = "recipes"

        [api.images]
        wait_for_push = "90 min"
        refuse_at = "high"
        starts_on_push = ["v*", "main-*"]
        wait_for_turn = "2 h"
    """

    (application,) = load_applications(tomllib.loads(toml)).values()

    assert application.images == ImageRules(
        wait_for_push=timedelta(minutes=90),
        refuse_at=RefuseAt.HIGH,
        starts_on_push=("v*", "main-*"),
        wait_for_turn=timedelta(hours=2),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("refuse_at = 'severe'", "api.images.refuse_at: found 'severe', expected 'never' or 'low'"),
        ("starts_on_push = 'v*'", "api.images.starts_on_push: found 'v*', expected a list of"),
        ("wait_for_push = 'long'", "api.images.wait_for_push: found 'long', expected a duration"),
        ("wait = '1 h'", "api.images.wait: found '1 h', expected only wait_for_push"),
    ],
)
def test_what_is_wrong_about_its_images_is_named(line, problem):
    (told,) = problems_of(f'[api]\ncluster = "recipes"\n[api.images]\n{line}')

    assert told.startswith(problem)


def test_the_rules_of_its_questions_are_taken():
    toml = """
        [api]
        cluster = "recipes"

        [api.approvals]
        users = ["U0BOB", "arn:aws:iam::123456789012:role/on-call"]
        groups = ["S0SRE"]
        required = 2
        must_include = ["S0SRE"]
        requester_may_approve = true
        expires_after = "2 d"
        remind_every = "30 min"
        on_expiry = "keep waiting"
    """

    rules = load(toml)["api"].rules

    assert rules["red"] == ApprovalRules(
        users=("U0BOB", "arn:aws:iam::123456789012:role/on-call"),
        groups=("S0SRE",),
        required=2,
        must_include=("S0SRE",),
        requester_may_approve=True,
        expires_after=timedelta(days=2),
        remind_every=timedelta(minutes=30),
        on_expiry=OnExpiry.KEEP_WAITING,
    )
    assert rules["red"] == rules["yellow"] == rules["green"]


def test_a_color_may_have_rules_of_its_own_over_those_of_all():
    toml = """
        [api]
        cluster = "recipes"

        [api.approvals]
        users = ["U0BOB"]
        expires_after = "1 h"

        [api.approvals.green]
        users = ["U0ALICE", "U0BOB"]
        required = 2
    """

    rules = load(toml)["api"].rules

    assert (rules["red"].users, rules["red"].required) == (("U0BOB",), 1)
    assert (rules["green"].users, rules["green"].required) == (("U0ALICE", "U0BOB"), 2)
    assert rules["green"].expires_after == timedelta(hours=1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cluster = 5", "api.cluster: found 5, expected a text"),
        ('cluster = ""', "api.cluster: found '', expected a text"),
        ("repository = []", "api.repository: found [], expected a text"),
        ("deadline = 30", "api.deadline: found 30, expected a duration such as '30 min'"),
        ('settle = "soon"', "api.settle: found 'soon', expected a duration such as '30 min'"),
        ('deadline = "0 s"', "api.deadline: found '0 s', expected a duration"),
        (
            'deadline = "999999999999 d"',
            "api.deadline: found '999999999999 d', expected a duration",
        ),
        (
            'aprovers = ["U0BOB"]',
            "api.aprovers: found ['U0BOB'], expected only cluster, repository",
        ),
        ('services = "api"', "api.services: found 'api', expected a table of color = service"),
        (
            'services.blue = "api-blue"',
            "api.services.blue: found 'api-blue', expected a service name for red, yellow or green",
        ),
        ("services.red = 5", "api.services.red: found 5, expected a service name for red"),
        (
            'services.red = "api-green"',
            "api.services: found {'red': 'api-green', 'yellow': 'api-yellow', 'green': 'api-green'}",
        ),
    ],
)
def test_one_wrong_setting_is_named_with_what_was_found_and_what_is_expected(line, said):
    cluster = "" if line.startswith("cluster") else 'cluster = "recipes"\n'

    problems = problems_of(f"[api]\n{cluster}{line}")

    assert len(problems) == 1
    assert problems[0].startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('users = "U0BOB"', "users: found 'U0BOB', expected a list of Slack user ids"),
        ('users = ["bob"]', "users: found ['bob'], expected a list of Slack user ids"),
        ("users = [5]", "users: found [5], expected a list of Slack user ids"),
        ('groups = ["U0BOB"]', "groups: found ['U0BOB'], expected a list of Slack user group ids"),
        ("required = 0", "required: found 0, expected a number of people, at least 1"),
        ("required = true", "required: found True, expected a number of people, at least 1"),
        (
            'users = ["U0BOB"]\nrequired = 2',
            "required: found 2, expected at most 1, as there are users",
        ),
        ("requester_may_approve = 1", "requester_may_approve: found 1, expected true or false"),
        ('expires_after = "0 s"', "expires_after: found '0 s', expected a duration"),
        ('remind_every = "often"', "remind_every: found 'often', expected a duration"),
        (
            'on_expiry = "approve"',
            "on_expiry: found 'approve', expected 'reject' or 'keep waiting'",
        ),
        ("user = []", "user: found [], expected only users, groups, required"),
    ],
)
def test_one_wrong_rule_is_named_once_though_it_holds_for_every_color(line, said):
    problems = problems_of(f'[api]\ncluster = "recipes"\n[api.approvals]\n{line}')

    assert len(problems) == 1
    assert problems[0].startswith(f"api.approvals.{said}")


@pytest.mark.parametrize("value", ['"everyone"', "[]", "5"])
@pytest.mark.parametrize("key", ["approvals", "approvals.green"])
def test_rules_that_are_no_table_are_told(key, value):
    problems = problems_of(f'[api]\ncluster = "recipes"\n{key} = {value}')

    assert len(problems) == 1
    assert problems[0].startswith(f"api.{key}: found")


def test_every_problem_of_every_application_is_told_at_once():
    toml = """
        cron = "recipes"

        [api]
        deadline = "soon"
        approvals.users = ["bob"]

        [Web]
        cluster = "recipes"
        colour = "red"
    """

    problems = problems_of(toml)

    assert sorted(problem.partition(":")[0] for problem in problems) == [
        "Web",
        "Web.colour",
        "api.approvals.users",
        "api.cluster",
        "api.deadline",
        "cron",
        "cron.cluster",
    ]


def test_an_empty_file_is_told():
    assert problems_of("") == [
        "the file: found no application, expected at least one table such as [api]"
    ]


def test_one_revision_may_be_insisted_on():
    usual = load('[api]\ncluster = "recipes"')["api"]
    shared = load('[api]\ncluster = "recipes"\nrevisions = "shared"')["api"]

    assert (usual.revisions, shared.revisions) == (Revisions.OWN, Revisions.SHARED)
    assert problems_of('[api]\ncluster = "recipes"\nrevisions = "one"') == [
        "api.revisions: found 'one', expected 'own' or 'shared'"
    ]
