#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""chart.py - draw what run.py measured

    chart.py FILE.json [PLACE] >performance.svg

For each number of links, what each tool takes for one link, to make it and
when there is nothing to do. Both axes are logarithmic: a line that is level is
a cost that does not grow.
"""

import json
import math
import sys
from xml.sax.saxutils import escape

import report

PANELS = [("create", "make all links"), ("again2", "nothing to do, again")]
WIDTH, HEIGHT = 400, 330        # of a panel's plot
LEFT, TOP, GAP, BELOW = 64, 46, 70, 56
LEGEND_ROW = 18
FLOORS = {"floor": "0", "floor, crash-safe": "6 3"}
PALETTE = ["#0072b2", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
           "#8c564b", "#9467bd", "#bcbd22", "#17becf"]


class Axes:
    """Logarithmic; `x` and `y` turn figures into points of the picture."""

    def __init__(self, left, sizes, costs):
        self.left = left
        self.x0, self.x1 = math.log10(sizes[0]), math.log10(sizes[-1])
        self.y0 = math.floor(math.log10(min(costs)))
        self.y1 = math.ceil(math.log10(max(costs)))

    def x(self, links):
        span = max(self.x1 - self.x0, 1e-9)
        return self.left + WIDTH * (math.log10(links) - self.x0) / span

    def y(self, cost):
        span = max(self.y1 - self.y0, 1)
        return TOP + HEIGHT * (self.y1 - math.log10(cost)) / span


def text(x, y, words, **more):
    attributes = "".join(f' {name.replace("_", "-")}="{value}"'
                         for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(words)}</text>'


def in_words(microseconds):
    """A power of ten of microseconds."""
    if microseconds >= 1000:
        return f"{microseconds / 1000:g} ms"
    if microseconds >= 1:
        return f"{microseconds:g} µs"
    return f"{microseconds * 1000:g} ns"


def frame(axes, title, sizes):
    yield text(axes.left + WIDTH / 2, TOP - 16, title, text_anchor="middle",
               font_weight="bold")
    for power in range(axes.y0, axes.y1 + 1):
        y = axes.y(10 ** power)
        yield (f'<line x1="{axes.left}" y1="{y:.1f}" x2="{axes.left + WIDTH}" '
               f'y2="{y:.1f}" stroke="#ddd"/>')
        yield text(axes.left - 6, y + 4, in_words(10.0 ** power),
                   text_anchor="end")
    for links in sizes:
        x = axes.x(links)
        yield (f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" '
               f'y2="{TOP + HEIGHT}" stroke="#eee"/>')
        yield text(x, TOP + HEIGHT + 18, f"{links:,}", text_anchor="middle")
    yield text(axes.left + WIDTH / 2, TOP + HEIGHT + 38, "links",
               text_anchor="middle")


def stroke(tool, colours):
    if tool in FLOORS:
        return (f'stroke="#000" stroke-width="2" '
                f'stroke-dasharray="{FLOORS[tool]}"')
    width = 3 if tool.startswith("linkfarm") else 1.5
    return f'stroke="{colours[tool]}" stroke-width="{width}"'


def curve(axes, points, style):
    path = " ".join(f"{axes.x(links):.1f},{axes.y(cost):.1f}"
                    for links, cost in points)
    return f'<polyline points="{path}" fill="none" {style}/>'


def costs_of(figures, place, tool, phase, sizes):
    """(links, microseconds a link) where it was measured."""
    for links in sizes:
        wall = figures.usual(place, links, tool, phase)
        if wall:
            yield links, wall * 1000 / links


def legend(tools, colours, top):
    for i, tool in enumerate(tools):
        x, y = LEFT + i % 3 * 300, top + i // 3 * LEGEND_ROW
        yield (f'<line x1="{x}" y1="{y - 4}" x2="{x + 26}" y2="{y - 4}" '
               f'{stroke(tool, colours)}/>')
        yield text(x + 34, y, tool)


def draw(data, place):
    figures = report.Figures(data)
    sizes = figures.sizes(place)
    tools = [tool for tool in figures.kinds
             if any(figures.has(place, links, tool, "create")
                    for links in sizes)]
    colours = dict(zip([tool for tool in tools if tool not in FLOORS], PALETTE))
    below = TOP + HEIGHT + BELOW
    width = LEFT + 2 * WIDTH + GAP + 30
    height = below + (len(tools) + 2) // 3 * LEGEND_ROW + 4
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
           f'height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12">')
    yield "<!-- SPDX-License-Identifier: MIT -->"
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    for panel, (phase, title) in enumerate(PANELS):
        curves = {tool: list(costs_of(figures, place, tool, phase, sizes))
                  for tool in tools}
        axes = Axes(LEFT + panel * (WIDTH + GAP), sizes,
                    [cost for points in curves.values() for _, cost in points])
        yield from frame(axes, f"{title}: time for one link, {place}", sizes)
        for tool, points in curves.items():
            yield curve(axes, points, stroke(tool, colours))
    yield from legend(tools, colours, below + 12)
    yield "</svg>"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: chart.py FILE.json [PLACE]")
    with open(sys.argv[1]) as file:
        data = json.load(file)
    place = sys.argv[2] if len(sys.argv) == 3 else next(iter(data["places"]))
    if place not in data["places"]:
        sys.exit(f"chart.py: nothing was measured on '{place}'")
    print("\n".join(draw(data, place)))


if __name__ == "__main__":
    main()
