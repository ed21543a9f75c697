/* SPDX-License-Identifier: MIT */
/*
 * source.h - finding a line of a user's file again
 *
 * Lines end with LF (CR LF counts as one end). Looking a line up reads the text
 * from its start, several bytes at a time: it is for the few faults that are
 * shown, not for each item of a file. Where there may be one for each item, a
 * finder remembers its way through the text.
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

/** Behind the column that begins at `at`, which is not the end of `text`. */
size_t lf_source_next(struct lf_str text, size_t at);

/** Whether the line that `at` is in, or what ends it, is over there. */
bool lf_source_ends_line(struct lf_str text, size_t at);

/** The line and the column of the byte at `at`. */
struct lf_source_step {
    size_t at;
    uint32_t line, column;
};

/** Steps through one source, as far as it was read yet. */
struct lf_source_way {
    const struct lf_source *source;
    struct lf_source_step *steps;
    uint32_t count, capacity;
};

/** Zero-initialise (`= {0}`) before the first use. */
struct lf_source_finder {
    struct lf_source_way *ways; /* one of each source that was asked for */
    uint32_t count, capacity;
};

/**
 * The offset of `mark`, which has a source and a line, in its source's text, as
 * lf_source_line() and lf_source_offset() find it. All that is found by one
 * finder takes time for the text but once, be it of many lines or of one; without
 * one (NULL), or without memory, it takes time for what is before each mark.
 */
size_t lf_source_find(struct lf_source_finder *finder,
                      const struct lf_mark *mark);

void lf_source_finder_finish(struct lf_source_finder *finder);

#endif
