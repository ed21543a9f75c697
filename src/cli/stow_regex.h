/* SPDX-License-Identifier: MIT */
/*
 * stow_regex.h - what a regular expression of Stow's leaves out, as patterns of
 * gitignore(5)
 *
 * "Types And Syntax Of Ignore Lists" in Stow's manual: an expression without a slash is
 * held against the whole of a name, at any depth; one with a slash against the path
 * below the package, from one slash to another or to the end, and a slash stands before
 * that path. One of the option --ignore is held against the end of the path, and of
 * several alternatives only the last one is; no slash stands before it. They are Perl's.
 */
#ifndef LF_CLI_STOW_REGEX_H
#define LF_CLI_STOW_REGEX_H

#include "base/arena.h"

#include <stdint.h>

enum {
    LF_STOW_REGEX_LIMIT = 512, /* bytes; a longer one is not said */
    LF_STOW_PATTERNS = 32,     /* that are said for one, at most */
};

enum lf_stow_origin {
    LF_STOW_LIST,   /* a line of an ignore list */
    LF_STOW_OPTION, /* --ignore */
};

struct lf_stow_patterns {
    struct lf_str items[LF_STOW_PATTERNS]; /* in the arena; each one once */
    uint32_t count; /* 0: it leaves nothing out, whatever the names are */
    bool said;      /* else it has something that no pattern says */
};

/**
 * The patterns that leave out the same as `regex`: literal bytes, escaped ones, `.`,
 * `.*`, `.+`, brackets, `\d`, `\w`, alternatives, groups, `?` behind one of these, `^`
 * and `$` at the ends. A `.` or a bracket is taken to mean no slash. Returns false
 * without memory.
 */
bool lf_stow_patterns(struct lf_str regex, enum lf_stow_origin origin,
                      struct lf_arena *arena, struct lf_stow_patterns *ret);

#endif
