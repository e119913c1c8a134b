"""What is measured, and the bounds that it must keep."""

import statistics
from dataclasses import dataclass, field

# What both platforms give a program to acknowledge, in seconds.
ACKNOWLEDGED_WITHIN = 3.0


@dataclass
class Figures:
    """Of one run. A bound that is broken is a sentence in `broken`."""

    name: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def tell(self, what: str, value: object):
        self.lines.append((what, str(value)))

    def must(self, holds: bool, sentence: str):
        if not holds:
            self.broken.append(f"{self.name}: {sentence}")


def spread(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    return f"{statistics.median(seconds):.3f} / {p99(seconds):.3f} / {max(seconds):.3f}"


def p99(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]


def table(runs: list[Figures]) -> str:
    """As it stands in docs/benchmarks.md."""
    rows = [["", *[run.name for run in runs]]]
    for number, (what, _) in enumerate(runs[0].lines):
        rows.append([what, *[run.lines[number][1] for run in runs]])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
