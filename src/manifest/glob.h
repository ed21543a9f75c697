/* SPDX-License-Identifier: MIT */
/*
 * glob.h - wildcards, compiled: `*`, `?`, `[a-z]`, `\x` and `**`
 *
 * Bytes are matched, not characters. Matching takes no memory and never
 * backtracks over more than the newest `*` and the newest `**`, so that no
 * pattern is slow.
 */
#ifndef LF_MANIFEST_GLOB_H
#define LF_MANIFEST_GLOB_H

#include "base/arena.h"
#include <stdint.h>

struct lf_glob_op;

struct lf_glob {
    const struct lf_glob_op *ops;
    uint32_t count;
    bool path;  /* `/` is matched by `/`, `**` and nothing else */
    bool never; /* malformed: an open bracket, a backslash at the end */
};

/** How a pattern is read. */
enum lf_glob_mode {
    LF_GLOB_NAME, /* `*` matches every byte; `**` is the same */
    LF_GLOB_PATH, /* `*` stops at `/`; `**` between slashes does not */
};

/** Compile `pattern` into memory of `arena`. False: no memory. */
bool lf_glob_compile(struct lf_arena *arena, struct lf_str pattern,
                     enum lf_glob_mode mode, struct lf_glob *ret_glob);

/** Whether the whole of `text` matches. */
bool lf_glob_match(const struct lf_glob *glob, struct lf_str text);

#endif
