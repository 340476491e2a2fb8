"""How an application is verified, as the file says it."""

import tomllib
from datetime import timedelta

import pytest

from handlers.domain.config.applications import load_applications
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.verification_settings import Effect, Reaction

THREE_LINES = '[web]\ncluster = "recipes"\nnamespace = "Recipes"\n'


def load(more="", head=THREE_LINES):
    return load_applications(tomllib.loads(head + more))["web"].verification


def problem(more):
    with pytest.raises(ConfigurationError) as raised:
        load(more)
    return str(raised.value)


def test_three_lines_measure_requests_errors_latency_memory_and_logs():
    wanted = load()

    assert set(wanted.metrics) == {"requests", "errors", "latency", "memory", "cpu"}
    assert [name for name, check in wanted.metrics.items() if check.decides] == [
        *("memory", "errors", "latency"),
    ]
    assert (wanted.bake, wanted.bake_at_most) == (timedelta(minutes=10), timedelta(minutes=20))
    assert (wanted.requests, list(wanted.logs)) == (1000, ["errors"])


def test_without_a_namespace_requests_are_not_asked_for():
    wanted = load(head='[web]\ncluster = "recipes"\n')

    assert wanted.requests == 0
    assert set(wanted.metrics) == {"memory", "cpu"}


def test_a_usual_check_is_changed_where_the_file_says_otherwise_and_kept_elsewhere():
    latency = load("[web.verification.metrics.latency]\nat_most = 800\n").metrics["latency"]

    assert (latency.at_most, latency.effect) == (800, Effect(times=1.25, by=20))


def test_a_check_may_be_left_out_or_run_dry():
    wanted = load(
        "[web.verification.metrics.memory]\noff = true\n"
        "[web.verification.metrics.errors]\ndry_run = true\n"
    )

    assert "memory" not in wanted.metrics
    assert not wanted.metrics["errors"].decides


def test_any_metric_or_expression_may_be_added():
    metrics = load(
        '[web.verification.metrics.queue]\nmetric = "My/App/Depth"\nstatistic = "Maximum"\n'
        'dimensions = { Service = "{service}" }\nat_most = 100\n'
        "[web.verification.metrics.misses]\nexpression = \"SELECT AVG(x) WHERE s='{color}'\"\n"
    ).metrics

    queue = metrics["queue"].query
    assert (queue.namespace, queue.metric, queue.statistic) == ("My/App", "Depth", "Maximum")
    assert metrics["misses"].query.expression.endswith("'{color}'")


@pytest.mark.parametrize("verdict", ["unhealthy", "inconclusive", "no_data", "error"])
def test_nothing_unmeasured_or_unhealthy_can_be_told_to_go_on(verdict):
    said = problem(f'[web.verification.metrics.errors]\n{verdict} = "go on"\n')

    assert "found 'go on', expected 'look again' or 'ask' or 'roll back'" in said


def test_what_follows_is_taken():
    check = load('[web.verification.metrics.errors]\nunhealthy = "ask"\n').metrics["errors"]

    assert check.reactions.unhealthy is Reaction.ASK
    assert check.reactions.no_data is Reaction.LOOK_AGAIN


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('alarms = ["web-5xx"]', "each color is measured by itself"),
        ('alarms = ["{colour}-5xx"]', "only {service}, {color}, {cluster}, {application}"),
        ('bake = "3 min"', "at least five periods"),
        ('bake_at_most = "5 min"', "at least the bake"),
        ('smoke.url = "ftp://{color}"', "https://"),
        ('smoke.url = "https://me:secret@{color}.example.com"', "no user name"),
        ('smoke.url = "https://web.example.com/up"', "each color is measured by itself"),
        ("metrics.errors.at_most = nan", "a number"),
        ("metrics.queue.at_most = 5", "a metric such as"),
        ('metrics.errors.of = "visits"', "the name of another metric"),
        ("metrics.latency.sparse = true", "`of`"),
        ("metrics.latency.worse.times = 0.5", "a factor of at least 1"),
        ("metrics.latency.atmost = 5", "only metric, statistic"),
        ('logs.panics.dry_run = "yes"', "true or false"),
        ("no_such = 1", "only bake, bake_at_most"),
    ],
)
def test_what_is_wrong_is_named(more, said):
    assert said in problem(f"[web.verification]\n{more}\n")


def test_what_is_no_metric_of_a_service_is_refused():
    said = problem(
        '[web.verification.metrics.all]\nmetric = "AWS/ApplicationELB/HTTPCode"\n'
        'dimensions = { TargetGroup = "web" }\nat_most = 5\n'
    )

    assert "each color is measured by itself" in said
