"""Image references, held against the grammar of distribution/reference and ECR's own hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.model.image_reference import (
    MOST,
    EcrRegistry,
    parse_image,
    read_image,
    with_short_images,
)

DIGEST = f"sha256:{'2' * 64}"
ACCOUNT = "123456789012"

# The grammar's rules, one strategy each (reference.go).
ALPHA_NUMERIC = st.text("ab09", min_size=1, max_size=6)
SEPARATORS = st.sampled_from([".", "_", "__", "-", "--", "---"])
INNER = st.text("aZ09-", max_size=6)
DOMAIN_COMPONENTS = st.builds(
    "{}{}{}".format, st.sampled_from("aZ9"), INNER, st.sampled_from("aZ9")
)
TAGS = st.builds("{}{}".format, st.sampled_from("aZ0_"), st.text("aZ0_.-", max_size=127))
ALGORITHMS = st.sampled_from(["sha256", "sha512", "sha256+b64u", "multihash+base58"])
DIGESTS = st.builds(
    "{}:{}".format, ALGORITHMS, st.text("0123456789abcdefABCDEF", min_size=32, max_size=128)
)
PORTS = st.integers(0, 65535).map(lambda port: f":{port}") | st.just("")


@st.composite
def components(draw):
    parts = draw(st.lists(ALPHA_NUMERIC, min_size=1, max_size=3))
    return parts[0] + "".join(draw(SEPARATORS) + part for part in parts[1:])


PATHS = st.lists(components(), min_size=1, max_size=3).map("/".join)
HOSTS = st.lists(DOMAIN_COMPONENTS, min_size=2, max_size=4).map(".".join) | st.sampled_from(
    ["localhost", "10.0.0.1", "[2001:db8::1]"]
)
REGISTRIES = st.tuples(HOSTS, PORTS).map("".join)


@given(REGISTRIES, PATHS, TAGS | st.just(""), DIGESTS | st.just(""))
def test_every_reference_of_the_grammar_is_taken_apart(registry, path, tag, digest):
    written = f"{registry}/{path}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")

    image = parse_image(written)

    assert (image.registry, image.path, image.tag, image.digest) == (registry, path, tag, digest)
    assert str(image) == written
    assert parse_image(image.pinned(DIGEST)).repository == image.repository


@given(PATHS, TAGS | st.just(""))
def test_what_names_no_registry_is_docker_hubs_and_in_full_means_the_same(path, tag):
    first = path.partition("/")[0]
    written = path + (f":{tag}" if tag else "")
    image = parse_image(written)

    if "/" in path and ("." in first or first == "localhost"):
        assert image.registry == first
    else:
        assert image.registry == "docker.io"
        assert image.path == (path if "/" in path else f"library/{path}")
    assert parse_image(str(image)) == image


@given(st.text(alphabet="aA0._-/:@[]", max_size=40) | st.text(max_size=40))
def test_whatever_is_written_is_one_that_reads_the_same_again_or_none(text):
    image = read_image(text)

    assert image is None or parse_image(str(image)) == image


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":v1",
        "@" + DIGEST,
        "api:",
        "api@sha256:2222",
        "api:v1:v2",
        "registry/api:v1@",
        "docker/Docker",
        "docker.io/docker/Docker",
        "docker///docker",
        "-docker",
        "-docker.io/docker",
        "https://github.com/docker/docker",
        "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
        "docker.io/" + "a/" * 128 + "a",
        "api:" + "v" * 129,
        "a" * (MOST + 1),
        "api\n",
    ],
)
def test_what_the_grammar_does_not_allow_is_none(text):
    assert read_image(text) is None
    with pytest.raises(ValueError, match="is not an image"):
        parse_image(text)


@pytest.mark.parametrize(
    ("text", "registry", "path"),
    [
        ("nginx", "docker.io", "library/nginx"),
        ("library/nginx", "docker.io", "library/nginx"),
        ("docker.io/nginx", "docker.io", "library/nginx"),
        ("index.docker.io/nginx", "docker.io", "library/nginx"),
        ("datadog/agent", "docker.io", "datadog/agent"),
        ("localhost/foo", "localhost", "foo"),
        ("Api/foo", "Api", "foo"),
        ("registry:5000/team/api", "registry:5000", "team/api"),
        ("public.ecr.aws/nginx/nginx", "public.ecr.aws", "nginx/nginx"),
    ],
)
def test_short_forms_are_what_docker_takes_them_for(text, registry, path):
    image = parse_image(f"{text}:1.27")

    assert (image.registry, image.path, image.tag) == (registry, path, "1.27")


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
        ("dkr.ecr-fips.us-east-2.amazonaws.com", "us-east-2"),
        ("dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ("dkr-ecr-fips.us-gov-west-1.on.aws", "us-gov-west-1"),
        ("dkr.ecr.us-gov-east-1.amazonaws.com", "us-gov-east-1"),
        ("dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1"),
        ("dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ("dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
        ("dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
    ],
)
def test_every_host_of_ecr_is_a_registry_of_an_account_and_a_region(host, region):
    image = parse_image(f"{ACCOUNT}.{host}/team/api:v1")

    assert image.ecr == EcrRegistry(account=ACCOUNT, region=region)
    assert image.path == "team/api"


@pytest.mark.parametrize(
    "registry",
    [
        "public.ecr.aws",
        "ghcr.io",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.example.com",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
        "12345.dkr.ecr.eu-west-1.amazonaws.com",
        f"{ACCOUNT}.dkr.ecr.us-iso-east-1.evil.gov",
        f"evil.{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com",
    ],
)
def test_no_other_host_is_ecrs(registry):
    assert parse_image(f"{registry}/api:v1").ecr is None


def test_a_digest_decides_where_there_is_a_tag_as_well():
    image = parse_image(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/api:v1.42.0@{DIGEST}")

    assert (image.path, image.tag, image.digest) == ("api", "v1.42.0", DIGEST)
    assert image.short == "api:v1.42.0"
    assert image.pinned(image.digest).endswith(f"/api@{DIGEST}")


def test_images_in_a_text_are_said_as_people_do():
    said = with_short_images(f"app: registry:5000/team/api@{DIGEST}, and api:v1")

    assert said == "app: api@222222222222, and api:v1"
