/* SPDX-License-Identifier: MIT */
/*
 * lines.h - a checked file of lines, put together and taken apart line by line
 *
 * A line is fields with one space between, the first of which says what the
 * line is; texts are in the stored form of base/escape.h, numbers are decimal
 * without leading zeros. For the ledger, the journal and the stamps.
 */
#ifndef LF_LEDGER_LINES_H
#define LF_LEDGER_LINES_H

#include "base/buf.h"
#include <linkfarm/error.h>

enum {
    LF_LINE_FIELDS = 14, /* more than any line has */
    LF_LINE_TEXTS = 3,   /* texts of one line that are needed at a time */
};

/** Zero-initialise, set `err`, let lf_checked_open() set the rest, and end with
 *  lf_lines_finish(). */
struct lf_lines {
    struct lf_str text;   /* what is left of the body; each line ends in \n */
    struct lf_error *err; /* borrowed */
    enum lf_code corrupt; /* of its faults; lf_checked_open() sets it, */
    unsigned version;     /* and the file's */
    uint64_t line;        /* number of the present line, from 1 */
    bool ended;           /* there was no next line: no fields */
    struct lf_str fields[LF_LINE_FIELDS];
    unsigned n_fields;
    struct lf_buf texts[LF_LINE_TEXTS];
};

void lf_lines_finish(struct lf_lines *lines);

/** Go to the next line. False only for one that has too many fields. */
bool lf_lines_next(struct lf_lines *lines);

/** The same for who needs only the first `fields` of it, at most LF_LINE_FIELDS. */
bool lf_lines_next_part(struct lf_lines *lines, unsigned fields);

/** Go to the next line that begins with `keyword`, or to the end. */
bool lf_lines_seek(struct lf_lines *lines, const char *keyword);

/** Whether the present line begins with `keyword`. */
bool lf_lines_is(const struct lf_lines *lines, const char *keyword);

/** Say what is wrong with the present line. Returns false. */
bool lf_lines_fault(struct lf_lines *lines, const char *fault);

/**
 * Field `index` as the bytes that it stands for, valid until `slot` is used
 * again. A field that is missing or not in the stored form is a fault.
 */
bool lf_lines_text(struct lf_lines *lines, unsigned index, unsigned slot,
                   struct lf_str *ret_text);

/** The same for who needs no NUL behind it: where it is written as it is, it is not
 *  copied, and stays valid as long as the lines' text. */
bool lf_lines_bytes(struct lf_lines *lines, unsigned index, unsigned slot,
                    struct lf_str *ret_text);

/** Field `index` as a number of at most `limit`. */
bool lf_lines_u64(struct lf_lines *lines, unsigned index, uint64_t limit,
                  uint64_t *ret_number);
bool lf_lines_u32(struct lf_lines *lines, unsigned index, uint32_t *ret_number);
/** Field `index` as a number that may be negative. */
bool lf_lines_i64(struct lf_lines *lines, unsigned index, int64_t *ret_number);

/** Append a field, with the space before it: a text in the stored form, or a
 *  number. */
void lf_lines_add_text(struct lf_buf *buf, struct lf_str text);
/** The same of a text in two parts, as if it were in one. */
void lf_lines_add_pair(struct lf_buf *buf, struct lf_pair text);
void lf_lines_add_u64(struct lf_buf *buf, uint64_t number);

/** Decimal digits without leading zeros that fit, and nothing else. */
bool lf_parse_u64(struct lf_str digits, uint64_t *ret_number);

#endif
