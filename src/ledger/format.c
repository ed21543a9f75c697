/* SPDX-License-Identifier: MIT */
/*
 * format.c - what encode.c and decode.c have in common
 */
#include "ledger/format.h"

#include "base/util.h"

const struct lf_checked lf_ledger_checked = {
        .magic = "linkfarm-ledger",
        .version = 1,
        .what = "ledger",
        .corrupt = LF_CODE_LEDGER_CORRUPT,
        .newer = LF_CODE_LEDGER_VERSION,
};

static const char origin_letters[] = {
        [LF_ORIGIN_MADE] = 'm',
        [LF_ORIGIN_CLAIMED] = 'c',
        [LF_ORIGIN_ADOPTED] = 'a',
};

char lf_ledger_origin_letter(enum lf_origin origin)
{
    return origin_letters[origin];
}

bool lf_ledger_letter_origin(char letter, enum lf_origin *ret_origin)
{
    for (size_t i = 0; i < LF_COUNT(origin_letters); i++) {
        if (origin_letters[i] == letter) {
            *ret_origin = (enum lf_origin)i;
            return true;
        }
    }
    return false;
}

/* those that are never a displaced node's are 0 */
static const char node_letters[] = {
        [LF_NODE_FILE] = 'f',  [LF_NODE_DIR] = 'd',   [LF_NODE_LINK] = 'l',
        [LF_NODE_OTHER] = 'o', [LF_NODE_UNKNOWN] = 0,
};

char lf_ledger_node_letter(enum lf_node_kind kind)
{
    return node_letters[kind];
}

enum lf_node_kind lf_ledger_letter_node(char letter)
{
    for (size_t i = 0; i < LF_COUNT(node_letters); i++) {
        if (letter && node_letters[i] == letter)
            return (enum lf_node_kind)i;
    }
    return LF_NODE_UNKNOWN;
}
