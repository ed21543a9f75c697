/* SPDX-License-Identifier: MIT */
/*
 * format.h - what encode.c and decode.c have in common
 *
 * Private to src/ledger.
 */
#ifndef LF_LEDGER_FORMAT_H
#define LF_LEDGER_FORMAT_H

#include "ledger/checked.h"
#include "ledger/ledger.h"

/** First and last line. */
extern const struct lf_checked lf_ledger_checked;

/** The letter of an origin: m, c, a. */
char lf_ledger_origin_letter(enum lf_origin origin);

/** The origin of a letter; false if it has none. */
bool lf_ledger_letter_origin(char letter, enum lf_origin *ret_origin);

/** The letter of a kind of displaced node: f, d, l, o. */
char lf_ledger_node_letter(enum lf_node_kind kind);

/** The kind of a letter; LF_NODE_UNKNOWN if it has none. */
enum lf_node_kind lf_ledger_letter_node(char letter);

#endif
