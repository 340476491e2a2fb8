"""The input contract: what the handlers take, and that the published schema says the same."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema.validators import extend

from handlers.domain.admission.rollout_request import InvalidInput, RolloutRequest, parse_request

KNOWN = ("api", "web")
DIGEST = f"sha256:{'a' * 64}"
EACH = {"red": "api-red:3", "yellow": "api-yellow:5", "green": "api-green:9"}
DEFINITIONS = Path(__file__).parents[4] / "definitions"
SCHEMA = json.loads((DEFINITIONS / "input.schema.json").read_text())


def problems_of(document):
    with pytest.raises(InvalidInput) as raised:
        parse_request(document, KNOWN)
    return str(raised.value).splitlines()


def test_an_image_that_is_very_long_is_refused_at_once():
    with pytest.raises(InvalidInput, match="expected an image with a tag or digest"):
        parse_request({"application": "api", "image": "a" * 200_000 + "!"}, ("api",))


def test_a_tag_is_taken_with_who_asked_and_why():
    document = {
        "application": "api",
        "tag": "v1.42.0",
        "requestedBy": "U024BE7LH",
        "reason": "faster search",
    }

    request = parse_request(document, KNOWN)

    assert request == RolloutRequest(
        application="api", tag="v1.42.0", requested_by="U024BE7LH", reason="faster search"
    )


@pytest.mark.parametrize(
    ("target", "request_"),
    [
        ({"image": "registry/api:v1"}, {"image": "registry/api:v1"}),
        ({"image": f"registry/api@{DIGEST}"}, {"image": f"registry/api@{DIGEST}"}),
        ({"images": {"app": "registry/api:v1"}}, {"images": {"app": "registry/api:v1"}}),
        ({"taskDefinition": "api:42"}, {"task_definition": "api:42"}),
        ({"taskDefinitions": EACH}, {"task_definitions": EACH}),
        ({"rollBack": "api-v1.42.0-5f2c"}, {"roll_back": "api-v1.42.0-5f2c"}),
    ],
    ids=["image by tag", "image by digest", "images", "revision", "revisions", "rollback"],
)
def test_each_other_target_is_taken_alone(target, request_):
    request = parse_request({"application": "web", **target}, KNOWN)

    assert request == RolloutRequest(application="web", **request_)


TAG = {"application": "api", "tag": "v1"}
WRONG = {
    "no object": ([], "input: found a list, expected an object such as"),
    "text instead of an object": ("api v1", "input: found a string, expected an object"),
    "nothing at all": (None, "input: found nothing, expected an object"),
    "no application": ({"tag": "v1"}, "application: found nothing, expected one of api, web"),
    "an application that is not configured": (
        TAG | {"application": "apo"},
        "application: found 'apo', expected one of api, web",
    ),
    "an application that is a list": (
        TAG | {"application": ["api"]},
        "application: found ['api'], expected one of api, web",
    ),
    "no target": (
        {"application": "api"},
        (
            "tag, image, images, taskDefinition, taskDefinitions, rollBack: found none of them, expected "
            "exactly one"
        ),
    ),
    "two targets": (
        TAG | {"image": "api:v1"},
        (
            "tag, image, images, taskDefinition, taskDefinitions, rollBack: found tag and image, expected "
            "exactly one"
        ),
    ),
    "a tag with a space": (
        TAG | {"tag": "v1 beta"},
        "tag: found 'v1 beta', expected an image tag such as v1.42.0",
    ),
    "a tag with a line break at its end": (
        TAG | {"tag": "v1\n"},
        r"tag: found 'v1\n', expected an image tag such as v1.42.0",
    ),
    "a tag that is a number": (TAG | {"tag": 1.42}, "tag: found 1.42, expected an image tag"),
    "a tag that is null": (TAG | {"tag": None}, "tag: found nothing, expected an image tag"),
    "an image without tag or digest": (
        {"application": "api", "image": "registry/api"},
        "image: found 'registry/api', expected an image with a tag or digest",
    ),
    "an image with half a digest": (
        {"application": "api", "image": "api@sha256:abc"},
        "image: found 'api@sha256:abc', expected an image with a tag or digest",
    ),
    "no images": (
        {"application": "api", "images": {}},
        "images: found {}, expected an object of container → image",
    ),
    "images as a list": (
        {"application": "api", "images": ["api:v1"]},
        "images: found ['api:v1'], expected an object of container → image",
    ),
    "one image of two that is wrong": (
        {"application": "api", "images": {"app": "api:v1", "proxy": "envoy"}},
        "images.proxy: found 'envoy', expected an image with a tag or digest",
    ),
    "a family without a revision": (
        {"application": "api", "taskDefinition": "api"},
        "taskDefinition: found 'api', expected an existing revision such as api:42",
    ),
    "a rollout's name with a slash": (
        {"application": "api", "rollBack": "api/1"},
        "rollBack: found 'api/1', expected the name of an earlier rollout",
    ),
    "a requester that is an object": (
        TAG | {"requestedBy": {}},
        "requestedBy: found {}, expected a string",
    ),
    "a reason that is null": (TAG | {"reason": None}, "reason: found nothing, expected a string"),
    "a requester that is too long": (
        TAG | {"requestedBy": "U" * 641},
        "requestedBy: found 641 characters, expected at most 640",
    ),
    "a reason that is too long": (
        TAG | {"reason": "r" * 501},
        "reason: found 501 characters, expected at most 500",
    ),
    "a field that is misspelt": (
        TAG | {"requestedby": "U024BE7LH"},
        "requestedby: is not a field of the input, expected only application, tag, image",
    ),
}


@pytest.mark.parametrize(("document", "said"), WRONG.values(), ids=WRONG)
def test_one_wrong_thing_is_named_with_what_was_found_and_what_is_expected(document, said):
    problems = problems_of(document)

    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_everything_that_is_wrong_is_named_at_once():
    document = {"application": "apo", "tag": "a tag", "reason": 5, "force": True}

    problems = problems_of(document)

    assert [problem.partition(":")[0] for problem in problems] == [
        "force",
        "application",
        "tag",
        "reason",
    ]


def test_a_huge_wrong_value_is_shown_in_part():
    problems = problems_of(TAG | {"tag": "x" * 10_000})

    assert len(problems[0]) < 200
    assert "…" in problems[0]


@pytest.mark.parametrize(
    "document",
    [
        TAG | {f"field-{number}-{'x' * 100}": 1 for number in range(2_000)},
        {"application": "api", "images": {"x" * 200_000: 1}},
        {"application": "api", "images": {f"{'x' * 3_000}{number}": 1 for number in range(60)}},
    ],
    ids=["fields", "a container", "containers"],
)
def test_however_much_is_wrong_the_machine_can_carry_the_cause(document):
    problems = problems_of(document)

    most = 32_768  # characters of a cause: API_SendTaskFailure
    assert len("\n".join(problems)) <= most


# The schema's patterns are ECMA-262's, in which $ is the very end; in Python's it is not.
def _pattern(validator, pattern, instance, schema):
    of_python = re.sub(r"\$$", r"\\Z", pattern)
    if isinstance(instance, str) and not re.search(of_python, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


SCHEMA_SAYS = extend(jsonschema.Draft202012Validator, {"pattern": _pattern})(SCHEMA)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
tags = st.text(st.sampled_from("v1.0-_é٣Ａ \n/:@"), max_size=6) | st.sampled_from(
    ["a" * 128, "a" * 129]
)
images = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["api", "registry/api", "r.io:5000/api", "ä", ""]),
        st.sampled_from([":", "@", ""]),
        st.sampled_from(["v1", "vé", "v٣", "v1\n", DIGEST, DIGEST.upper(), ""]),
    ),
)
revisions = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(
            ["", "arn:aws:ecs:eu-west-1:123456789012:task-definition/", "arn:aws:ecs:::/"]
        ),
        st.sampled_from(["api", "apié", "a" * 255, "a" * 256, ""]),
        st.sampled_from([":42", ":٤٢", ":", "", ":42\n"]),
    ),
)
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), texts, st.lists(texts, max_size=2), st.just({})
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "application": st.sampled_from(KNOWN) | anything,
        "tag": tags | anything,
        "image": images | anything,
        "images": st.dictionaries(texts, images | anything, max_size=2) | anything,
        "taskDefinition": revisions | anything,
        "rollBack": tags | anything,
        "requestedBy": texts | st.sampled_from(["U" * 640, "U" * 641, "😀" * 640]) | anything,
        "reason": texts | st.sampled_from(["r" * 500, "r" * 501]) | anything,
        "dryRun": anything,
    },
)
one_target = st.one_of(
    st.fixed_dictionaries({"tag": tags}),
    st.fixed_dictionaries({"image": images}),
    st.fixed_dictionaries({"images": st.dictionaries(texts, images, max_size=2)}),
    st.fixed_dictionaries({"taskDefinition": revisions}),
    st.fixed_dictionaries({"rollBack": tags}),
).map(lambda target: {"application": "api"} | target)


@given(documents | one_target | anything)
@example({"application": "api", "image": "registry/api:vé"})
@example({"application": "api", "taskDefinition": "apié:42"})
@example({"application": "api", "taskDefinition": "api:٤٢"})
def test_the_handlers_take_exactly_what_the_schema_takes(document):
    is_known = isinstance(document, dict) and document.get("application") in KNOWN

    try:
        parse_request(document, KNOWN)
        taken = True
    except InvalidInput:
        taken = False

    assert taken is (SCHEMA_SAYS.is_valid(document) and is_known)
