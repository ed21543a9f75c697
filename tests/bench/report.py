# SPDX-License-Identifier: MIT
"""report.py - medians, ratios and goals of what run.py measured

    report.py FILE.json             print the report of a run again
    report.py FILE.json PAGE.md     put it into a page, between its two marks
"""

import io
import json
import math
import statistics
import sys

import calls
import goals

BEGIN, END = "<!-- figures: report.py -->", "<!-- end of figures -->"


def collect(results, places, counts, notes, machine, names, kinds):
    return {
        "machine": machine, "places": places, "notes": notes,
        "tools": [{"name": name, "kind": kinds[name]} for name in names],
        "results": [
            {"place": place, "links": links, "tool": tool, "phase": phase,
             "rounds": [{"round": number, **sample}
                        for number, sample in sorted(rounds.items())]}
            for (place, links, tool, phase), rounds in results.items()],
        "calls": counts,
    }


class Figures:
    """What was measured, by place, number of links, tool and phase."""

    def __init__(self, data):
        self.data = data
        self.samples = {
            (r["place"], r["links"], r["tool"], r["phase"]):
                {sample["round"]: sample for sample in r["rounds"]}
            for r in data["results"]}
        self.kinds = {tool["name"]: tool["kind"] for tool in data["tools"]}

    def has(self, *key):
        return key in self.samples

    def usual(self, place, links, tool, phase, figure="wall"):
        """Milliseconds, or KiB of the peak; None when it was not measured. The
        median; but the mean of user and system time, as the kernel tells them
        apart by what it finds at each tick of its clock (getrusage(2)), of which
        a short run has few."""
        rounds = self.samples.get((place, links, tool, phase))
        if rounds is None:
            return None
        middle = (statistics.fmean if figure in ("user", "system")
                  else statistics.median)
        return middle(sample[figure] for sample in rounds.values())

    def ratio(self, place, links, one, other):
        """Median of the ratios of wall time, round by round; `one` and `other`
        are (tool, phase)."""
        return self.ratio_of_sum(place, links, (one,), other)

    def ratio_of_sum(self, place, links, several, other):
        """The same of several runs, one after the other."""
        ours = [self.samples.get((place, links, *key)) for key in several]
        theirs = self.samples.get((place, links, *other))
        if None in ours or theirs is None:
            return None
        rounds = set(theirs).intersection(*ours)
        if not rounds:
            return None
        return statistics.median(
            sum(samples[n]["wall"] for samples in ours) / theirs[n]["wall"]
            for n in rounds)

    def ratio_of_fastest(self, place, links, one, other):
        """The same of the fastest run of each, which a busy machine disturbs
        least; None when either was not measured."""
        fastest = [
            min((sample["wall"] for sample in self.samples.get(
                (place, links, *key), {}).values()), default=None)
            for key in (one, other)]
        return None if None in fastest else fastest[0] / fastest[1]

    def sizes(self, place):
        return sorted({key[1] for key in self.samples if key[0] == place})

    def tools(self, *kinds):
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def best(self, place, links, phase, kind):
        """The fastest tool of a kind at a phase, or None."""
        times = [(self.usual(place, links, tool, phase), tool)
                 for tool in self.tools(kind)
                 if self.has(place, links, tool, phase)]
        return min(times)[1] if times else None

    def exponent(self, place, tool, phase, figure, sizes):
        """How a figure grows from the first to the last size: as links to the
        power of this."""
        ends = [self.usual(place, links, tool, phase, figure)
                for links in (sizes[0], sizes[-1])]
        if None in ends or min(ends) <= 0 or sizes[0] == sizes[-1]:
            return None
        return math.log(ends[1] / ends[0]) / math.log(sizes[-1] / sizes[0])


def number(value):
    if value is None:
        return ""
    if value < 10:
        return f"{value:.2f}"
    if value < 100:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def write_table(heads, rows, out):
    """A table of Markdown, aligned for those who read it as it is."""
    widths = [max(len(row[i]) for row in [heads, *rows])
              for i in range(len(heads))]
    for row in [heads, ["-" * width for width in widths], *rows]:
        cells = (cell.ljust(width) if i == 0 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths)))
        print("| " + " | ".join(cells) + " |", file=out)


