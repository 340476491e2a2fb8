"""Who somebody is: a Slack user's id, or the ARN of what calls through IAM.

One IAM role has several names. Where it stands in a policy or in the console, its ARN has the
role's path; a session of it, as GetCallerIdentity and API Gateway say it, has the role's name alone
and a session's name that whoever assumes the role may choose. An account has one role, and one
user, of a name, whatever its path
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
"""

import re
from typing import Final

_ACCOUNT: Final = r"arn:aws[a-z-]{0,20}:iam::\d{12}:"
_PATH: Final = r"/(?:[\x21-\x7e]{1,510}/)?"
"""A path as IAM takes it, with what stands before and after it (API_CreateRole)."""
_NAME: Final = r"[\w+=,.@-]{1,64}"
PRINCIPAL: Final = re.compile(
    rf"[UW][A-Z0-9]{{2,}}|{_ACCOUNT}(?:root|(?:role|user){_PATH}{_NAME})", re.ASCII
)
"""Who may be named in the settings. A session is not: its name proves nobody."""
EXPECTED_PRINCIPALS: Final = (
    "Slack user ids such as U024BE7LH, or ARNs of IAM users and roles (a session of a role counts "
    "as the role)"
)
MOST_OF_A_PRINCIPAL: Final = 640
"""Characters: more than the longest ARN of a user or role, with a path of 512, and than any
session's."""

_SESSION: Final = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/(.+)")
_SSO_ROLE: Final = re.compile(r"AWSReservedSSO_.+_[0-9a-f]{16}")
"""IAM Identity Center's, of which only Identity Center begins sessions, each named after its user
(https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-and-iam-roles.html)."""
_WITH_PATH: Final = re.compile(rf"({_ACCOUNT}(?:role|user)){_PATH}({_NAME})", re.ASCII)


def caller(arn: str) -> str:
    """Name who calls: the role of an assumed role's session, or the ARN as it is."""
    found = _SESSION.fullmatch(arn)
    return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else arn


def principal_of(name: str) -> str:
    """Return what is the same for all names of one Slack user, IAM user or role."""
    called = caller(name)
    found = _WITH_PATH.fullmatch(called)
    return f"{found[1]}/{found[2]}" if found else called


def session_of(arn: str) -> str:
    """Return the session name of an assumed role; empty where there is none."""
    found = _SESSION.fullmatch(arn)
    return found[4] if found else ""


def sso_user_of(arn: str) -> str:
    """Return the user of IAM Identity Center whose session this is; empty where it is none."""
    found = _SESSION.fullmatch(arn)
    return found[4] if found and _SSO_ROLE.fullmatch(found[3]) else ""
