"""What moves with the images that were asked for, what is pinned beside them, and what is known."""

import pytest

from handlers.domain.admission.image_scan import Scan
from handlers.domain.admission.release_images import has_run, unpinned
from handlers.domain.config.image_rules import RefuseAt
from handlers.domain.model.errors import NotThere
from handlers.domain.model.image_reference import EcrRegistry
from handlers.services.image_vetting import ReadableImages, pin_all_containers, vet_images
from simulator.example_release import NEW_DIGEST, OLD_DIGEST, REGISTRY, image
from simulator.fake_services import FakeImages
from tests.support.builders import NEW, OLD, OTHER, a_color, a_rollout

AGENT = f"sha256:{'3' * 64}"
BAD = Scan(status="COMPLETE", findings={"CRITICAL": 7})


def readable(**scans):
    images = FakeImages(**{"1.4.2": OLD_DIGEST, "1.5.0": NEW_DIGEST, "v3": AGENT, "latest": AGENT})
    images.scans |= {NEW_DIGEST: Scan(status="COMPLETE"), AGENT: Scan(status="COMPLETE")}
    images.scans |= scans
    registry = EcrRegistry(account="123456789012", region="ap-northeast-1")
    return ReadableImages(
        registry=registry, repositories=frozenset({"shop", "router"}), images=images
    )


def shop(tag="1.4.2"):
    return f"{REGISTRY}/shop:{tag}"


def definition(**containers):
    return {"containerDefinitions": [{"name": n, "image": i} for n, i in containers.items()]}


def completed(asked, **containers):
    runs = {"green": definition(**containers)}
    return pin_all_containers({"green": asked}, runs, readable())["green"]


NEW_SHOP = image(NEW_DIGEST, "shop")


def test_containers_of_one_image_move_together_and_people_are_told():
    found = completed({"app": NEW_SHOP}, migrate=shop(), app=shop(), sidekiq=shop())

    assert found.images == dict.fromkeys(("app", "migrate", "sidekiq"), NEW_SHOP)
    assert found.notes == ("migrate, sidekiq move with app: the same image",)


@pytest.mark.parametrize(
    ("app", "worker", "moves"),
    [
        (image(OLD_DIGEST, "shop"), image(OLD_DIGEST, "shop"), True),
        ("shop", "docker.io/library/shop", True),
        ("$IMAGE", "$IMAGE", True),
        (shop("1.4.2"), shop("1.4.1"), False),
        (image(OLD_DIGEST, "shop"), image(AGENT, "shop"), False),
        (shop(), image(OLD_DIGEST, "shop"), False),
        (shop(), f"{REGISTRY}/router:1.4.2", False),
    ],
)
def test_one_image_is_the_same_repository_tag_and_digest(app, worker, moves):
    found = completed({"app": NEW_SHOP}, app=app, worker=worker)

    assert (found.images.get("worker") == NEW_SHOP) is moves


def test_another_tag_of_the_same_repository_stays_and_people_are_told():
    found = completed({"app": NEW_SHOP}, app=shop(), worker=shop("1.5.0"))

    assert found.images["worker"] == NEW_SHOP
    assert found.notes == ("worker stays on shop:1.5.0",)


def test_what_is_asked_for_twice_leaves_the_third_of_one_image_where_it_is():
    asked = {"app": NEW_SHOP, "worker": image(AGENT, "shop")}

    found = completed(asked, app=shop(), worker=shop(), cron=shop())

    assert found.images == asked | {"cron": image(OLD_DIGEST, "shop")}
    assert found.notes == ("cron stays on shop:1.4.2",)


def test_a_sidecars_tag_is_pinned_where_its_registry_can_be_asked():
    found = completed({"app": NEW_SHOP}, app=shop(), router=f"{REGISTRY}/router:v3")

    assert found.images == {"app": NEW_SHOP, "router": image(AGENT, "router")}
    assert found.notes == ()