def write_size(figures, place, links, out):
    phases = [phase for phase in ("plan", "create", "again", "again2", "look",
                                  "change", "remove")
              if any(figures.has(place, links, tool, phase)
                     for tool in figures.kinds)]
    heads = ["wall ms, medians", *phases, "runs", "create user", "system",
             "again2 user", "peak MiB", "peak again2"]
    rows = []
    for tool in figures.kinds:
        if not figures.has(place, links, tool, "create"):
            continue

        def figure(phase, name, unit=1):
            value = figures.usual(place, links, tool, phase, name)
            return number(None if value is None else value / unit)

        rows.append([
            tool, *(figure(phase, "wall") for phase in phases),
            str(len(figures.samples[place, links, tool, "create"])),
            figure("create", "user"), figure("create", "system"),
            figure("again2", "user"), figure("create", "peak", 1024),
            figure("again2", "peak", 1024)])
    print(f"\n### {links:,} links, {place}\n", file=out)
    write_table(heads, rows, out)


def write_growth(figures, place, out):
    sizes = [size for size in figures.sizes(place) if size >= 10000]
    if len(sizes) < 2:
        return
    heads = [f"{sizes[0]:,} to {sizes[-1]:,} links: exponents", "create",
             "user", "again", "user", "again2", "user", "remove", "user"]
    rows = []
    for tool in figures.kinds:
        row = [tool]
        for phase in ("create", "again", "again2", "remove"):
            for figure in ("wall", "user"):
                row.append(number(figures.exponent(place, tool, phase, figure,
                                                   sizes)))
        if any(row[1:]):
            rows.append(row)
    print(f"\n### Growth, {place}\n", file=out)
    write_table(heads, rows, out)


def write_calls(data, out):
    if not data["calls"]:
        return
    print(f"\n### System calls, {calls.LINKS:,} links in "
          f"{calls.DIRECTORIES:,} directories\n", file=out)
    rows = []
    for tool, phases in data["calls"].items():
        for phase, counts in phases.items():
            most = sorted(counts.items(), key=lambda item: -item[1])[:5]
            rows.append([
                f"{tool}: {phase}", f"{sum(counts.values()):,}",
                number(sum(counts.values()) / calls.LINKS),
                str(calls.syncs(counts)),
                ", ".join(f"{name} {times:,}" for name, times in most)])
    write_table(["run", "calls", "a link", "syncs", "most"], rows, out)


def write_judged(judged, above, out):
    """A row for each goal, a column for each size: the ratio, the ratio of the
    fastest runs, and a word where it is above the goal."""
    columns = list(dict.fromkeys(goal.links for goal in judged))
    rows = {}
    for goal in judged:
        row = rows.setdefault(
            (goal.work, goal.place, goal.against, f"{goal.limit:g}"),
            dict.fromkeys(columns, ""))
        cell = number(goal.measured)
        if goal.fastest is not None:
            cell += f" ({number(goal.fastest)})"
        row[goal.links] = cell if goal.met else f"{above} {cell}"
    write_table(["work", "place", "against", "at most", *columns],
                [[*key, *row.values()] for key, row in rows.items()], out)


def write_bare(figures, out):
    judged = list(goals.bare_calls(figures))
    if judged:
        print("\n### What bare calls come to\n", file=out)
        write_judged(judged, "ABOVE", out)


def write_goals(data, figures, out):
    judged = goals.judge(data, figures)
    print("\n### Goals\n", file=out)
    write_judged(judged, "MISSED", out)
    met = sum(goal.met for goal in judged)
    print(f"\n{met} of {len(judged)} goals met. In parentheses, the ratio of "
          "the fastest runs.", file=out)


def write_head(data, out):
    machine = data["machine"]
    print(f"{machine['when']}, {machine['system']}, "
          f"{machine['processors']} processors.", file=out)
    lines = [f"{place}: {what}" for place, what in data["places"].items()]
    for line in lines + data["notes"]:
        print(f"- {line}", file=out)


def write(data, out):
    figures = Figures(data)
    write_head(data, out)
    for place in data["places"]:
        for links in figures.sizes(place):
            write_size(figures, place, links, out)
        write_growth(figures, place, out)
    write_calls(data, out)
    write_bare(figures, out)
    write_goals(data, figures, out)


def put_into(page, data):
    """Replace what stands between the marks."""
    with open(page) as file:
        before, rest = file.read().split(BEGIN)
    _, after = rest.split(END)
    out = io.StringIO()
    write(data, out)
    with open(page, "w") as file:
        file.write(f"{before}{BEGIN}\n\n{out.getvalue()}\n{END}{after}")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: report.py FILE.json [PAGE.md]")
    with open(sys.argv[1]) as file:
        data = json.load(file)
    if len(sys.argv) == 3:
        put_into(sys.argv[2], data)
    else:
        write(data, sys.stdout)


if __name__ == "__main__":
    main()
