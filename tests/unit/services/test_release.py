import pytest

from handlers.domain.admission.rollout_request import RolloutRequest
from handlers.domain.model.errors import NotThere
from handlers.domain.model.image_reference import EcrRegistry
from handlers.services.image_vetting import ReadableImages
from handlers.services.release import register_once, resolve
from simulator.example_release import NEW_DIGEST, OLD_DIGEST, REGISTRY, image
from simulator.fake_services import FakeImages
from tests.support.builders import OLD, a_release, a_task_definition, an_application, revision
from tests.support.fake_ecs import FakeEcs


def readable(*repositories):
    images = FakeImages(**{"v1.42.0": NEW_DIGEST, "v1.41.0": OLD_DIGEST})
    registry = EcrRegistry(account="123456789012", region="ap-northeast-1")
    return ReadableImages(registry=registry, repositories=frozenset(repositories), images=images)


def resolved(ecs=None, application=None, **asked):
    request = RolloutRequest(application="api", **asked)
    known = readable("api", "backend/api", "proxy")
    return resolve(request, application or an_application(), known, ecs or FakeEcs())


def test_a_tag_becomes_a_digest_in_the_applications_repository():
    application = an_application(repository="backend/api", container="main")

    release = resolved(application=application, tag="v1.42.0")

    assert release.name == "v1.42.0"
    assert release.images == {"main": image(NEW_DIGEST, "backend/api")}
    assert release.revision == ""


def test_a_tag_that_does_not_exist_is_not_there():
    with pytest.raises(NotThere, match=r"api:v9\.9\.9"):
        resolved(tag="v9.9.9")


def test_an_image_by_digest_is_taken_as_it_is():
    given = f"registry.example.com/api@{NEW_DIGEST}"

    assert resolved(image=given).images == {"app": given}


def test_an_image_by_tag_is_pinned():
    release = resolved(image=f"{REGISTRY}/backend/api:v1.42.0")

    assert release.images == {"app": image(NEW_DIGEST, "backend/api")}
    assert release.name == "api:v1.42.0"


def test_an_image_by_tag_and_digest_is_that_of_the_digest_in_the_repository_of_its_name():
    release = resolved(image=f"{REGISTRY}/api:v1.42.0@{NEW_DIGEST}")

    assert release.images == {"app": image(NEW_DIGEST)}
    assert release.name == "api:v1.42.0"


def test_what_an_image_by_digest_is_called_is_short():
    assert resolved(image=image(NEW_DIGEST)).name == "api@222222222222"


@pytest.mark.parametrize(
    "host", ["dkr.ecr-fips.ap-northeast-1.amazonaws.com", "dkr-ecr.ap-northeast-1.on.aws"]
)
def test_a_tag_is_pinned_at_whatever_host_of_our_registry_it_is_asked_for(host):
    registry = f"123456789012.{host}"

    release = resolved(image=f"{registry}/api:v1.42.0")

    assert release.images == {"app": f"{registry}/api@{NEW_DIGEST}"}


def test_what_is_no_image_is_not_there():
    with pytest.raises(NotThere, match="is not an image"):
        resolved(image=f"{REGISTRY}/API:v1.42.0")


def test_a_tag_outside_ecr_cannot_be_pinned_and_says_what_to_do():
    with pytest.raises(NotThere, match=r"^nginx:1\.27 is not in ECR.*give its digest$"):
        resolved(image="nginx:1.27")


@pytest.mark.parametrize(
    "registry",
    [
        REGISTRY.replace("123456789012", "999999999999"),
        REGISTRY.replace("ap-northeast-1", "eu-west-1"),
    ],
    ids=["another account", "another region"],
)
def test_an_image_of_another_registry_is_never_taken_from_ours(registry):
    with pytest.raises(NotThere):
        resolved(image=f"{registry}/api:v1.42.0")


def test_an_image_of_a_repository_that_no_application_names_is_not_asked_for():
    said = r"/other:v1 is in a repository that no application of the file names.*give its digest$"

    with pytest.raises(NotThere, match=said):
        resolved(image=f"{REGISTRY}/other:v1")


def test_several_images_are_pinned_each():
    asked = {"app": f"{REGISTRY}/api:v1.42.0", "proxy": f"{REGISTRY}/proxy:v1.41.0"}

    release = resolved(images=asked)

    assert release.images == {"app": image(NEW_DIGEST), "proxy": image(OLD_DIGEST, "proxy")}
    assert release.name == "api:v1.42.0, proxy:v1.41.0"


def test_an_existing_revision_is_taken_by_its_full_name():
    release = resolved(ecs=FakeEcs(revisions=[a_task_definition(41)]), task_definition="api:41")

    assert (release.name, release.revision, release.images) == ("api:41", OLD, {})


def test_a_deregistered_revision_is_not_there():
    ecs = FakeEcs(revisions=[a_task_definition(41, status="INACTIVE")])

    with pytest.raises(NotThere, match=r"^api:41 is INACTIVE: it was deregistered$"):
        resolved(ecs=ecs, task_definition="api:41")


def test_a_release_is_registered_once():
    ecs = FakeEcs(revisions=[a_task_definition(41)])

    first = register_once(a_release(), ecs.task_definition(OLD), ecs)
    again = register_once(a_release(), ecs.task_definition(OLD), ecs)

    assert first == again == revision(42)
    assert len(ecs.registered) == 1


@pytest.mark.parametrize("left", [(), (a_task_definition(40, family="api", cpu="128"),)])
def test_what_runs_and_was_deregistered_is_registered_again(left):
    runs = a_task_definition(41, status="INACTIVE")
    ecs = FakeEcs(revisions=[*left, runs])
    same = a_release(images={"app": image(OLD_DIGEST)})

    made = register_once(same, ecs.task_definition(OLD), ecs)

    assert made == register_once(same, ecs.task_definition(OLD), ecs) == revision(42)
    assert len(ecs.registered) == 1
    assert ecs.task_definition(made)["status"] == "ACTIVE"


def test_what_already_runs_is_not_registered_again():
    ecs = FakeEcs(revisions=[a_task_definition(41), a_task_definition(57, digest=NEW_DIGEST)])
    same = a_release(images={"app": image(OLD_DIGEST)})

    assert register_once(same, ecs.task_definition(OLD), ecs) == OLD
    assert ecs.registered == []


def test_the_latest_revision_is_reused_when_it_is_the_same():
    ecs = FakeEcs(revisions=[a_task_definition(41), a_task_definition(57, digest=NEW_DIGEST)])

    assert register_once(a_release(), ecs.task_definition(OLD), ecs) == revision(57)
    assert ecs.registered == []


def test_the_latest_revision_is_not_reused_when_anything_else_differs():
    ecs = FakeEcs(
        revisions=[a_task_definition(41), a_task_definition(57, digest=NEW_DIGEST, cpu="1024")]
    )

    assert register_once(a_release(), ecs.task_definition(OLD), ecs) == revision(58)
    assert "cpu" not in ecs.registered[0]
