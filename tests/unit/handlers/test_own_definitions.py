"""Colors whose task definitions differ: each gets a new revision of its own with the release."""

from dataclasses import replace

import pytest

from handlers import deploy_color
from handlers.domain.config.applications import Revisions
from handlers.domain.history.audit import EventKind
from handlers.domain.model.errors import Refused
from handlers.domain.model.release import ColorRelease
from handlers.domain.model.rollout import Stage
from simulator.example_release import NEW_DIGEST, OLD_DIGEST, REGISTRY, image
from tests.support.builders import (
    NEW,
    OLD,
    a_deployment,
    a_manifest,
    a_release,
    a_released_color,
    a_service,
    a_task_definition,
    an_application,
    an_ended_rollout,
    revision,
)
from tests.support.own_definitions import (
    NEXT,
    OWN,
    have_own_definitions,
    own_container,
    own_definition,
)
from tests.support.preparing import TAG, prepared
from tests.support.records import change
from tests.support.sized import a_room, an_instance
from tests.unit.handlers.test_whole_road import NAME, Machine

COLORS = ("red", "yellow", "green")
NEW_IMAGE = image(NEW_DIGEST)
AGENT = "datadog/agent:latest"


@pytest.fixture
def own(preparing):
    have_own_definitions(preparing)
    return preparing


def registered(outside):
    return {each["family"]: each for each in outside.ecs.registered}


def deploy(token, color):
    deploy_color.lambda_handler({"rollout": "api-1", "color": color, "token": token}, None)


def deploy_all(outside):
    for color in COLORS:
        deploy(f"token-{color}", color)


def test_each_color_gets_its_own_definition_with_the_releases_images(own):
    assert prepared()["outcome"] == "ready"

    deploy_all(own)

    assert dict(own.ecs.updates) == {f"api-{color}": NEXT[color] for color in COLORS}
    for color in COLORS:
        made, was = registered(own)[f"api-{color}"], own_definition(color)
        assert {key: made[key] for key in ("taskRoleArn", "memory")} == {
            key: was[key] for key in ("taskRoleArn", "memory")
        }
        assert made["containerDefinitions"] == [
            was["containerDefinitions"][0] | {"image": NEW_IMAGE}
        ]


def test_what_changes_is_told_once_where_it_is_the_same_for_all(own):
    prepared()

    recorded = own.rollouts.read("api-1")
    assert recorded.changes == (
        "app: image 111111111111 → 222222222222",
        "each color keeps its own definition: red api-red:3, yellow api-yellow:5, green api-green:9",
    )
    (said,) = own.slack.said(in_thread=True)
    assert said.startswith(
        "What changes for red and yellow and green, against api-red:3 and api-yellow:5 and "
        "api-green:9:\n• app: image"
    )


def test_the_board_tells_what_changes_for_each_color(preparing):
    older = [own_container("red", image=image("sha256:" + "3" * 64))]
    have_own_definitions(preparing, red=own_definition("red", containerDefinitions=older))

    prepared()

    (board,) = preparing.slack.boards()
    assert "red: app: image 333333333333 → 222222222222" in str(board["blocks"])
    assert "yellow and green: app: image 111111111111 → 222222222222" in str(board["blocks"])
    assert "api-red:3" in str(board["blocks"])


def test_one_family_whose_revisions_differ_in_more_than_images_is_kept_by_each_color(preparing):
    red = revision(42)
    preparing.ecs.revisions[red] = a_task_definition(42, memory="512")
    preparing.ecs.known["api-red"] = a_service(a_deployment(task_definition=red), color="red")
    prepared()

    deploy_all(preparing)

    kept = {color: preparing.rollouts.read("api-1").release.revision_for(color) for color in COLORS}
    assert kept == {"red": revision(43), "yellow": revision(44), "green": revision(44)}
    assert [each.get("memory") for each in preparing.ecs.registered] == ["512", None]


def test_a_color_left_on_other_images_gets_the_one_revision_of_all(preparing):
    """A rollout was stopped half way: that is no definition of its own."""
    preparing.ecs.revisions[NEW] = a_task_definition(42, digest="sha256:" + "3" * 64)
    preparing.ecs.known["api-red"] = a_service(a_deployment(task_definition=NEW), color="red")
    prepared()

    deploy_all(preparing)

    assert len(preparing.ecs.registered) == 1
    assert {arn for _, arn in preparing.ecs.updates} == {revision(43)}
    recorded = preparing.rollouts.read("api-1")
    assert recorded.release.by_color == {}
    assert recorded.changes_for["red",][0] == "app: image 333333333333 → 222222222222"
    assert recorded.changes_for["yellow", "green"][0] == "app: image 111111111111 → 222222222222"


