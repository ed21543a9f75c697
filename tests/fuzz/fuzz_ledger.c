/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ledger.c - what the decoder accepts is what the encoder writes
 *
 * The input is tried twice: as it is, and with a right last line after it, as
 * no fuzzer finds a checksum.
 */
#include "fuzz.h"
#include "ledger/checked.h"
#include "ledger/ledger.h"

static void try_text(struct lf_str text)
{
    struct lf_error err = {0};
    struct lf_ledger *ledger = NULL;
    struct lf_buf again = {0};
    struct lf_ledger *heads = NULL;
    bool has_heads =
            lf_ledger_decode_heads(text, LF_STR("input"), &heads, &err);
    must(has_heads == (heads != NULL));
    lf_ledger_free(heads);
    if (!lf_ledger_decode(text, LF_STR("input"), &ledger, &err)) {
        fuzz_refused(&err);
        must(!ledger);
        return;
    }
    must(has_heads); /* what is whole has them */
    lf_ledger_encode(&again, ledger);
    must(lf_str_equal(lf_buf_str(&again), text));
    lf_buf_finish(&again);
    lf_ledger_free(ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str text = lf_str_of((const char *)data, size);
    struct lf_buf sealed = {0};
    try_text(text);
    lf_buf_add(&sealed, text);
    lf_checked_end(&sealed);
    try_text(lf_buf_str(&sealed));
    lf_buf_finish(&sealed);
    return 0;
}
