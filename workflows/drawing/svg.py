"""The shapes of the picture as SVG, readable in light and dark; tested in `test_picture.py`.

Tested in `test_picture.py`.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

Point = tuple[int, int]

STYLE: Final = """
  text { font-family: -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
  .paper { fill: #ffffff; stroke: #d0d7de; }
  .lane { fill: #f6f8fa; }
  .box { fill: #ffffff; stroke: #57606a; stroke-width: 1.4; }
  .frame { fill: none; stroke: #57606a; stroke-width: 1.4; stroke-dasharray: 5 4; }
  .way { fill: none; stroke: #57606a; stroke-width: 1.5; }
  .out { fill: none; stroke: #8c959f; stroke-width: 1.3; stroke-dasharray: 4 3; }
  .tip { fill: #57606a; }
  .name { fill: #1f2328; font-size: 14px; font-weight: 600; }
  .note { fill: #57606a; font-size: 12px; }
  .end { fill: #1f2328; font-size: 12.5px; }
  .red { fill: #ffebe9; stroke: #cf222e; }
  .yellow { fill: #fff8c5; stroke: #bf8700; }
  .green { fill: #dafbe1; stroke: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; stroke: #30363d; }
    .lane { fill: #161b22; }
    .box { fill: #0d1117; stroke: #8b949e; }
    .frame { stroke: #8b949e; }
    .way { stroke: #8b949e; }
    .out { stroke: #6e7681; }
    .tip { fill: #8b949e; }
    .name, .end { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .red { fill: #3c1618; stroke: #f85149; }
    .yellow { fill: #332a0a; stroke: #d29922; }
    .green { fill: #12301c; stroke: #3fb950; }
  }
"""


def picture(size: Point, title: str, shapes: Iterable[str]) -> str:
    """The whole file."""
    width, height = size
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
                f' width="{width}" height="{height}" role="img" aria-label="{escape(title)}">'
            ),
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            (
                '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
                ' markerHeight="7" orient="auto"><path class="tip" d="M0 0 L10 5 L0 10 z"/>'
                "</marker></defs>"
            ),
            box((1, 1), (width - 2, height - 2), "paper"),
            *shapes,
            "</svg>",
            "",
        ]
    )


def box(at: Point, size: Point, look: str) -> str:
    """A rectangle with round corners, by its upper left corner."""
    (x, y), (width, height) = at, size
    return f'<rect class="{look}" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'


def text(at: Point, words: str, look: str, anchor: str = "middle") -> str:
    """A line of text, by its anchor on the base line."""
    x, y = at
    return f'<text class="{look}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def line(points: Sequence[Point], look: str, *, tip: bool = True) -> str:
    """A line of straight parts, with an arrow's tip at its end."""
    steps = " ".join(f"{x},{y}" for x, y in points)
    end = ' marker-end="url(#tip)"' if tip else ""
    return f'<polyline class="{look}" points="{steps}"{end}/>'
