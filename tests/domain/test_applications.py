import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.domain.applications import ConfigurationError, load_applications
from handlers.domain.colors import COLORS

COMMITTED = Path(__file__).parents[2] / "definitions" / "applications.toml"


def load(toml):
    return load_applications(tomllib.loads(toml))


def problems_of(toml):
    with pytest.raises(ConfigurationError) as raised:
        load(toml)
    return str(raised.value).splitlines()


def test_a_cluster_is_all_that_an_application_must_say():
    api = load('[api]\ncluster = "recipes"')["api"]

    assert (api.cluster, api.repository, api.container) == ("recipes", "api", "app")
    assert (api.channel, api.approvers) == ("", ())
    assert api.deadline == timedelta(minutes=30)
    assert api.expires_after == timedelta(hours=8)
    assert api.settle == timedelta(minutes=5)
    assert api.services == {"red": "api-red", "yellow": "api-yellow", "green": "api-green"}


def test_what_is_said_is_taken():
    toml = """
        [api]
        cluster = "recipes"
        repository = "backend/api"
        container = "main"
        channel = "C0ROLLOUTS"
        approvers = ["U0BOB", "W0ALICE"]
        deadline = "1 h 30 min"
        expires_after = "2 d"
        settle = "90 s"
        services.green = "api"
    """

    api = load(toml)["api"]

    assert (api.repository, api.container, api.channel) == ("backend/api", "main", "C0ROLLOUTS")
    assert api.approvers == ("U0BOB", "W0ALICE")
    assert (api.deadline, api.expires_after, api.settle) == (
        timedelta(minutes=90),
        timedelta(days=2),
        timedelta(seconds=90),
    )
    assert api.services == {"red": "api-red", "yellow": "api-yellow", "green": "api"}


def test_colors_are_in_the_order_of_a_release_whatever_the_order_in_the_file():
    toml = '[api]\ncluster = "recipes"\nservices = {green = "g", red = "r", yellow = "y"}'

    assert tuple(load(toml)["api"].services) == COLORS


def test_the_committed_example_loads():
    applications = load(COMMITTED.read_text())

    assert list(applications) == ["web", "api"]
    assert {each.cluster for each in applications.values()} == {"recipes"}


def test_the_committed_example_explains_every_setting_there_is():
    known = problems_of('[api]\ncluster = "recipes"\nno-such-setting = 1')[0]

    settings = known.partition("expected only ")[2].split(", ")

    explained = [
        line.split()[1] for line in COMMITTED.read_text().splitlines() if line[:4] == "#   "
    ]
    assert sorted(explained) == sorted(settings)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cluster = 5", "api.cluster: found 5, expected a text"),
        ('cluster = ""', "api.cluster: found '', expected a text"),
        ("repository = []", "api.repository: found [], expected a text"),
        ('approvers = "U0BOB"', "api.approvers: found 'U0BOB', expected a list of Slack user ids"),
        ('approvers = ["bob"]', "api.approvers: found ['bob'], expected a list of Slack user ids"),
        ("approvers = [5]", "api.approvers: found [5], expected a list of Slack user ids"),
        ("deadline = 30", "api.deadline: found 30, expected a duration such as '30 min'"),
        ('settle = "soon"', "api.settle: found 'soon', expected a duration such as '30 min'"),
        ('expires_after = "0 s"', "api.expires_after: found '0 s', expected a duration"),
        (
            'expires_after = "999999999999 d"',
            "api.expires_after: found '999999999999 d', expected a duration",
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


def test_every_problem_of_every_application_is_told_at_once():
    toml = """
        cron = "recipes"

        [api]
        deadline = "soon"
        approvers = ["bob"]

        [Web]
        cluster = "recipes"
        colour = "red"
    """

    problems = problems_of(toml)

    assert sorted(problem.partition(":")[0] for problem in problems) == [
        "Web",
        "Web.colour",
        "api.approvers",
        "api.cluster",
        "api.deadline",
        "cron",
        "cron.cluster",
    ]


def test_an_empty_file_is_told():
    assert problems_of("") == [
        "the file: found no application, expected at least one table such as [api]"
    ]
