"""What cannot be run is refused when it is written, with what was found and what is expected."""

import tomllib

import pytest

from handlers.domain.config.applications import load_applications
from handlers.domain.config.toml_reader import ConfigurationError

CLUSTER = '[api]\ncluster = "recipes"\n'


def problems_of(toml):
    with pytest.raises(ConfigurationError) as raised:
        load_applications(tomllib.loads(toml))
    return str(raised.value).splitlines()


def takes(toml):
    return load_applications(tomllib.loads(toml))


METRIC = '[api.verification.metrics.{}]\nmetric = "Recipes/{{service}}"\n'
SHARE = 'namespace = "Recipes"\n[api.verification.metrics.errors]\n'

REFUSED = {
    "a cluster's ARN": (
        '[api]\ncluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"',
        (
            "api.cluster: found 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop', expected the name "
            "of an ECS cluster, not its ARN"
        ),
    ),
    "a repository with a tag": (
        f'{CLUSTER}repository = "api:latest"',
        (
            "api.repository: found 'api:latest', expected an ECR repository's name, without registry "
            "and tag"
        ),
    ),
    "a repository with its registry": (
        f'{CLUSTER}repository = "111122223333.dkr.ecr.eu-west-1.amazonaws.com:443/Api"',
        "api.repository: found '111122223333",
    ),
    "a channel by name": (
        f'{CLUSTER}channel = "#releases"',
        "api.channel: found '#releases', expected a Slack channel's id such as C024BE91L",
    ),
    "a service's ARN": (
        f'{CLUSTER}services.red = "arn:aws:ecs:eu-west-1:111122223333:service/shop/api"',
        (
            "api.services.red: found 'arn:aws:ecs:eu-west-1:111122223333:service/shop/api', expected "
            "the name of an ECS service, not its ARN"
        ),
    ),
    "a deadline that outlives the machine": (
        f'{CLUSTER}deadline = "8 d"',
        "api.deadline: found '8 d', expected at most 7 d",
    ),
    "a question that outlives the machine": (
        f'{CLUSTER}approvals.expires_after = "30 d"',
        "api.approvals.expires_after: found '30 d', expected at most 7 d",
    ),
    "a bake of more days than there are": (
        f'{CLUSTER}verification.bake = "999999999 d"',
        "api.verification.bake: found '999999999 d', expected at most 7 d",
    ),
    "a wait for a push that outlives the machine": (
        f'{CLUSTER}images.wait_for_push = "8 d"',
        "api.images.wait_for_push: found '8 d', expected at most 7 d",
    ),
    "a wait for its turn that outlives the machine": (
        f'{CLUSTER}images.wait_for_turn = "8 d"',
        "api.images.wait_for_turn: found '8 d', expected at most 7 d",
    ),
    "questions that outlive the machine together": (
        f'{CLUSTER}approvals.expires_after = "3 d"',
        "api: found waits of 9 d 13 h in one rollout",
    ),
    "a bake that fills the machine's history": (
        f'{CLUSTER}verification.bake = "8 h"',
        (
            "api.verification.bake_at_most: found 16 h, expected less: watching every color that long "
            "writes 28,215 events with all waits, and an execution has room for 20,000"
        ),
    ),
    "a person twice": (
        f'{CLUSTER}approvals = {{users = ["U0BOB", "U0BOB", "U0EVE"], required = 2}}',
        "api.approvals.users: found ['U0BOB'], expected each once",
    ),
    "more people than are named": (
        f'{CLUSTER}approvals = {{users = ["U0BOB"], required = 2}}',
        "api.approvals.required: found 2, expected at most 1, as there are users",
    ),
    "a period that CloudWatch does not have": (
        f'{CLUSTER}verification.period = "90 s"',
        "api.verification.period: found '1 min 30 s', expected whole minutes",
    ),
    "a period that ECS does not send": (
        f'{CLUSTER}verification.period = "10 s"',
        "api.verification.period: found '10 s', expected whole minutes",
    ),
    "a share above all": (
        f"{CLUSTER}{SHARE}at_most = 5",
        (
            "api.verification.metrics.errors.at_most: found 5.0, expected a share from 0 to 1, such as "
            "0.05 for 5 %"
        ),
    ),
    "a share below nothing": (
        f"{CLUSTER}{SHARE}at_least = -0.1",
        "api.verification.metrics.errors.at_least: found -0.1, expected a share from 0 to 1",
    ),
    "a lower limit above the upper one": (
        CLUSTER + METRIC.format("load") + "at_least = 5\nat_most = 4",
        "api.verification.metrics.load.at_least: found 5.0, expected no more than at_most, 4",
    ),
    "a statistic that there is not": (
        CLUSTER + METRIC.format("load") + 'statistic = "Median"',
        (
            "api.verification.metrics.load.statistic: found 'Median', expected a statistic of "
            "CloudWatch such as Sum or p99"
        ),
    ),
    "a percentile above all": (
        CLUSTER + METRIC.format("load") + 'statistic = "p101"',
        "api.verification.metrics.load.statistic: found 'p101'",
    ),
    "a share of itself": (
        CLUSTER + METRIC.format("load") + 'of = "load"',
        (
            "api.verification.metrics.load.of: found 'load', expected the name of another metric: of "
            "itself, it is always 1"
        ),
    ),
    "a negative difference": (
        CLUSTER + METRIC.format("load") + "worse = {by = -1}",
        "api.verification.metrics.load.worse.by: found -1.0, expected a difference of at least 0",
    ),
    "a status that there is not": (
        CLUSTER + '[api.verification.smoke]\nurl = "https://{service}.example"\nstatus = 9999',
        "api.verification.smoke.status: found 9999, expected an HTTP status from 100 to 599",
    ),
    "a name that is too long": (
        '[checkout-service-production-eu-w1]\ncluster = "shop"',
        (
            "checkout-service-production-eu-w1: expected a name of at most 31 lower-case letters, "
            "digits and hyphens that begins with a letter"
        ),
    ),
}


