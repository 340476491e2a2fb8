import pytest
import yaml

from operations.package import ROOT
from sandbox.wire.slack.slack_directory import SCOPES

MANIFEST = ROOT / "definitions" / "slack-manifest.yaml"


@pytest.fixture
def manifest():
    return yaml.safe_load(MANIFEST.read_text())


def test_the_app_may_do_no_more_than_it_does(manifest):
    assert manifest["oauth_config"]["scopes"] == {
        "bot": [
            "channels:read",
            "groups:read",
            "commands",
            "chat:write",
            "usergroups:read",
            "users:read",
        ]
    }


def test_the_sandboxs_app_was_granted_what_the_manifest_asks_for(manifest):
    assert set(SCOPES) == set(manifest["oauth_config"]["scopes"]["bot"])


def test_both_addresses_are_to_be_put_in_from_the_outputs(manifest):
    (command,) = manifest["features"]["slash_commands"]
    interactivity = manifest["settings"]["interactivity"]

    assert command["command"] == "/rollout"
    assert command["usage_hint"]
    assert "REPLACE-WITH-OUTPUT-SlackCommandsUrl" in command["url"]
    assert interactivity["is_enabled"] is True
    assert "REPLACE-WITH-OUTPUT-SlackInteractionsUrl" in interactivity["request_url"]


def test_its_outputs_and_routes_are_the_templates(manifest):
    template = (ROOT / "definitions" / "template.yaml").read_text()
    (command,) = manifest["features"]["slash_commands"]
    interactions = manifest["settings"]["interactivity"]["request_url"]

    for url, output in (
        (command["url"], "SlackCommandsUrl"),
        (interactions, "SlackInteractionsUrl"),
    ):
        path = url.split("example.com")[1]
        assert f"\n  {output}:\n" in template
        assert f"RouteKey: POST {path}\n" in template
