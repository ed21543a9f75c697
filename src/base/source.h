/* SPDX-License-Identifier: MIT */
/*
 * source.h - finding a line of a user's file again
 *
 * Lines end with LF (CR LF counts as one end). Looking a line up reads the text
 * from its start, several bytes at a time: it is for the few faults that are
 * shown, not for each item of a file.
 */
#ifndef LF_BASE_SOURCE_H
#define LF_BASE_SOURCE_H

#include <linkfarm/error.h>

/** How many lines `text` has: one more than it has line ends. */
uint32_t lf_source_lines(struct lf_str text);

/** Line `line` (from 1) without its end; empty past the last. Borrowed. */
struct lf_str lf_source_line(const struct lf_source *source, uint32_t line);

/**
 * The offset in bytes of column `column` (from 1, in code points; a byte that
 * begins none counts as one) in `line`; the line's length if it is shorter.
 */
size_t lf_source_offset(struct lf_str line, uint32_t column);

/** How many columns the bytes of `text` take, counted in the same way. */
uint32_t lf_source_columns(struct lf_str text);

#endif