def test_one_definition_for_all_colors_is_one_revision_as_ever(preparing):
    prepared()

    deploy_all(preparing)

    assert [each["family"] for each in preparing.ecs.registered] == ["api"]
    assert preparing.rollouts.read("api-1").release.revision == revision(42)


def test_all_revisions_are_registered_before_any_color_is_changed(own):
    def refuse(definition):
        raise Refused(f"register a revision of {definition['family']}: AccessDenied")

    prepared()
    register = own.ecs.register
    own.ecs.register = lambda each: (refuse if each["family"] == "api-green" else register)(each)

    with pytest.raises(Refused, match="api-green"):
        deploy("token-1", "red")

    assert own.ecs.updates == []


def test_a_run_that_died_between_two_revisions_registers_none_again(own):
    prepared()
    rollouts, recorded = own.rollouts, own.rollouts.record_revision

    def die_at_yellow(rollout, arn, color=""):
        if color == "yellow":
            raise Refused("update Rollouts")
        return recorded(rollout, arn, color)

    rollouts.record_revision = die_at_yellow
    with pytest.raises(Refused):
        deploy("token-1", "red")
    rollouts.record_revision = recorded
    deploy_all(own)

    assert len(own.ecs.registered) == 3
    assert rollouts.read("api-1").release.revisions == tuple(NEXT.values())


def test_a_sidecars_tag_is_one_digest_in_every_color(preparing):
    sidecar = {"name": "agent", "image": f"{REGISTRY}/agent:latest"}
    preparing.apps["agent"] = an_application(name="agent")
    preparing.images.digests["latest"] = OLD_DIGEST
    each = {c: own_definition(c, containerDefinitions=[own_container(c), sidecar]) for c in COLORS}
    have_own_definitions(preparing, **each)
    prepared()

    deploy_all(preparing)

    pinned = {d["containerDefinitions"][1]["image"] for d in preparing.ecs.registered}
    assert pinned == {image(OLD_DIGEST, "agent")}


def test_containers_that_only_some_colors_have_move_with_their_own(preparing):
    worker = own_container("red", name="worker")
    red = own_definition("red", containerDefinitions=[own_container("red"), worker])
    have_own_definitions(preparing, red=red)
    prepared()

    deploy_all(preparing)

    moved = registered(preparing)["api-red"]["containerDefinitions"]
    assert [each["image"] for each in moved] == [NEW_IMAGE, NEW_IMAGE]
    assert "worker moves with app: the same image" in str(preparing.slack.said(in_thread=True))


def test_a_container_named_after_its_service_is_known_by_its_repository(preparing):
    each = {
        color: own_definition(
            color, containerDefinitions=[own_container(color, name=f"api-{color}")]
        )
        for color in COLORS
    }
    have_own_definitions(preparing, **each)
    assert prepared()["outcome"] == "ready"

    deploy_all(preparing)

    released = [made["containerDefinitions"][0] for made in preparing.ecs.registered]
    assert [(one["name"], one["image"]) for one in released] == [
        (f"api-{color}", NEW_IMAGE) for color in COLORS
    ]
    release = preparing.rollouts.read("api-1").release
    assert release.images == {"app": NEW_IMAGE}
    assert release.container_for("red", "app") == "api-red"


def test_which_of_two_containers_of_the_repository_is_meant_is_not_guessed(preparing):
    several = [
        own_container("red", name="web"),
        own_container("red", name="old", image=f"{REGISTRY}/api:v1.40.0"),
    ]
    have_own_definitions(preparing, red=own_definition("red", containerDefinitions=several))

    answer = prepared()

    assert answer["outcome"] == "not_deployable"
    assert answer["cause"] == "api-red:3 has no container app; it has web, old"


def test_a_color_without_the_container_is_refused_by_name(preparing):
    other = own_container("red", name="web", image=f"{REGISTRY}/nginx:1.27")
    web = own_definition("red", containerDefinitions=[other])
    have_own_definitions(preparing, red=web)

    answer = prepared()

    assert answer["outcome"] == "not_deployable"
    assert answer["cause"] == "api-red:3 has no container app; it has web"


def test_a_color_whose_container_runs_another_repository_is_refused_by_name(preparing):
    canary = own_container("red", image=f"{REGISTRY}/canary:v1.41.0")
    have_own_definitions(preparing, red=own_definition("red", containerDefinitions=[canary]))

    answer = prepared()

    assert answer["outcome"] == "not_deployable"
    assert f"app would get {REGISTRY}/api, and red runs {REGISTRY}/canary" in answer["cause"]


