"""Image references taken apart: registry, path, tag and digest; and ECR's registries by their host.

The grammar is that of distribution/reference (`reference.go`), and what its short forms stand for
that of `normalize.go` (https://github.com/distribution/reference).
"""

import re
from dataclasses import dataclass, field
from typing import Final

DOCKER_HUB: Final = "docker.io"
MOST_NAME: Final = 255
"""Characters of a reference without tag and digest (`NameTotalLengthMax`)."""
MOST: Final = 1024
"""Characters of what is looked at: more can be none, and the pattern would be slow on it."""
SHORT_DIGEST: Final = 12

_COMPONENT: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN: Final = rf"(?:{_COMPONENT}(?:\.{_COMPONENT})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH: Final = rf"{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*"
_TAG: Final = r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"
_ALGORITHM: Final = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
_DIGEST: Final = rf"{_ALGORITHM}:[0-9a-fA-F]{{32,}}"
_REFERENCE: Final = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_PATH})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?"
)
_PINNED: Final = re.compile(r"(?<![\w.@:/\[\]-])[\w.:/\[\]-]+@sha256:[0-9a-f]{64}", re.ASCII)
RELEASABLE: Final = re.compile(rf"({_DOMAIN}/)?{_PATH}(:{_TAG}|(:{_TAG})?@sha256:[0-9a-f]{{64}})")
"""An image by tag, by digest, or by both, as it can be asked for."""
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{64}")
"""An image's id, which is no name."""

_REGION: Final = r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)"
_ECR: Final = re.compile(
    rf"(?P<account>\d{{12}})\.(?:"
    rf"dkr\.ecr(?:-fips)?\.{_REGION}\.(?:amazonaws\.(?:com(?:\.cn)?|eu)"
    r"|(?:c2s|csp\.hci)\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk)"
    rf"|dkr-ecr(?:-fips)?\.{_REGION.replace('region', 'dual')}"
    r"\.on\.(?:aws|amazonwebservices\.(?:com\.cn|eu)))"
)
"""The hosts of ECR's private registries: as they were at first, FIPS, and dual-stack
(https://docs.aws.amazon.com/general/latest/gr/ecr.html)."""


@dataclass(frozen=True, kw_only=True)
class EcrRegistry:
    """A private registry of ECR, whatever host it is asked by."""

    account: str
    region: str


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """One image, with nothing left out that a short form leaves out."""

    registry: str
    """Host, with its port where it has one; `docker.io` where the reference names none."""
    path: str
    """The repository within the registry: `library/nginx`, `team/api`."""
    tag: str = ""
    digest: str = ""
    """`sha256:…`; it decides where there is a tag as well."""
    written: str = field(default="", compare=False)
    """The repository as the reference wrote it, short forms and all."""

    @property
    def repository(self) -> str:
        """The repository with its registry."""
        return f"{self.registry}/{self.path}"

    @property
    def ecr(self) -> EcrRegistry | None:
        """The ECR registry that it is in; None where it is in no private one."""
        found = _ECR.fullmatch(self.registry)
        if found is None:
            return None
        return EcrRegistry(account=found["account"], region=found["region"] or found["dual"])

    @property
    def name(self) -> str:
        """What people call the repository: the last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def short(self) -> str:
        """Its name with its tag, or with the beginning of its digest."""
        if self.tag:
            return f"{self.name}:{self.tag}"
        return f"{self.name}@{self.short_digest}" if self.digest else self.name

    @property
    def short_digest(self) -> str:
        """The beginning of its digest; empty where it has none."""
        return self.digest.partition(":")[2][:SHORT_DIGEST]

    def pinned(self, digest: str) -> str:
        """Write it by a digest alone, else as it was written: a tag beside one says nothing."""
        return f"{self.written or self.repository}@{digest}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse_image(text: str) -> ImageReference:
    """Take a reference apart.

    Raises:
        ValueError: it is none.
    """
    found = _REFERENCE.fullmatch(text) if len(text) <= MOST else None
    if found is None or len(found["name"]) > MOST_NAME or _IDENTIFIER.fullmatch(found["name"]):
        raise ValueError(f"{text[:MOST_NAME]!r} is not an image such as registry/api:v1.42.0")
    registry, path = _split(found["name"])
    return ImageReference(
        registry=registry,
        path=path,
        tag=found["tag"] or "",
        digest=found["digest"] or "",
        written=found["name"],
    )


def read_image(text: str) -> ImageReference | None:
    """Take a reference apart that somebody else wrote; None where it is none."""
    try:
        return parse_image(text)
    except ValueError:
        return None


def registry_of(arn: str) -> EcrRegistry:
    """Return the ECR registry of the account and the region that an ARN names."""
    _, _, _, region, account, *_ = arn.split(":")
    return EcrRegistry(account=account, region=region)


def digest_of(text: str) -> str:
    """Return the digest of a reference; empty where it has none, or is none itself."""
    image = read_image(text)
    return image.digest if image else ""


def with_short_images(text: str) -> str:
    """Say each image of a text that is pinned by its digest as people do."""

    def short(found: re.Match[str]) -> str:
        image = read_image(found[0])
        return f"{image.name}@{image.short_digest}" if image else found[0]

    return _PINNED.sub(short, text)


def _split(name: str) -> tuple[str, str]:
    """Tell the registry from the path, as `splitDockerDomain` does."""
    first, slash, rest = name.partition("/")
    is_host = bool(slash) and (
        "." in first or ":" in first or first == "localhost" or first != first.lower()
    )
    registry, path = (first, rest) if is_host else (DOCKER_HUB, name)
    if registry == "index.docker.io":
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    return registry, path
