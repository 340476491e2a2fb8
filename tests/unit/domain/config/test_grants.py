import tomllib

from handlers.domain.config.grants import Grants, grants_as_toml, load_grants

GRANTS = Grants(
    task_roles=frozenset({"arn:aws:iam::123456789012:role/shop", "arn:aws:iam::1:role/a+=,.@-_b"}),
    log_groups=frozenset({"/ecs/shop", "ログ"}),
)


def test_what_is_written_is_read():
    assert load_grants(tomllib.loads(grants_as_toml(GRANTS))) == GRANTS


def test_the_same_is_written_the_same():
    assert grants_as_toml(GRANTS) == grants_as_toml(
        load_grants(tomllib.loads(grants_as_toml(GRANTS)))
    )


def test_nothing_allowed_is_not_the_same_as_not_known():
    nothing = Grants(task_roles=frozenset(), log_groups=frozenset())

    assert load_grants(tomllib.loads(grants_as_toml(nothing))) == nothing
    assert load_grants({}) is None
