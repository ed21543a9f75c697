/* SPDX-License-Identifier: MIT */
/*
 * real_tree.h - a described tree, made in the real file system
 *
 * For programs that compare with the kernel: they make system calls of their
 * own. Entries are those of resolve/fixture.h, all paths below one directory.
 */
#ifndef TESTS_REAL_TREE_H
#define TESTS_REAL_TREE_H

#include <linkfarm/str.h>

/** Make a fresh directory below $TMPDIR or /tmp: its path, to be freed. NULL
 *  with errno set. */
char *real_tree_new(void);

/** Remove it and all below. Anything mounted there must be gone. */
void real_tree_free(char *root);

/** Enter a mount namespace of its own, so that mounts are gone with the
 *  process. False with errno set; needs root. */
bool real_tree_isolate(void);

/** Make one entry below `root`; false with errno set. */
bool real_tree_add(const char *root, const struct lf_str *fields,
                   size_t n_fields);

#endif