@pytest.mark.parametrize(
    "agent",
    [
        "datadog/agent:latest",
        "public.ecr.aws/datadog/agent",
        f"{REGISTRY.replace('123456789012', '999999999999')}/router:v3",
        f"{REGISTRY}/another:v3",
        f"{REGISTRY}/router:no-such",
        "$AGENT",
    ],
)
def test_a_sidecar_that_cannot_be_pinned_stays_and_people_are_told(agent):
    found = completed({"app": NEW_SHOP}, app=shop(), agent=agent)

    assert found.images == {"app": NEW_SHOP}
    (note,) = found.notes
    assert note.startswith(f"not pinned by a digest: agent ({agent[:40]}")


def test_a_sidecar_that_is_pinned_needs_nothing():
    found = completed({"app": NEW_SHOP}, app=shop(), agent=f"datadog/agent@{AGENT}")

    assert found == completed({"app": NEW_SHOP}, app=shop())


def test_a_revision_says_which_containers_it_does_not_pin():
    assert unpinned(definition(app=NEW_SHOP, agent="datadog/agent")) == (
        "not pinned by a digest: agent (datadog/agent)",
    )


def vetted(before, after, *asked, refuse_at=RefuseAt.CRITICAL, **scans):
    return vet_images(before, after, asked, refuse_at, readable(**scans))


OLD_SHOP = definition(app=image(OLD_DIGEST, "shop"), agent="datadog/agent:7")


def test_an_image_by_tag_and_digest_is_looked_at():
    both = definition(app=f"{shop('1.5.0')}@{NEW_DIGEST}")

    found = vetted(OLD_SHOP, both, "app", **{NEW_DIGEST: BAD})

    assert (found.refusal, found.image) == ("its scan found 7 critical", "shop:1.5.0")


def test_of_a_revision_every_image_that_is_another_now_is_looked_at():
    after = definition(app=NEW_SHOP, router=f"{REGISTRY}/router:v3")

    found = vetted(OLD_SHOP, after, "app", **{AGENT: BAD})

    assert (found.refusal, found.image) == ("its scan found 7 critical", "router:v3")


def test_what_a_sidecar_runs_already_is_not_held_against_a_release():
    before = definition(app=image(OLD_DIGEST, "shop"), router=image(AGENT, "router"))
    after = definition(app=NEW_SHOP, router=image(AGENT, "router"))

    assert not vetted(before, after, "app", **{AGENT: BAD}).refusal


def test_what_runs_already_is_looked_at_where_it_is_what_was_asked_for():
    same = definition(app=NEW_SHOP)

    assert vetted(same, same, "app", **{NEW_DIGEST: BAD}).refusal


ELSEWHERE = {
    "ghcr.io/us/shop": "is not in ECR",
    "shop": "is not in ECR",
    f"{REGISTRY.replace('123456789012', '999999999999')}/shop": "is not in this account's ECR",
    f"{REGISTRY}/another": "is in a repository that no application of the file names",
}


@pytest.mark.parametrize(("repository", "why"), ELSEWHERE.items(), ids=ELSEWHERE)
def test_what_cannot_be_asked_about_does_not_pass_where_scans_count(repository, why):
    after = definition(app=f"{repository}@{NEW_DIGEST}")

    found = vetted(OLD_SHOP, after, "app")

    assert found.refusal.startswith(why)
    assert found.refusal.endswith("so what its scan found is not known")
    assert vetted(OLD_SHOP, after, "app", refuse_at=RefuseAt.NEVER).refusal == ""


def test_a_sidecar_that_cannot_be_asked_about_is_told_and_refuses_nothing():
    after = definition(app=NEW_SHOP, agent=f"datadog/agent@{AGENT}")

    found = vetted(OLD_SHOP, after, "app")

    assert not found.refusal
    assert "is not in ECR, so what its scan found is not known" in found.notes[0]


def test_a_revision_whose_tag_means_nothing_cannot_run():
    with pytest.raises(NotThere):
        vetted(OLD_SHOP, definition(app=shop("9")), "app")


def test_a_revision_has_run_that_some_color_was_on_before():
    rollouts = [a_rollout(a_color("red", previous=OLD), a_color("green", previous=OTHER))]

    assert has_run(OLD, rollouts)
    assert has_run(OTHER, rollouts)
    assert not has_run(NEW, rollouts)
