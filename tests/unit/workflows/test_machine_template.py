from textwrap import dedent

import pytest

from workflows.validation.machine_template import TemplateError, placeholders_of

GOOD = """
    Resources:
      Rollout:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: rollout.asl.json
          DefinitionSubstitutions:
            DeployColor: !GetAtt DeployColor.Arn
      Group:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: group.asl.json
          DefinitionSubstitutions:
            RolloutMachine: !Ref Rollout
      DeployColor:
        Type: AWS::Serverless::Function
        Properties:
          Environment: !Sub "${AWS::Region}"
      FollowDeployment:
        Type: AWS::Serverless::Function
        Properties:
          Events: {Completed: {Type: EventBridgeRule}}
      ReceiveSlack:
        Type: AWS::Serverless::Function
        Properties: {}
      Route:
        Type: AWS::ApiGatewayV2::Integration
        Properties:
          IntegrationUri: !GetAtt ReceiveSlack.Arn
          Tags: !If [IsProd, {a: !Ref Rollout}, !Ref AWS::NoValue]
"""


@pytest.fixture
def template(tmp_path):
    def written(text):
        path = tmp_path / "template.yaml"
        path.write_text(dedent(text))
        return path

    return written


def test_the_placeholders_are_those_that_the_template_fills(template):
    assert placeholders_of(template(GOOD)) == {"DeployColor"}
    assert placeholders_of(template(GOOD), "group.asl.json") == {"RolloutMachine"}


def test_a_placeholder_filled_with_no_function_is_told(template):
    with pytest.raises(TemplateError, match=r"^DeployColor: is filled with something"):
        placeholders_of(template(GOOD.replace("!GetAtt DeployColor.Arn", "!Ref Route")))


def test_a_function_that_nothing_invokes_is_told(template):
    with pytest.raises(TemplateError, match="ReceiveSlack: is a function that nothing invokes"):
        placeholders_of(template(GOOD.replace("!GetAtt ReceiveSlack.Arn", "none")))