def test_the_image_of_every_color_is_vetted(preparing):
    """Only red is for another processor than the index names."""
    arm = own_definition("red", runtimePlatform={"cpuArchitecture": "ARM64"})
    have_own_definitions(preparing, red=arm)
    preparing.images.indices = {NEW_DIGEST: (a_manifest("amd64"),)}

    answer = prepared()

    assert answer["outcome"] == "image_unfit"
    assert "arm64" in answer["cause"].lower()


def test_shared_revisions_refuse_what_differs_before_anybody_is_asked(own):
    own.apps["api"] = an_application(revisions=Revisions.SHARED)

    answer = prepared()

    assert answer["outcome"] == "not_deployable"
    for words in (
        'revisions = "shared"',
        "red, api-red:3: ",
        "family api-green → api-red",
        "memory 2048 → 512",
    ):
        assert words in answer["cause"]
    assert own.ecs.updates == own.ecs.registered == []


def test_shared_revisions_of_one_definition_are_ready(preparing):
    preparing.apps["api"] = an_application(revisions=Revisions.SHARED)

    assert prepared()["outcome"] == "ready"


def test_one_revision_for_families_of_their_own_is_refused_and_says_how(own):
    answer = prepared({"application": "api", "taskDefinition": "api-green:9"})

    assert answer["outcome"] == "not_deployable"
    assert answer["cause"].startswith(
        "api-green:9 is one revision, and the colors have families of their own: red api-red:3"
    )
    assert '"taskDefinitions": {"red": "api-red:3"' in answer["cause"]


def test_a_revision_for_each_color_is_deployed_to_it(own):
    earlier = revision(2, "api-red")
    own.ecs.revisions[earlier] = own_definition("red", memory="256", revision=2) | {
        "taskDefinitionArn": earlier
    }
    asked = {"red": "api-red:2", "yellow": "api-yellow:5", "green": "api-green:9"}
    answer = prepared({"application": "api", "taskDefinitions": asked})
    assert (answer["outcome"], answer["cause"]) == ("ready", "")

    deploy("token-1", "red")

    recorded = own.rollouts.read("api-1")
    assert own.ecs.updates == [("api-red", earlier)]
    assert recorded.release.name == "api-red:2, api-yellow:5, api-green:9"
    assert recorded.changes_for["red",] == ("memory 512 → 256",)
    assert recorded.changes_for["yellow", "green"] == ("Nothing changes: this is what runs.",)


def test_the_same_revision_for_each_color_unites_them(own):
    asked = dict.fromkeys(COLORS, "api-green:9")
    assert prepared({"application": "api", "taskDefinitions": asked})["outcome"] == "ready"

    recorded = own.rollouts.read("api-1")
    assert recorded.release.revisions == (OWN["green"],)
    assert "family api-red → api-green" in recorded.changes_for["red",]


def test_a_revision_of_another_colors_family_is_refused_as_a_slip(own):
    asked = {"red": "api-green:9", "yellow": "api-yellow:5", "green": "api-red:3"}

    answer = prepared({"application": "api", "taskDefinitions": asked})

    assert answer["outcome"] == "not_deployable"
    assert answer["cause"] == (
        "A color would get another one's definition: api-green:9 for red, which runs api-red, "
        "api-red:3 for green, which runs api-green."
    )


def test_a_deregistered_revision_of_one_color_is_refused(own):
    own.ecs.revisions[OWN["yellow"]]["status"] = "INACTIVE"
    asked = {color: arn.rpartition("/")[2] for color, arn in OWN.items()}

    answer = prepared({"application": "api", "taskDefinitions": asked})

    assert answer["outcome"] == "not_deployable"
    assert "api-yellow:5 is INACTIVE" in answer["cause"]


def test_several_revisions_are_refused_where_one_is_insisted_on(own):
    own.apps["api"] = an_application(revisions=Revisions.SHARED)
    asked = {color: arn.rpartition("/")[2] for color, arn in OWN.items()}

    answer = prepared({"application": "api", "taskDefinitions": asked})

    assert answer["outcome"] == "not_deployable"
    assert "api-red:3, api-yellow:5, api-green:9" in answer["cause"]


