/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - a directory of its own for each test, gone after it
 *
 * Use as set-up and tear-down of a cmocka test; the state is a
 * `struct scratch`. Nothing outside of the directory is ever touched.
 */
#ifndef LF_SUPPORT_SCRATCH_H
#define LF_SUPPORT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

struct scratch {
    char *path; /* absolute, physical; below $TMPDIR or /tmp */
    int fd;     /* the directory, open for reading */
};

/** Make a fresh directory; fails the test when that is not possible. */
struct scratch *scratch_new(void);

/** Remove the directory and all below it, read-only directories included. */
void scratch_free(struct scratch *scratch);

/** cmocka set-up: `*state` becomes a `struct scratch *`. */
int scratch_setup(void **state);

/** cmocka tear-down of scratch_setup(). */
int scratch_teardown(void **state);

/* The rest takes paths relative to the scratch directory, makes missing
 * parents, and fails the test when the system refuses. */

void scratch_dir(struct scratch *scratch, const char *path);
void scratch_file(struct scratch *scratch, const char *path, const char *bytes);
void scratch_link(struct scratch *scratch, const char *path, const char *text);

/** Make a node for each line of `nodes`: `PATH/` a directory, `PATH -> TEXT` a
 *  link, `PATH` a file that holds its own path. */
void scratch_nodes(struct scratch *scratch, const char *nodes);

/** The text of a link, valid until the next call; NULL if it is not a link. */
const char *scratch_readlink(struct scratch *scratch, const char *path);

/** The bytes of a file, NUL-ended, to be freed; NULL if it is not a file. */
char *scratch_read(struct scratch *scratch, const char *path, size_t *ret_len);

/** Whether something stands there, a dangling link included. */
bool scratch_exists(struct scratch *scratch, const char *path);

#endif
