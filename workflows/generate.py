"""`python -m workflows.generate` writes the definition and its picture; `--check` looks only.

Nothing is written while a rule is broken. What is written depends on the source alone:
the same bytes on any machine.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from handlers.domain.model.group import GROUP_ERRORS
from workflows.drawing.picture import draw
from workflows.group import group
from workflows.rollout import rollout
from workflows.validation.machine_template import TemplateError, placeholders_of
from workflows.validation.machine_validation import BrokenRulesError, validate

ROOT: Final = Path(__file__).parent.parent
TEMPLATE: Final = Path("definitions/template.yaml")
DEFINITION: Final = Path("definitions/rollout.asl.json")
GROUP_DEFINITION: Final = Path("definitions/group.asl.json")
PICTURE: Final = Path("definitions/rollout.svg")
FIX_COMMAND: Final = "make definitions"


def generated_files(root: Path) -> dict[Path, str]:
    """File → what belongs in it.

    Raises:
        BrokenRulesError: The definition breaks rules; the message names all of them.
        TemplateError: The template and the machine do not fit together.
    """
    machine, several = rollout(), group()
    validate(machine, placeholders_of(root / TEMPLATE))
    validate(
        several, placeholders_of(root / TEMPLATE, GROUP_DEFINITION.name), GROUP_ERRORS.values()
    )
    return {
        DEFINITION: _as_json(machine),
        GROUP_DEFINITION: _as_json(several),
        PICTURE: draw(machine),
    }


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write, or with `--check` say what is out of date; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m workflows.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, look only")
    check = parser.parse_args(arguments).check
    try:
        files = generated_files(root)
    except (BrokenRulesError, TemplateError) as error:
        print(error, file=sys.stderr)
        return 1
    stale = [path for path, text in files.items() if not _is_current(root / path, text)]
    if not check:
        for path in stale:
            (root / path).write_text(files[path], encoding="utf-8", newline="\n")
            print(f"{path} written")
        return 0
    for path in stale:
        print(f"{path} is out of date", file=sys.stderr)
    if stale:
        print(f"mend it with: {FIX_COMMAND}", file=sys.stderr)
    return 1 if stale else 0


def _as_json(machine: Mapping[str, Any]) -> str:
    return json.dumps(machine, indent=2, ensure_ascii=False) + "\n"


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_bytes() == text.encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
