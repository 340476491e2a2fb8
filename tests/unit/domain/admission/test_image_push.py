"""What a push starts, and which of two rollouts that pushes started goes on."""

import pytest

from handlers.domain.admission.image_push import (
    MediaTypes,
    Push,
    is_image,
    parse_push,
    rollout_of,
    starts,
)
from handlers.domain.admission.precedence import gives_way
from handlers.domain.admission.rollout_request import parse_request
from handlers.domain.config.image_rules import ImageRules
from handlers.domain.model.release import Release
from simulator.example_release import NEW_DIGEST, OLD_DIGEST, image
from simulator.recorded_events import recorded
from tests.support.builders import (
    a_color,
    a_decision,
    a_deploying_color,
    a_release,
    a_rollout,
    after,
    an_application,
    an_ended_rollout,
)


def a_push(tag="v1.42.0", digest=NEW_DIGEST, **given):
    usual = {"repository": "api", "tag": tag, "digest": digest, "at": after(minutes=2)}
    return Push(**(usual | given))


PUSH = a_push()
API = an_application(images=ImageRules(starts_on_push=("*",)))


def pushed(*colors, **given):
    return a_rollout(*colors, **({"requested_by": "ecr", "is_by_push": True} | given))


def newer(**given):
    return pushed(**({"id": "api-v1.42.1-2", "started": after(minutes=5)} | given))


@pytest.mark.parametrize(
    ("patterns", "tag", "expected"),
    [
        ((), "v1.42.0", False),
        (("v*",), "v1.42.0", True),
        (("v*",), "main-9f31c2", False),
        (("v*", "main-*"), "main-9f31c2", True),
        (("v?.*",), "V1.42.0", False),
        (("*",), "", False),
    ],
)
def test_a_push_starts_a_rollout_where_its_tag_fits_a_pattern(patterns, tag, expected):
    application = an_application(images=ImageRules(starts_on_push=patterns))

    assert starts(a_push(tag), application) is expected


def test_a_push_to_another_repository_starts_nothing():
    application = an_application(images=ImageRules(starts_on_push=("*",)), repository="web")

    assert not starts(PUSH, application)


def test_the_same_push_has_the_same_name_and_input_and_another_digest_another_name():
    name, document = rollout_of(parse_push(recorded("ecr_image_pushed")), API, ())
    other, _ = rollout_of(a_push(digest=OLD_DIGEST), API, ())

    assert (name, document) == rollout_of(PUSH, API, ())
    assert name.startswith("api-222222222222-")
    assert other != name
    assert parse_request(document, ("api",)).requested_by == "ecr"


def released(rollout_id, digest, minutes):
    release = a_release(images={"app": image(digest)})
    return an_ended_rollout(id=rollout_id, release=release, started=after(minutes=minutes))


def name_of(push, *newest):
    return rollout_of(push, API, newest)[0]


def test_the_tags_of_one_digest_are_one_release():
    first = name_of(a_push("v1"), released("api-1", OLD_DIGEST, -60))
    # By then the rollout of the first tag is on record.
    begun = released("api-2", NEW_DIGEST, 3)
    second = name_of(a_push("v1.0", at=after(minutes=4)), begun, released("api-1", OLD_DIGEST, -60))

    assert first == second


def test_a_tag_that_is_put_back_to_an_older_digest_is_a_release_again():
    older, newer = released("api-1", OLD_DIGEST, -60), released("api-2", NEW_DIGEST, -30)
    before = name_of(a_push("stable", OLD_DIGEST, at=after(minutes=-61)))

    again = name_of(a_push("stable", OLD_DIGEST), newer, older)

    assert again != before


def test_a_push_is_a_release_again_after_a_revision_was_gone_back_to():
    older, newer = released("api-1", OLD_DIGEST, -60), released("api-2", NEW_DIGEST, -30)
    back = an_ended_rollout(id="api-3", release=a_release(images={}), started=after(minutes=-10))

    assert name_of(PUSH, back, newer, older) != name_of(PUSH, newer, older)


def test_a_push_that_is_told_again_much_later_has_its_name_still():
    older, since = released("api-1", NEW_DIGEST, -60), released("api-2", OLD_DIGEST, 30)

    assert name_of(PUSH, since, older) == name_of(PUSH, older)


def test_what_was_refused_before_its_release_was_known_is_no_other_release():
    refused = an_ended_rollout(release=Release(name="v9"), started=after(minutes=-1))

    assert name_of(PUSH, refused) == name_of(PUSH)


@pytest.mark.parametrize(
    ("manifest", "artifact", "said"),
    [
        ("", "", None),
        ("application/vnd.oci.image.manifest.v1+json", "", None),
        ("application/vnd.oci.image.index.v1+json", "", True),
        ("application/vnd.docker.distribution.manifest.list.v2+json", "", True),
        ("", "application/vnd.oci.image.config.v1+json", True),
        ("", "application/vnd.docker.container.image.v1+json", True),
        ("", "application/vnd.buildkit.cacheconfig.v0", False),
        ("", "application/vnd.cncf.helm.config.v1+json", False),
        ("", "application/vnd.in-toto+json", False),
        ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.empty.v1+json", False),
        ("application/vnd.cncf.oras.artifact.manifest.v1+json", "", False),
        (*("application/vnd.docker.distribution.manifest.v2+json",) * 2, None),
        (*("application/vnd.oci.image.index.v1+json",) * 2, True),
    ],
)
def test_only_an_image_is_one(manifest, artifact, said):
    media = MediaTypes(manifest=manifest, artifact=artifact)

    assert is_image(media) is said
    assert starts(a_push(media=media), API) is (said is not False)


@pytest.mark.parametrize("end", ["", ".sig", ".att", ".sbom"])
def test_what_is_kept_under_an_images_digest_is_none(end):
    assert not starts(a_push(f"sha256-{'2' * 64}{end}"), API)


def test_a_replicated_image_is_a_pushed_one():
    assert parse_push(recorded("ecr_image_replicated")) == PUSH


def test_inspectors_event_names_the_repository_by_its_arn():
    scanned = parse_push(recorded("inspector_image_scanned"))

    assert (scanned.repository, scanned.digest, scanned.tag) == ("api", NEW_DIGEST, "")


def test_the_older_of_two_pushes_gives_way_until_somebody_has_said_yes():
    asking = a_color("red", stage="asking", approval="question-red")
    approved = a_color("red", stage="asking", approval="q", decision=a_decision())

    assert gives_way(pushed(asking), newer())
    assert not gives_way(newer(), pushed(asking))
    assert not gives_way(pushed(approved), newer())
    assert not gives_way(pushed(a_deploying_color()), newer())


def test_what_people_asked_for_gives_way_to_no_push():
    assert not gives_way(a_rollout(), newer())
    assert not gives_way(pushed(), newer(is_by_push=False))


def test_one_that_ends_for_another_reason_is_not_superseded_as_well():
    assert not gives_way(an_ended_rollout(is_by_push=True), newer())
    assert not gives_way(pushed(roll_back_asked=a_decision("withdrawn")), newer())
    assert gives_way(pushed(roll_back_asked=a_decision("superseded_by_push")), newer())
