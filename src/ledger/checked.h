/* SPDX-License-Identifier: MIT */
/*
 * checked.h - the first and the last line of a checked file of lines
 *
 * The first says what the file is and its version, the last counts the lines
 * before it and carries their XXH3-64 checksum (seed 0), so that a file that
 * was cut short or changed is noticed before any of it is believed.
 */
#ifndef LF_LEDGER_CHECKED_H
#define LF_LEDGER_CHECKED_H

#include "ledger/lines.h"

/** What a kind of file is called, and how its faults are. */
struct lf_checked {
    const char *magic;    /* the first word of the first line */
    unsigned version;     /* the newest that is known; 1 is the oldest */
    const char *what;     /* "ledger", for messages */
    enum lf_code corrupt; /* code of any fault */
    enum lf_code newer;   /* code of a newer version */
};

/** Append the first line. */
void lf_checked_begin(struct lf_buf *buf, const struct lf_checked *kind);

/** Append the last line, for all that `buf` holds. */
void lf_checked_end(struct lf_buf *buf);

/**
 * Check first and last line of `text`, and set `lines` to what is between.
 * `lines` must be zeroed but for `err`; its faults have `kind`'s code.
 */
bool lf_checked_open(struct lf_lines *lines, struct lf_str text,
                     const struct lf_checked *kind);

#endif
