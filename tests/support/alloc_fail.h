/* SPDX-License-Identifier: MIT */
/*
 * alloc_fail.h - memory that runs out at the nth allocation
 *
 * Counts and fails malloc(3), calloc(3) and realloc(3) as called by what is
 * linked into the test program itself (the linker's --wrap); libraries that it
 * loads keep their own. One law is tried at every allocation like this:
 *
 *     for (size_t n = 0; !alloc_fail_done(n); n++) {
 *         alloc_fail_at(n);
 *         bool done = thing_under_test();
 *         alloc_fail_stop();
 *         ...
 *     }
 */
#ifndef LF_SUPPORT_ALLOC_FAIL_H
#define LF_SUPPORT_ALLOC_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/** From now on, let the `n`th allocation (0: the next) fail, and only it. */
void alloc_fail_at(size_t n);

/** As alloc_fail_at(), but all after it fail too. */
void alloc_fail_from(size_t n);

/** Let all allocations succeed again; whether one was made to fail. */
bool alloc_fail_stop(void);

/** Whether the run before trial `n` got by without a failure: all is tried. */
bool alloc_fail_done(size_t n);

/** Allocations since alloc_fail_at() or alloc_fail_from(). */
size_t alloc_fail_count(void);

#endif
