/* SPDX-License-Identifier: MIT */
/*
 * worklist.h - the links of a workload, as the floors read them
 *
 * A list is a file of NUL-ended fields, so that it is used as it is mapped and
 * nothing is parsed: a floor costs its system calls and little else.
 *
 *     d PATH           a directory below `into`, parents first; the top is "."
 *     l NAME TEXT      a link in the directory before
 *
 * The letter stands directly before its first field, without a space.
 */
#ifndef LF_BENCH_WORKLIST_H
#define LF_BENCH_WORKLIST_H

#include <stddef.h>
#include <stdint.h>

struct work_dir {
    const char *path;
    const char *links; /* the first of `n` link fields */
    uint32_t n;
};

struct worklist {
    const char *data;
    size_t size;
    struct work_dir *dirs;
    size_t n_dirs, n_links;
};

/** Map a list. Ends the process with a message when that fails. */
void worklist_open(struct worklist *list, const char *path);

void worklist_close(struct worklist *list);

/** The link at `*at`, and `*at` moves on. */
static inline const char *worklist_next(const char **at, const char **ret_text)
{
    const char *name = *at + 1, *c = name;
    while (*c)
        c++;
    *ret_text = ++c;
    while (*c)
        c++;
    *at = c + 1;
    return name;
}

#endif
