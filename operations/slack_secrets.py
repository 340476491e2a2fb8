"""Slack's two secrets in SSM Parameter Store, tried before a deployment relies on them.

No value of theirs is ever shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from handlers.domain.model.secret_text import is_meant, is_one_word, meant
from operations.inspection import Inspection

BOT_TOKEN: Final = "SlackBotTokenParameter"  # noqa: S105  (names of the template's parameters)
SIGNING_SECRET: Final = "SlackSigningSecretParameter"  # noqa: S105  (likewise)
_FILES: Final = {"slack-bot-token": "token.txt", "slack-signing-secret": "secret.txt"}
_SECURE: Final = "SecureString"
_KEY: Final = "alias/aws/ssm"
"""The key that every function of the account may use by way of SSM; of any other it would need
`kms:Decrypt` (SSM user guide, "AWS KMS encryption for Parameter Store SecureString")."""


def secret_names(stack: str) -> dict[str, str]:
    """Return a stack's own secrets: parameter of the template → name of the SSM parameter."""
    return {
        BOT_TOKEN: f"/{stack}/slack-bot-token",
        SIGNING_SECRET: f"/{stack}/slack-signing-secret",
    }


def put_command(name: str, *options: str) -> str:
    """Return the command that puts a secret where it is expected."""
    file = _FILES.get(name.rpartition("/")[2], "secret.txt")
    words = ("aws ssm put-parameter", *options, "--type SecureString --name", name)
    return " ".join((*words, f"--value file://{file}"))


def read_secrets(ssm: Any, names: Sequence[str], inspection: Inspection) -> dict[str, str]:  # noqa: ANN401 - a boto3 client
    """Read the secrets; note what is wrong with how they are kept and with what they hold.

    Returns:
        Name → secret, of those that can be used.
    """
    readable = True
    try:
        answer = ssm.get_parameters(Names=list(names), WithDecryption=True)
    except ClientError as error:
        readable = False
        code = error.response["Error"]["Code"]
        inspection.notes.append(f"the secrets may not be read by you ({code}), and are not tried")
        answer = ssm.get_parameters(Names=list(names))
    for name in answer.get("InvalidParameters", ()):
        mend = f"put it there: {put_command(name)}"
        inspection.problems.append(f"SSM parameter {name}: is not there; {mend}")
    found = answer.get("Parameters", [])
    inspection.problems += _problems_of_type(found)
    _inspect_keys(ssm, [each["Name"] for each in found if each["Type"] == _SECURE], inspection)
    stored = {each["Name"]: each["Value"] for each in found} if readable else {}
    for name, text in stored.items():
        if not is_meant(text):
            where = f"SSM parameter {name}: has blanks, quotes or line breaks around it"
            inspection.notes.append(f"{where}; they are left out")
    wrong = {name: problem for name, text in stored.items() if (problem := _problem(name, text))}
    for name, problem in wrong.items():
        mend = f"put it there anew: {put_command(name, '--overwrite')}"
        inspection.problems.append(f"SSM parameter {name}: {problem}; {mend}")
    return {name: meant(text) for name, text in stored.items() if name not in wrong}


def _problems_of_type(found: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for name, kind in ((each["Name"], each["Type"]) for each in found):
        if kind != _SECURE:
            # Parameter Store changes no parameter's type (API_PutParameter).
            mend = f"aws ssm delete-parameter --name {name} && {put_command(name)}"
            yield f"SSM parameter {name}: is a {kind}, expected a {_SECURE}; {mend}"


def _inspect_keys(ssm: Any, names: Sequence[str], inspection: Inspection) -> None:  # noqa: ANN401 - likewise
    if not names:
        return
    asked = [{"Key": "Name", "Option": "Equals", "Values": names}]
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=asked)
    try:
        keys = {each["Name"]: each.get("KeyId", _KEY) for p in pages for each in p["Parameters"]}
    except ClientError as error:
        code = error.response["Error"]["Code"]
        inspection.notes.append(f"the keys of the secrets could not be looked up ({code})")
        return
    for name, key in keys.items():
        if key != _KEY:
            mend = put_command(name, "--overwrite", f"--key-id {_KEY}")
            inspection.problems.append(
                f"SSM parameter {name}: is encrypted with {key}, which the functions may not use, "
                f"expected {_KEY}; {mend}"
            )


def _problem(name: str, stored: str) -> str:
    secret = meant(stored)
    if not secret:
        return "is empty"
    if secret.startswith(("{", "[")):
        return "holds JSON, expected the secret alone"
    if not is_one_word(secret):
        return "holds blanks, line breaks or other characters that no secret of Slack's has"
    if name.endswith("signing-secret") and secret.startswith(("xox", "xapp-")):
        return "is a token, expected the Signing Secret of the app's Basic Information"
    if name.endswith("bot-token") and secret.startswith(("xoxp-", "xapp-", "xoxe")):
        return (
            "is another token, expected the Bot User OAuth Token, which begins with xoxb- and "
            "does not expire"
        )
    return ""
