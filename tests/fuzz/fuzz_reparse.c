/* SPDX-License-Identifier: MIT */
/*
 * fuzz_reparse.c - reparse buffers, read and written
 *
 * The input is taken as the bytes of a buffer, and as the text of a link to
 * make one of.
 */
#include "fuzz.h"

#include <linkfarm/resolve_windows.h>

enum { STORED_MOST = 16384 };

static bool same(const struct lf_win_text *a, const struct lf_win_text *b)
{
    return lf_str_equal(a->substitute, b->substitute) &&
           lf_str_equal(a->print, b->print) && a->relative == b->relative &&
           a->junction == b->junction;
}

/* What is written is read back as it was; false where it is not written. */
static bool comes_back(const struct lf_win_text *text)
{
    struct lf_error err = {0};
    struct lf_win_text again;
    unsigned char *bytes;
    size_t size;
    if (!lf_win_reparse_encode(text, &bytes, &size, &err)) {
        fuzz_refused(&err);
        return false;
    }
    must(size <= STORED_MOST);
    struct lf_str exact = fuzz_copy(lf_str_of((const char *)bytes, size));
    must(lf_win_reparse_decode((const unsigned char *)exact.data, size, &again,
                               &err));
    must(same(&again, text));
    lf_win_text_finish(&again);
    lf_free_const(exact.data);
    free(bytes);
    return true;
}

static void try_bytes(const uint8_t *data, size_t size)
{
    struct lf_error err = {0};
    struct lf_win_text text;
    if (!lf_win_reparse_decode(data, size, &text, &err)) {
        fuzz_refused(&err);
        return;
    }
    must(size <= STORED_MOST);
    /* only names that lie upon each other take more room on their own */
    must(comes_back(&text) ||
         2 * (text.substitute.len + text.print.len) > size - 16);
    lf_win_text_finish(&text);
}

static void try_text(struct lf_str typed)
{
    static const struct lf_win_context context = {0};
    struct lf_error err = {0};
    struct lf_win_text text;
    if (!lf_win_link_text(typed, &context, &text, &err)) {
        fuzz_refused(&err);
        return;
    }
    must(!text.junction && text.substitute.len);
    comes_back(&text);
    if (lf_str_starts(text.substitute, LF_STR("\\??\\"))) {
        text.junction = !text.relative;
        comes_back(&text);
    }
    lf_win_text_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_bytes(data, size);
    try_text(lf_str_of((const char *)data, size));
    return 0;
}
