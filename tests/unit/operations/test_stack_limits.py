"""However many applications and clusters there are, the stack fits, or what does not is named."""

from copy import deepcopy
from functools import cache

import pytest

from handlers.domain.config.applications import load_applications
from handlers.domain.config.clusters import load_clusters
from operations.artifacts import (
    TEMPLATE,
    DeploymentTarget,
    arn_parameters,
    cluster_parameters,
    packaged,
)
from operations.stack_limits import (
    MOST_ATTACHED,
    MOST_OF_INLINE,
    MOST_OF_MANAGED,
    StackPlan,
    limit_problems,
    sizes,
)

HERE = DeploymentTarget(region="ap-northeast-1", account="123456789012")
FAR = DeploymentTarget(region="us-gov-west-1", account="123456789012", partition="aws-us-gov")
FLEETS = {
    "spot_fleet": "sfr-73fbd2ce-aa30-494c-8788-{:012}",
    "fleet": "fleet-12a34b55-67cd-8ef9-ba9b-{:012}",
    "group": "recipes-spot-{}",
}
COUNTS = (1, 11, 60, 300)


@cache
def template_of(roles):
    return packaged(TEMPLATE, code="s3://", definitions={}, roles=roles)


def a_plan(applications=1, clusters=1, *, long=False, place=HERE, stack="shingo", roles=None):
    """Plan a stack; with `long` names of the length that AWS allows."""
    end = "x" * 200 if long else ""
    names = [f"application-{number:04}" for number in range(applications)]
    tables = {
        name: {
            "cluster": f"cluster-{number % clusters:04}{end}",
            "repository": f"team/{name}{end}",
            "services": {color: f"{name}-{color}{end}" for color in ("red", "yellow", "green")},
        }
        for number, name in enumerate(names)
    }
    kinds = list(FLEETS)
    spots = {
        f"cluster-{number:04}{end}": {
            "spot": {
                "on_demand": "od",
                "most": 9,
                kinds[number % 3]: FLEETS[kinds[number % 3]].format(number),
            }
        }
        for number in range(clusters)
    }
    if roles is None:
        roles = [place.arn("iam", f"role/{name}") for name in (*names, "ecsTaskExecutionRole")]
    known = load_applications(tables).values()
    parameters = arn_parameters(known, place, roles, [f"/ecs/{name}{end}" for name in names])
    return StackPlan(
        template=deepcopy(template_of(tuple(roles))),
        parameters=parameters | cluster_parameters(load_clusters(spots).values(), place),
        target=place,
        stack=stack,
    )


planned = cache(a_plan)


@pytest.mark.parametrize("clusters", COUNTS)
@pytest.mark.parametrize("applications", COUNTS)
def test_the_stack_fits_however_many_applications_and_clusters_there_are(applications, clusters):
    assert limit_problems(planned(applications, clusters)) == []


@pytest.mark.parametrize("place", [HERE, FAR], ids=["aws", "aws-us-gov"])
@pytest.mark.parametrize("count", [1, 11, 300])
def test_it_fits_with_the_longest_names_too(count, place):
    plan = a_plan(count, count, long=True, place=place, stack="s" * 72, roles=())

    assert limit_problems(plan) == []


def test_what_has_a_limit_is_measured():
    measured = {size.what for size in sizes(planned(1, 1))}

    for what in (
        "the managed policy LookAtColors",
        "the managed policy PassTaskRoles",
        "the inline policies of DeployColor",
        "the inline policies of Group",
        "the role of VerifyColor",
        "the environment of ReceiveSlack",
        "the parameter ServiceArns",
        "the template",
    ):
        assert what in measured


def test_a_policy_is_measured_without_white_space_and_with_everything_in_it():
    measured = {size.what: size for size in sizes(planned(1, 1))}
    looks = measured["the managed policy LookAtColors"]
    services = planned(1, 1).parameters["ServiceArns"]

    assert len(services) < looks.found < looks.most == MOST_OF_MANAGED == 6144


def test_of_more_roles_than_a_role_has_policies_for_each_policy_and_role_is_named():
    roles = [HERE.arn("iam", f"role/application-{number:04}") for number in range(1000)]

    problems = limit_problems(a_plan(roles=roles))

    assert len(problems) == 2
    for problem, function in zip(problems, ("DeployColor", "RollBackColor"), strict=True):
        assert problem.startswith(f"the role of {function}: found ")
        assert f" managed policies, expected at most {MOST_ATTACHED}; " in problem
        assert "share task or execution roles" in problem


def test_a_stack_whose_name_makes_the_machines_too_long_is_named():
    (problem,) = limit_problems(a_plan(stack="s" * 73))

    assert "the state machine Rollout" in problem
    assert "found 81 characters, expected at most 80" in problem


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        ({"Ref": "Long"}, "the managed policy Long"),
        ({"Statement": [{"Action": "x" * MOST_OF_INLINE}]}, "the inline policies of FollowGroup"),
    ],
    ids=["managed", "inline"],
)
def test_a_policy_that_is_too_long_is_named(policy, what):
    plan = a_plan()
    resources = plan.template["Resources"]
    long = {"Statement": [{"Action": "x" * MOST_OF_MANAGED}]}
    resources["Long"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": long}}
    resources["FollowGroup"]["Properties"]["Policies"].append(policy)

    assert any(problem.startswith(f"{what}: found ") for problem in limit_problems(plan))


@pytest.mark.parametrize(
    ("parameter", "length", "what"),
    [
        ("SlackApiUrl", 4_097, "the parameter SlackApiUrl"),
        ("SlackApiUrl", 4_000, "the environment"),
    ],
)
def test_parameters_and_the_environment_that_they_fill_are_measured(parameter, length, what):
    plan = a_plan()
    plan.parameters[parameter] = "x" * length

    assert any(problem.startswith(what) for problem in limit_problems(plan))
