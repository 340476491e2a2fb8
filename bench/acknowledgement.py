"""What answering Slack costs, side by side: `make bench`.

Cold: importing the handler in a new process, out of the unpacked Lambda package, against
`import boto3` with one client and against the same handler built on slack_bolt. Warm: clicks
in the sandbox. Ends with 1 if a click was not answered well, or if even the fastest took longer
than Slack waits; single late clicks are in the table, because a busy machine makes them late.

Tested by `make bench` alone.
"""

import argparse
import platform
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import cold, warm

COLD: Final = ("", "best ms", "median ms", "best ÷ boto3", "median ÷ boto3")
WARM: Final = ("clicks", "n", "median ms", "p99 ms", "slowest ms", "÷ single", "> 3 s", "not 200")


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def main() -> int:
    """Measure, print the tables, and return the process's exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="processes of each import")
    parser.add_argument("--crowds", type=int, default=6, help="rounds of 50 clicks at once")
    options = parser.parse_args()
    out, progress = Console(width=100, highlight=False), Console(stderr=True)
    with progress.status("") as status:
        # Where nobody watches a terminal, each step is a line.
        tell = status.update if progress.is_terminal else progress.print
        tell("building the package")
        folder = cold.unpacked()
        cold.without_bytecode(folder)
        packed = cold.import_times(folder, options.rounds, tell)
        cold.compiled(folder)
        compiled = cold.import_times(folder, options.rounds, tell)
        clicks = warm.click_times(options.crowds, tell)
    out.print(f"Python {platform.python_version()}, {platform.machine()}\n")
    out.print(_table("Cold import, as packed (no bytecode)", COLD, cold.rows(packed)))
    out.print(_table("\nCold import, with bytecode", COLD, cold.rows(compiled)))
    out.print(_table("\nClicks in the sandbox, workers warm", WARM, warm.rows(clicks)))
    problems = warm.failures(clicks)
    for problem in problems:
        progress.print(f"[red]wrong:[/] {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
