# SPDX-License-Identifier: MIT
"""goals.py - what linkfarm is held to, and whether it is reached

A ratio is of two runs in one round, for they share the machine's mood.
"""

import dataclasses

import calls

BOTH = ("linkfarm, tree", "linkfarm, flat")
FLOOR, SAFE, TWO = "floor", "floor, crash-safe", "floor, 2 threads"
CHECKED = "floor, checked"
MANAGER, GIT = "best link-farm manager", "git checkout, status"
ANY = ("ext4", "tmpfs")
MOST = 1 << 62


@dataclasses.dataclass
class Ratio:
    work: str
    phase: str
    against: str      # a tool, or MANAGER
    their_phase: str
    sizes: tuple      # from, to
    places: tuple
    limit: float


RATIOS = [
    Ratio("start, plan", "plan", FLOOR, "plan", (10, 100), ANY, 1.25),
    Ratio("fresh apply", "create", SAFE, "create", (10, 100), ANY, 1.2),
    Ratio("fresh apply", "create", SAFE, "create", (1000, MOST), ("ext4",),
          1.1),
    Ratio("fresh apply", "create", FLOOR, "create", (1000, MOST), ("tmpfs",),
          1.5),
    Ratio("first re-apply", "again", FLOOR, "again", (10000, MOST), ANY, 0.8),
    Ratio("second re-apply", "again2", FLOOR, "again", (10000, MOST), ANY, 0.2),
    Ratio("1% changed", "change", SAFE, "change", (1000, MOST), ANY, 2.0),
    Ratio("remove all", "remove", SAFE, "remove", (1000, MOST), ANY, 1.5),
    Ratio("fresh apply", "create", GIT, "create", (1000, MOST), ANY, 0.6),
    Ratio("second re-apply", "again2", GIT, "again2", (10000, MOST), ANY, 0.12),
    Ratio("fresh apply", "create", MANAGER, "create", (1000, MOST), ANY, 0.33),
    Ratio("second re-apply", "again2", MANAGER, "again2", (1000, MOST), ANY,
          0.02),
]

@dataclasses.dataclass
class Bare:
    """What a goal's work comes to with bare calls that do a part of it: where that
    is above the goal, our own work is not what is in the way."""
    work: str
    by: str
    runs: tuple       # (tool, phase), one after the other
    against: tuple    # (tool, phase)
    sizes: tuple
    places: tuple
    limit: float


READ_AND_REMOVED = ((FLOOR, "again"), (SAFE, "remove"))
BARE = [
    Bare("fresh apply", "with the looks of a transaction",
         ((CHECKED, "create"),), (SAFE, "create"), (10, 100), ANY, 1.2),
    Bare("fresh apply", "made and synced, by one thread", ((SAFE, "create"),),
         (GIT, "create"), (1000, MOST), ANY, 0.6),
    Bare("first re-apply", "read by two threads", ((TWO, "again"),),
         (FLOOR, "again"), (10000, MOST), ANY, 0.8),
    Bare("second re-apply", "one look at each directory of links",
         ((FLOOR, "look"),), (FLOOR, "again"), (10000, MOST), ANY, 0.2),
    Bare("1% changed", "with the looks of a transaction",
         ((CHECKED, "change"),), (SAFE, "change"), (1000, MOST), ANY, 2.0),
    Bare("remove all", "each read once, and removed, by one thread",
         READ_AND_REMOVED, (SAFE, "remove"), (1000, MOST), ANY, 1.5),
    Bare("remove all", "each read twice, and removed, by one thread",
         (READ_AND_REMOVED[0], *READ_AND_REMOVED), (SAFE, "remove"),
         (1000, MOST), ANY, 1.5),
]
MEMORY = [("fresh apply", "create", 96), ("second re-apply", "again2", 48)]
MEMORY_BASE = 3 << 20  # bytes
# Calls for a link and for a directory, and of them those that sync. Where nothing
# is to be done, a source directory is looked at like one of links: each may have
# something new in it.
LOOKED = {"again2": 2 * calls.DIRECTORIES}
CALLS = {
    "create": ("fresh apply", 1.3, 5, 5),
    "again2": ("second re-apply", 0, 1.2, 0),
    "change": ("1% changed", None, None, 6),
    "remove": ("remove all", None, None, 6),
}


