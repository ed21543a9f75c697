/* SPDX-License-Identifier: MIT */
/*
 * str.h - a view of bytes
 *
 * Paths, link texts and names are bytes, not text in some encoding; a view
 * carries their length and owns nothing. Where a function returns a view, its
 * documentation says whose memory it borrows. Views that the library returns
 * are also followed by a NUL that is not counted.
 */
#ifndef LINKFARM_STR_H
#define LINKFARM_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LF_PUBLIC __attribute__((visibility("default")))
#define LF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define LF_PUBLIC
#define LF_PRINTF(fmt, args)
#endif

/** Borrowed bytes. `data` may be NULL only when `len` is 0. */
struct lf_str {
    const char *data;
    size_t len;
};

/** A view of a string literal, for use inside functions. */
#define LF_STR(literal) ((struct lf_str){"" literal, sizeof(literal) - 1})

/** A view of the bytes of `text` up to its NUL; NULL gives an empty view. */
static inline struct lf_str lf_str(const char *text)
{
    return (struct lf_str){text, text ? strlen(text) : 0};
}

/** A view of `len` bytes at `data`. */
static inline struct lf_str lf_str_of(const char *data, size_t len)
{
    return (struct lf_str){data, len};
}

/** Whether two views hold the same bytes. */
static inline bool lf_str_equal(struct lf_str a, struct lf_str b)
{
    return a.len == b.len && (a.len == 0 || a.data == b.data ||
                              memcmp(a.data, b.data, a.len) == 0);
}

/** Order by bytes, as memcmp(3) does; a prefix comes before what it begins. */
static inline int lf_str_compare(struct lf_str a, struct lf_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order =
            shorter && a.data != b.data ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

/** Whether `text` begins with `prefix`. */
static inline bool lf_str_starts(struct lf_str text, struct lf_str prefix)
{
    return text.len >= prefix.len &&
           (prefix.len == 0 || memcmp(text.data, prefix.data, prefix.len) == 0);
}

/** Whether `text` ends in `suffix`. */
static inline bool lf_str_ends(struct lf_str text, struct lf_str suffix)
{
    return text.len >= suffix.len &&
           (suffix.len == 0 || memcmp(text.data + text.len - suffix.len,
                                      suffix.data, suffix.len) == 0);
}

#ifdef __cplusplus
}
#endif

#endif
