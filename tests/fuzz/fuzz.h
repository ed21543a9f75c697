/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the fuzz targets share
 *
 * A target takes any bytes, does with them what the program would do, and holds
 * the outcome to laws: must() ends the process where one is broken, which is
 * what a fuzzer looks for. The same bytes always take the same way.
 */
#ifndef LF_FUZZ_FUZZ_H
#define LF_FUZZ_FUZZ_H

#include "base/util.h"
#include <linkfarm/error.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,  \
                    #condition);                                               \
            abort();                                                           \
        }                                                                      \
    } while (0)

/** Take the text up to `end` (or to the end of all) off `*rest`. */
static inline struct lf_str fuzz_take(struct lf_str *rest, char end)
{
    const char *at = rest->len ? memchr(rest->data, end, rest->len) : NULL;
    struct lf_str taken =
            lf_str_of(rest->data, at ? (size_t)(at - rest->data) : rest->len);
    size_t used = taken.len + (at != NULL);
    *rest = lf_str_of(rest->data + used, rest->len - used);
    return taken;
}

/**
 * A copy of exactly so many bytes, so that reading past them is seen. Freed by
 * lf_free_const().
 */
static inline struct lf_str fuzz_copy(struct lf_str text)
{
    char *copy = malloc(text.len ? text.len : 1);
    must(copy);
    if (text.len)
        memcpy(copy, text.data, text.len);
    return lf_str_of(copy, text.len);
}

/** What a call that failed must have said. */
static inline void fuzz_refused(const struct lf_error *err)
{
    must(err->code != LF_CODE_NONE && err->code != LF_CODE_NO_MEMORY);
    must(lf_code_meaning(err->code));
    must(err->message[0]);
}

#endif
