/* SPDX-License-Identifier: MIT */
/* scenarios.h - what transactions are stopped in: a table for crash.c */
#ifndef LF_CRASH_SCENARIOS_H
#define LF_CRASH_SCENARIOS_H

enum act {
    ACT_APPLY,    /* `manifest` */
    ACT_ROLLBACK, /* to `generation` */
    ACT_REMOVE,
    ACT_ADOPT, /* home/x and home/d/y, by hand, into home/dot */
};

/* A manifest begins with version and `into: ~/`; its name is `t` unless it says
 * one. `before` are applied without faults, and `meanwhile` is what the user
 * does then: both are the old state. */
struct scenario {
    const char *name, *nodes;
    const char *before[2];
    const char *meanwhile;
    enum act act;
    const char *manifest;
    unsigned generation;
};

/* clang-format off */
static const struct scenario scenarios[] = {
        {.name = "fresh farm",
         .nodes = "home/dot/t/a\nhome/dot/t/d/b\nhome/dot/t/d/e/c\nhome/mine",
         .manifest = "trees: [{from: t}]\ndirs: {~/.ssh: {mode: '0700'}}\n"},
        {.name = "relink",
         .nodes = "home/dot/a\nhome/dot/b",
         .before = {"links: {x: a, y: b, d/z: a}\n"},
         .manifest = "links: {x: b, y: a, d/z: b}\n"},
        {.name = "add and drop",
         .nodes = "home/dot/a\nhome/dot/b",
         .before = {"links: {x: a, y: b, d/z: a, d/w: a}\n"},
         .manifest = "links: {y: b, n/o/p: a, d/z: b}\n"},
        {.name = "fold",
         .nodes = "home/dot/t/d/a\nhome/dot/t/d/e/b\nhome/dot/u/d/c",
         .before = {"trees: [{from: t, fold: auto}, {from: u}]\n"},
         .manifest = "trees: [{from: t, fold: auto}]\n"},
        {.name = "unfold",
         .nodes = "home/dot/t/d/a\nhome/dot/t/d/e/b\nhome/dot/u/d/c",
         .before = {"trees: [{from: t, fold: auto}]\n"},
         .manifest = "trees: [{from: t, fold: auto}, {from: u}]\n"},
        {.name = "backup of a file",
         .nodes = "home/dot/a\nhome/x\nhome/d/y\nhome/l -> elsewhere",
         .manifest = "defaults: {conflict: backup}\n"
                     "links: {x: a, d/y: a, l: a, n: a}\n"},
        {.name = "backup of a directory with things in it",
         .nodes = "home/dot/a\nhome/x/deep/file\nhome/x/link -> deep",
         .manifest = "links: {x: {from: a, conflict: backup}, y: a}\n"},
        {.name = "adopt",
         .nodes = "home/dot/conf/\nhome/x\nhome/y\nhome/dot/conf/y",
         .manifest = "defaults: {conflict: adopt}\n"
                     "links: {x: conf/x, y: conf/y}\n"},
        {.name = "adopt into a tree",
         .nodes = "home/dot/conf/d/\nhome/x",
         .manifest = "links: {x: {from: conf/d/x, conflict: adopt}}\n"
                     "trees: [{from: conf, into: t}]\n"},
        {.name = "adopt by hand",
         .nodes = "home/dot/a\nhome/x\nhome/d/y\nhome/d/mine",
         .before = {"links: {l: a}\n"},
         .act = ACT_ADOPT},
        {.name = "prune with directories",
         .nodes = "home/dot/t/a\nhome/dot/t/d/b\nhome/dot/t/d/e/c",
         .before = {"trees: [{from: t}]\nlinks: {k: x}\n"
                    "defaults: {dangling: allow}\n"},
         .meanwhile = "home/d/mine\n",
         .manifest = "links: {k: x}\ndefaults: {dangling: allow}\n"},
        {.name = "claim",
         .nodes = "home/dot/a\nhome/x -> dot/a\nhome/y -> dot/a",
         .manifest = "links: {x: a, y: a, z: a}\n"},
        {.name = "two farms",
         .nodes = "home/dot/a\nhome/dot/b",
         .before = {"name: other\nlinks: {d/o: a}\n",
                    "links: {d/x: a, e/y: a}\n"},
         .manifest = "links: {d/x: b, d/n: a}\n"},
        {.name = "rollback",
         .nodes = "home/dot/a\nhome/dot/b\nhome/z",
         .before = {"links: {x: a, d/y: b}\n",
                    "links: {x: b, n/w: a, z: {from: a, conflict: backup}}\n"},
         .act = ACT_ROLLBACK,
         .generation = 1},
        {.name = "remove",
         .nodes = "home/dot/a\nhome/x\nhome/u/v/file",
         .before = {"links: {x: {from: a, conflict: backup}, d/e/y: a,\n"
                    "        u: {from: a, conflict: backup}}\n"},
         .act = ACT_REMOVE},
        {.name = "links that come back when their covers are removed",
         .nodes = "home/dot/a\nhome/l -> elsewhere\nhome/d/m -> ../x\nhome/x",
         .before = {"defaults: {conflict: backup}\n"
                    "links: {l: a, d/m: a, x: a}\n"},
         .act = ACT_REMOVE},
        {.name = "links that come back by a rollback",
         .nodes = "home/dot/a\nhome/l -> elsewhere\nhome/d/m -> ../x\nhome/x",
         .before = {"links: {n: a}\n",
                    "defaults: {conflict: backup}\n"
                    "links: {l: a, d/m: a, x: a}\n"},
         .act = ACT_ROLLBACK,
         .generation = 1},
        {.name = "links that come back when entries leave",
         .nodes = "home/dot/a\nhome/l -> elsewhere\nhome/d/m -> ../x\nhome/x",
         .before = {"defaults: {conflict: backup}\n"
                    "links: {l: a, d/m: a, x: a}\n"},
         .manifest = "links: {x: {from: a, conflict: backup}}\n"},
        {.name = "modes without write",
         .nodes = "home/dot/a\nhome/dot/b\nhome/dot/t/c",
         .before = {"dirs: {m: {mode: '0700'}, m/k: {mode: '0755'}}\n"
                    "links: {m/k/x: a, m/k/y: a, n: t}\n"},
         .manifest = "dirs: {m: {mode: '0500'}, m/k: {mode: '0555'},\n"
                     "       p: {mode: '0500'}, p/q: {mode: '0555'},\n"
                     "       n: {mode: '0500'}, n/o: {mode: '0555'}}\n"
                     "links: {m/k/x: b, m/k/z: a, p/q/x: a, p/y: a, n/o/c: t/c}\n"},
        {.name = "remove whole directories",
         .nodes = "home/dot/t/a\nhome/dot/t/d/b\nhome/dot/t/d/e/c\n"
                  "home/dot/t/d/e/f\nhome/mine/x",
         .before = {"trees: [{from: t, into: n}, {from: t, into: mine}]\n"},
         .act = ACT_REMOVE},
};
/* clang-format on */

#endif
