"""The composition root: built from the environment, lazily, once."""

from contextlib import nullcontext

import pytest

from handlers import runtime
from handlers.domain.config.clusters import FleetKind
from handlers.domain.config.grants import Grants
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.spot_fleets import Ec2Fleets, SpotFleets
from handlers.services.context import Gateways
from simulator.fake_services import FakeSecret
from tests.support.builders import NOW, a_rollout, an_application

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "ap-northeast-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "ROLLOUTS_TABLE": "Rollouts",
    "APPROVALS_TABLE": "Approvals",
    "DEPLOYMENTS_TABLE": "Deployments",
    "LOCKS_TABLE": "Locks",
    "AUDIT_TABLE": "Audit",
    "LOST_EVENTS_QUEUE": "https://sqs.ap-northeast-1.amazonaws.com/123456789012/lost",
    "STATE_MACHINE_ARN": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:shingo-rollout",
    "GROUP_MACHINE_ARN": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:shingo-group",
    "SLACK_CHANNEL": "C0ROLLOUTS",
    "SLACK_TEAM": "T0RECIPES",
    "SLACK_BOT_TOKEN_PARAMETER": "/shingo/slack-bot-token",
    "SLACK_SIGNING_SECRET_PARAMETER": "/shingo/slack-signing-secret",
}
CACHED = [each for each in vars(runtime).values() if hasattr(each, "cache_clear")]
GATEWAYS = sorted(name for name in dir(Gateways) if name[0] != "_" and name != "spot_fleets")
CONTEXTS = [runtime.context, runtime.quick_context]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """Start as a cold function does, and leave nothing behind."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SLACK_API_URL", raising=False)
    _forget()
    yield
    _forget()


def _forget():
    for build in CACHED:
        build.cache_clear()


@pytest.mark.parametrize("context", CONTEXTS)
def test_each_context_is_built_once(context):
    assert context() is context()


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("name", GATEWAYS)
def test_each_gateway_is_built_once(context, name):
    assert getattr(context().gateways, name) is getattr(context().gateways, name)


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_boards_are_built_once(context):
    assert context().rollout_board is context().rollout_board
    assert context().group_board is context().group_board


def test_while_somebody_waits_ecs_and_the_load_balancers_are_given_less_time():
    def patience(context, gateway):
        return getattr(context().gateways, gateway)._client.meta.config.read_timeout

    for gateway in ("ecs", "load_balancers"):
        assert [patience(context, gateway) for context in CONTEXTS] == [5, 1]


def test_both_contexts_share_their_clients():
    first, second = (context().gateways.rollouts._table._client for context in CONTEXTS)

    assert first is second


def test_the_tables_share_one_client():
    gateways = runtime.context().gateways
    tables = [each._table for each in (gateways.rollouts, gateways.approvals, gateways.waits)]

    assert len({id(table._client) for table in tables}) == 1
    assert [table._name for table in tables] == ["Rollouts", "Approvals", "Deployments"]
    assert gateways.locks._table._key == "application"


def test_the_configuration_is_read_from_its_source():
    assert list(runtime.LiveSettings().applications) == ["web", "api"]


def test_the_configuration_packed_beside_the_code_is_taken_first(monkeypatch, tmp_path):
    (tmp_path / "applications.toml").write_text('[news]\ncluster = "news"')
    monkeypatch.setattr(runtime, "_ROOT", tmp_path)

    assert list(runtime.LiveSettings().applications) == ["news"]


@pytest.mark.parametrize(("unit", "is_read"), [(None, False), ("1", True)])
def test_periods_are_whole_minutes_where_nothing_runs_faster(monkeypatch, tmp_path, unit, is_read):
    verified = 'cluster = "news"\nverification = { period = "2 s", bake = "10 s" }'
    (tmp_path / "applications.toml").write_text(f"[news]\n{verified}")
    monkeypatch.setattr(runtime, "_ROOT", tmp_path)
    if unit is not None:
        monkeypatch.setenv("PERIOD_SECONDS", unit)

    with nullcontext() if is_read else pytest.raises(ConfigurationError, match="whole minutes"):
        assert list(runtime.LiveSettings().applications) == ["news"]


def test_the_clusters_are_read_likewise_and_may_be_missing(monkeypatch, tmp_path):
    assert runtime.LiveSettings().clusters == {}
    monkeypatch.setattr(runtime, "_ROOT", tmp_path)
    assert runtime.LiveSettings().clusters == {}

    (tmp_path / "clusters.toml").write_text("[recipes]")

    assert list(runtime.LiveSettings().clusters) == ["recipes"]


def test_what_the_deployment_allows_is_not_known_without_its_file(monkeypatch, tmp_path):
    monkeypatch.setattr(runtime, "_ROOT", tmp_path)
    assert runtime.LiveSettings().grants is None

    (tmp_path / "grants.toml").write_text('task_roles = ["role"]\nlog_groups = []\n')

    assert runtime.LiveSettings().grants == Grants(
        task_roles=frozenset({"role"}), log_groups=frozenset()
    )


def test_each_kind_of_fleet_has_its_gateway_and_ec2s_share_one_client():
    live = runtime.context().gateways
    gateways = [live.spot_fleets(kind) for kind in FleetKind]

    assert [type(each) for each in gateways] == [SpotFleets, Ec2Fleets, AutoScalingGroups]
    assert gateways[0]._client is gateways[1]._client
    assert gateways[2] is live.auto_scaling


def test_a_board_goes_to_the_applications_channel_or_the_deployments_own(monkeypatch):
    known = {"api": an_application(channel="C0API"), "web": an_application(name="web")}
    monkeypatch.setattr(runtime.LiveSettings, "applications", known)

    channels = [runtime.context().channel_of(name) for name in ("api", "web", "forgotten")]

    assert channels == ["C0API", "C0ROLLOUTS", "C0ROLLOUTS"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, "https://slack.com/api/"),
        ("", "https://slack.com/api/"),
        ("http://127.0.0.1:8080/slack/api/", "http://127.0.0.1:8080/slack/api/"),
    ],
)
def test_slack_is_slack_unless_told_otherwise(monkeypatch, given, url):
    if given is not None:
        monkeypatch.setenv("SLACK_API_URL", given)

    assert [context().gateways.slack._url for context in CONTEXTS] == [url] * 2


@pytest.mark.parametrize("context", CONTEXTS)
def test_slack_can_read_its_token_anew(monkeypatch, context):
    secret = FakeSecret("of yesterday", present="of today")
    monkeypatch.setattr(runtime, "_bot_token", lambda: secret)
    slack = context().gateways.slack

    assert (slack._token(), slack._fresh_token()) == ("of yesterday", "of today")


def test_a_channel_that_is_not_set_is_no_matter_to_what_tells_nobody(monkeypatch):
    monkeypatch.delenv("SLACK_CHANNEL")

    assert runtime.context().gateways.rollouts


def test_the_clock_is_in_universal_time():
    assert runtime.context().now().tzinfo is NOW.tzinfo


def test_a_failure_to_tell_is_logged_in_one_line(log, monkeypatch):
    def refuse(*_, **__):
        from handlers.domain.model.errors import SlackUnavailable

        raise SlackUnavailable("chat.update: ratelimited")

    board = runtime.context().rollout_board
    monkeypatch.setattr(board._slack, "edit", refuse)
    board.show(a_rollout(board_is_behind=True))

    assert '"message":"slack: chat.update: ratelimited"' in log.getvalue()
