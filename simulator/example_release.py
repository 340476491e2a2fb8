"""The images of the examples: what runs, and what is released."""

REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
OLD_DIGEST = f"sha256:{'1' * 64}"
NEW_DIGEST = f"sha256:{'2' * 64}"


def image(digest: str = NEW_DIGEST, repository: str = "api") -> str:
    """Return an image of the registry, pinned by its digest."""
    return f"{REGISTRY}/{repository}@{digest}"