def test_room_is_looked_for_by_what_each_color_needs(own):
    known = own.ecs.known
    known |= {name: replace(service, launch_type="EC2") for name, service in known.items()}
    own.instances.known = [an_instance(remaining=a_room(4096, 1100))]

    answer = prepared()

    assert answer["outcome"] == "no_room"
    assert answer["cause"].startswith("green: one more task needs 0 CPU units and 2,048 MiB")


def test_what_a_question_is_about_is_the_colors_own_images(own):
    """Its audit entry and the API name what the color gets."""
    machine = Machine(own)
    machine.prepare()
    machine.ask("red", then="approve")

    assert own.audit.details(EventKind.ASKED) == [NEW_IMAGE]


def test_a_whole_rollout_ends_with_each_color_on_its_own_revision(own):
    machine = Machine(own)
    machine.prepare()
    for color in COLORS:
        machine.release(color)
    ended = machine.finish()

    assert ended["outcome"] == "completed"
    rollout = own.rollouts.read(NAME)
    assert rollout.cause == (
        "Every color runs v1.42.0: red api-red:4, yellow api-yellow:6, green api-green:10."
    )
    assert {color: machine.running(color) for color in COLORS} == NEXT
    assert [rollout.runs(color) for color in COLORS] == list(NEXT.values())


def test_each_color_goes_back_to_its_own(own):
    machine = Machine(own)
    machine.prepare()
    machine.release("red")
    machine.ask("yellow", then="reject")
    machine.roll_back()
    machine.finish()

    assert {color: machine.running(color) for color in COLORS} == OWN
    assert own.rollouts.read(NAME).colors["red"].stage is Stage.PUT_BACK


def test_people_are_shown_that_a_color_is_healthy_on_its_own_revision(own):
    machine = Machine(own)
    machine.prepare()
    machine.release("red")
    machine.ask("yellow", then="approve")

    asked = own.approvals.get(own.rollouts.read(NAME).colors["yellow"].approval)
    assert (asked.evidence["red"].runs, asked.evidence["red"].verdict) == (NEXT["red"], "healthy")


@pytest.mark.parametrize(
    ("runs", "outcome"), [(NEXT["red"], "roll_back"), (NEXT["green"], "superseded")]
)
def test_what_a_stopped_rollout_left_on_a_revision_of_its_own_is_put_back(own, runs, outcome):
    by_color = {color: ColorRelease(revision=arn) for color, arn in NEXT.items()}
    left = a_released_color("red", previous=OWN["red"])
    earlier = an_ended_rollout(
        left, id="api-0", outcome="aborted", release=a_release(revision="", by_color=by_color)
    )
    own.rollouts.create(earlier)
    own.ecs.known["api-red"] = a_service(a_deployment(task_definition=runs), color="red")

    assert prepared({"application": "api", "rollBack": "api-0"})["outcome"] == outcome


def test_what_somebody_else_deployed_to_one_color_is_not_its_release(own):
    """Green's own revision on red is not what was approved for red."""
    prepared()
    deploy("token-1", "red")
    own.ecs.complete("api-red")
    own.ecs.overtake("api-red", NEXT["green"])

    deploy("token-2", "red")

    assert own.executions.answers["token-2"] == {"outcome": "superseded"}


def test_a_release_found_unhealthy_on_one_color_condemns_the_revisions_of_all(own):
    by_color = {color: ColorRelease(revision=arn) for color, arn in OWN.items()}
    bad = a_released_color("yellow", outcome="unhealthy", stage=Stage.FAILED)
    earlier = an_ended_rollout(bad, id="api-0", outcome="aborted")
    own.rollouts.create(replace(earlier, release=replace(earlier.release, by_color=by_color)))

    answer = prepared()

    assert answer["outcome"] == "already_unhealthy"
    assert "api-red:3 was found unhealthy by an earlier rollout." in answer["cause"]


def test_a_record_of_before_has_one_revision_for_all(own):
    """It was prepared before colors could keep their own: what people approved is what runs."""
    prepared(TAG)
    release = own.rollouts.read("api-1").release
    change(own.rollouts, "api-1", release=replace(release, by_color={}))

    deploy_all(own)

    assert [each["family"] for each in own.ecs.registered] == ["api-green"]
    assert {arn for _, arn in own.ecs.updates} == {NEXT["green"]}


def test_a_definition_that_is_gone_is_a_named_refusal(own):
    del own.ecs.revisions[OWN["red"]]

    answer = prepared()

    assert answer["outcome"] == "not_deployable"
    assert "api-red:3" in answer["cause"]


def test_the_common_definition_is_what_the_last_color_ran(preparing):
    prepared()

    assert preparing.rollouts.read("api-1").base_for("red") == OLD
