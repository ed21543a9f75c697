/* SPDX-License-Identifier: MIT */
/*
 * term.h - what a program asks about its terminal and its clock on the wall
 */
#ifndef LF_PLATFORM_TERM_H
#define LF_PLATFORM_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * Occupy those of the descriptors 0 to 2 that were closed when the program was
 * started, in a way that reading or writing them fails: else the next file that
 * is opened, which may be the ledger, would become standard output. Returns 0
 * or a negative errno.
 */
int lf_term_guard(void);

/** Whether the stream leads to a terminal. */
bool lf_term_is(FILE *stream);

/**
 * Local time of `seconds` since 1970-01-01 UTC as "2026-03-01 14:05" in `buf`;
 * -EOVERFLOW for a year that cannot be written so, -ENAMETOOLONG if too small.
 */
int lf_term_time(int64_t seconds, char *buf, size_t size);

#endif
