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

/**
 * Where a long file goes while it is made, so that it never stands in memory as a
 * whole. Zero-initialise but for `put` and `arg`.
 */
struct lf_spill {
    /* takes over what the file goes on with; false: it could not, and whoever
     * gave it `arg` knows why */
    bool (*put)(void *arg, struct lf_str text);
    void *arg;
    /* private: of what was handed over */
    bool begun;
    uint64_t lines;
    _Alignas(64) unsigned char hash[576];
};

/** Append the first line. */
void lf_checked_begin(struct lf_buf *buf, const struct lf_checked *kind);

/**
 * Between two lines: hand over what `buf` holds if that is much. A `spill` of
 * NULL takes nothing. False if it could not be handed over.
 */
bool lf_checked_spill(struct lf_buf *buf, struct lf_spill *spill);

/**
 * Append the last line, for all that `buf` holds and was handed over; with a
 * spill, hand over the rest. False if that could not be, or `buf` has failed.
 */
bool lf_checked_end(struct lf_buf *buf, struct lf_spill *spill);

/**
 * Check first and last line of `text`, and set `lines` to what is between.
 * `lines` must be zeroed but for `err`; its faults have `kind`'s code.
 */
bool lf_checked_open(struct lf_lines *lines, struct lf_str text,
                     const struct lf_checked *kind);

#endif
