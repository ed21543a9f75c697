/* SPDX-License-Identifier: MIT */
/*
 * escape.h - any bytes as one line of printable text, and back
 *
 * Two forms. The *stored* form is exact and is what ledger and journal hold:
 * one field never holds a tab, a newline or another control byte, and every
 * byte string has exactly one form. The *shown* form is for people: it leaves
 * readable UTF-8 alone and escapes what a terminal would act on or hide
 * (control bytes, C1, U+2028 and U+2029, bidi controls, invalid UTF-8).
 */
#ifndef LF_BASE_ESCAPE_H
#define LF_BASE_ESCAPE_H

#include "base/buf.h"

/**
 * Append the stored form of `text`: bytes 0x21-0x7e except '\' stand for
 * themselves, as does every byte from 0x80 up; '\' is `\\`, and any other byte
 * (space included) is `\` and three octal digits (vis(3), VIS_OCTAL). The
 * empty string is `\-`.
 */
void lf_escape_stored(struct lf_buf *buf, struct lf_str text);

/**
 * Append the bytes that the stored form `field` stands for. Returns false, and
 * appends nothing, if `field` is not exactly what lf_escape_stored() writes.
 */
bool lf_unescape_stored(struct lf_buf *buf, struct lf_str field);

/** Whether the stored form `field` is what it stands for. */
bool lf_stored_is_plain(struct lf_str field);

/** Append the shown form of `text`: as it is, or with \n, \t, \e, \xHH, \u{HHHH}. */
void lf_escape_shown(struct lf_buf *buf, struct lf_str text);

/** Append `text` as a word of a command that can be copied: quoted where a shell would
 *  take it apart, and with `$'\012'` where it would not be seen. */
void lf_escape_argument(struct lf_buf *buf, struct lf_str text);

/** Whether the shown form differs from the text itself. */
bool lf_needs_escape(struct lf_str text);

/**
 * The length in bytes (1 to 4) of the valid UTF-8 sequence at the start of
 * `text`, 0 if there is none (Unicode 15, table 3-7: no surrogates, no
 * overlong forms). `*ret_rune`, if not NULL, gets the code point.
 */
size_t lf_utf8_next(struct lf_str text, uint32_t *ret_rune);

#endif