@dataclasses.dataclass
class Goal:
    work: str
    place: str
    links: str
    against: str
    limit: float
    measured: float
    fastest: float = None  # the same of the fastest runs, beside it

    @property
    def met(self):
        return self.measured <= self.limit


def counts(asked, place, links):
    """Whether a Ratio or a Bare is of this place and number of links."""
    return place in asked.places and \
        asked.sizes[0] <= links <= asked.sizes[1]


def ratio_goals(figures):
    for place in figures.data["places"]:
        for links in figures.sizes(place):
            for ratio in RATIOS:
                if not counts(ratio, place, links):
                    continue
                other = ratio.against
                if other == MANAGER:
                    other = figures.best(place, links, ratio.their_phase,
                                         "manager")
                for tool in BOTH:
                    key = (place, links, (tool, ratio.phase),
                           (other, ratio.their_phase))
                    measured = figures.ratio(*key)
                    if measured is not None:
                        yield Goal(f"{ratio.work}, {tool[10:]}",
                                   place, f"{links:,}", ratio.against,
                                   ratio.limit, measured,
                                   figures.ratio_of_fastest(*key))


def bare_calls(figures):
    """A Goal for each, of the bare calls instead of linkfarm."""
    for bare in BARE:
        for place in figures.data["places"]:
            for links in figures.sizes(place):
                if not counts(bare, place, links):
                    continue
                measured = figures.ratio_of_sum(place, links, bare.runs,
                                                bare.against)
                if measured is not None:
                    yield Goal(f"{bare.work}: {bare.by}", place, f"{links:,}",
                               bare.against[0], bare.limit, measured)


def memory_goals(figures):
    for place in figures.data["places"]:
        for links in figures.sizes(place):
            if links < 100000:
                continue
            for work, phase, each in MEMORY:
                for tool in BOTH:
                    peak = figures.usual(place, links, tool, phase, "peak")
                    if peak is None:
                        continue
                    yield Goal(f"{work}, {tool[10:]}: bytes a link over 3 MiB",
                               place, f"{links:,}", "", each,
                               (peak * 1024 - MEMORY_BASE) / links)


def growth_goals(figures):
    """From 10,000 links on, the ratio to the floor hardly grows, and the user
    time as the links do."""
    for place in figures.data["places"]:
        sizes = [size for size in figures.sizes(place) if size >= 10000]
        if len(sizes) < 2:
            continue
        where = (place, f"{sizes[0]:,} to {sizes[-1]:,}")
        for tool in BOTH:
            for work, phase in (("fresh apply", "create"),
                                ("remove all", "remove")):
                ends = [figures.ratio(place, links, (tool, phase),
                                      (SAFE, phase))
                        for links in (sizes[0], sizes[-1])]
                if None not in ends:
                    yield Goal(f"{work}, {tool[10:]}: growth of the ratio",
                               *where, SAFE, 1.15, ends[1] / ends[0])
                power = figures.exponent(place, tool, phase, "user", sizes)
                if power is not None:
                    yield Goal(f"{work}, {tool[10:]}: exponent of user time",
                               *where, "", 1.05, power)


def most_calls(phase):
    _, link, directory, _ = CALLS[phase]
    return link * calls.LINKS + \
        directory * LOOKED.get(phase, calls.DIRECTORIES)


def call_goals(data):
    for tool, phases in (data["calls"] or {}).items():
        for phase, (work, link, directory, syncs) in CALLS.items():
            called = phases[phase]
            work = f"{work}, {tool[10:]}"
            if link is not None:
                yield Goal(f"{work}: system calls", "", f"{calls.LINKS:,}", "",
                           most_calls(phase),
                           sum(called.values()))
            yield Goal(f"{work}: syncs", "", f"{calls.LINKS:,}", "", syncs,
                       calls.syncs(called))


def judge(data, figures):
    return [*ratio_goals(figures), *memory_goals(figures),
            *growth_goals(figures), *call_goals(data)]
