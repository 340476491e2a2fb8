"""What the thread is told of deployments."""

from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.slack.messages import deployment_text
from tests.support.builders import NEW, OLD


def test_the_thread_is_told_what_sets_out_and_how_it_ended():
    assert (
        deployment_text.deployment_started("red", NEW, returning=False)
        == "Deploying api:42 to red."
    )
    assert (
        deployment_text.deployment_started("red", OLD, returning=True)
        == "Putting red back to api:41."
    )
    assert (
        deployment_text.deployment_ended("red", DeploymentOutcome.COMPLETED, "")
        == "red is deployed; verifying it."
    )
    rolled_back = deployment_text.deployment_ended(
        "red", DeploymentOutcome.ROLLED_BACK, "tasks failed to start."
    )
    assert rolled_back.startswith("red: ECS rolled the deployment back.")
    assert rolled_back.endswith(" tasks failed to start.")


def test_the_thread_is_told_what_went_back():
    assert deployment_text.color_put_back("red", OLD) == "red is back on api:41."
    assert deployment_text.color_put_back("red", OLD, "No hosts.") == (
        "red could not be put back to api:41: No hosts."
    )
