"""What images do, by tag and by digest, and the file that declares it."""

from pathlib import Path

import pytest

from sandbox.world.image_behaviour import Behaviour, ImageBehaviours, load_images

COLORS = ("red", "yellow", "green")
FILE = Path(__file__).parents[3] / "sandbox" / "images.toml"
SLOW, OTHER = Behaviour(starts_after_seconds=99), Behaviour()


@pytest.mark.parametrize(
    ("reference", "behaviour"),
    [
        ("123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/api:v9-slow", SLOW),
        ("localhost:5000/api:v9-slow", SLOW),
        ("api@sha256:abc", SLOW),
        ("api:v9-slow@sha256:abc", SLOW),
        ("api@sha256:unknown", OTHER),
        ("localhost:5000/api", OTHER),
        ("api", OTHER),
        ("", OTHER),
    ],
)
def test_an_image_is_known_by_its_tag_or_by_the_digest_pushed_under_it(reference, behaviour):
    images = ImageBehaviours({"*-slow": SLOW}, OTHER)
    images.pin("sha256:abc", "v9-slow")

    assert images.behaviour(reference) is behaviour


def test_an_exact_tag_comes_before_a_pattern():
    images = ImageBehaviours({"*": OTHER, "v1": SLOW})

    assert images.behaviour("api:v1") is SLOW


@pytest.mark.parametrize(
    ("tag", "field", "value"),
    [
        ("v1.41.0", "never_healthy", False),
        ("v1.42.0", "exits_after_seconds", None),
        ("v1.43.0-crash", "exit_code", 1),
        ("v1.43.0-unhealthy", "never_healthy", True),
        ("v1.43.0-slow", "starts_after_seconds", 60),
        ("v1.43.0-errors-on-red", "error_rate", 0.06),
        ("v1.43.0-slow-on-yellow", "latency_ms", 336),
        ("v1.43.0-leak", "memory_growth_percent_per_minute", 3),
        ("v1.43.0-late", "turns_bad_after_seconds", 1500),
        ("v1.43.0-worse-on-green", "error_rate", 0.12),
    ],
)
def test_the_file_of_the_sandbox_declares_the_tags_of_its_scenarios(tag, field, value):
    images = load_images(FILE)

    found = [getattr(images.behaviour(f"api:{tag}", f"api-{c}"), field) for c in COLORS]

    assert value in found


def test_a_tag_takes_from_the_default_what_it_does_not_say(tmp_path):
    path = tmp_path / "images.toml"
    path.write_text("[default]\nexit_code = 3\n[tags.x]\nexits_after_seconds = 1\n")

    behaviour = load_images(path).behaviour("api:x")

    assert (behaviour.exit_code, behaviour.exits_after_seconds) == (3, 1)


def test_every_problem_of_the_file_is_named_at_once(tmp_path):
    path = tmp_path / "images.toml"
    path.write_text('[default]\nexit_code = "one"\n[tags.x]\nspeed = 1\n[others]\n')

    with pytest.raises(ValueError, match=r"images\.toml") as problem:
        load_images(path)

    told = str(problem.value)
    assert "others: unknown table" in told
    assert "default: `exit_code` is 'one'" in told
    assert "x: unknown key `speed`" in told