@pytest.mark.parametrize(("toml", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_run_is_refused_with_what_is_expected(toml, problem):
    (told,) = problems_of(toml)

    assert told.startswith(problem)


@pytest.mark.parametrize(
    "toml",
    [
        f'{CLUSTER}approvals.expires_after = "2 d"',
        f'{CLUSTER}verification.bake = "4 h"',
        f'{CLUSTER}verification.period = "5 min"\n[api.verification.metrics]',
        f'{CLUSTER}repository = "team/back-end__api"\nchannel = "C024BE91L"',
        f"{CLUSTER}{SHARE}at_least = 0.0\nat_most = 1.0",
        *(
            CLUSTER + METRIC.format("load") + f'statistic = "{each}"'
            for each in ("Sum", "p99", "p99.9", "p100", "tm90", "TM(2%:98%)", "PR(:300)", "IQM")
        ),
    ],
)
def test_what_can_be_run_is_taken(toml):
    assert takes(toml.replace("[api.verification.metrics]", 'verification.bake = "30 min"'))


def test_one_service_in_two_applications_is_refused():
    (told,) = problems_of(f'{CLUSTER}[web]\ncluster = "recipes"\nservices.red = "api-red"')

    assert told == (
        "api.services.red and web.services.red: found 'api-red' in each, expected a service of its "
        "own for each"
    )


def test_services_of_one_name_in_two_clusters_are_two():
    assert takes(f'{CLUSTER}[web]\ncluster = "others"\nservices.red = "api-red"')


def test_all_problems_of_a_file_are_told_at_once():
    told = problems_of(
        """
        [api]
        cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
        channel = "#releases"
        deadline = "8 d"
        [web]
        cluster = "shop"
        repository = "web:latest"
        """
    )

    assert [line.partition(":")[0] for line in told] == [
        "api.cluster",
        "api.channel",
        "api.deadline",
        "web.repository",
    ]
