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

/** Borrowed bytes. `data` may be NULL only when `len` is 0. (A function has the same
 *  name, so that C++ wants the word `struct`, too.) */
struct lf_str {
    const char *data;
    size_t len;
};

/** A view of a string literal, for use inside functions. */
#ifdef __cplusplus /* has no compound literals */
#define LF_STR(literal) (lf_str_of("" literal, sizeof(literal) - 1))
#else
#define LF_STR(literal) ((struct lf_str){"" literal, sizeof(literal) - 1})
#endif

/** A view of `len` bytes at `data`. */
static inline struct lf_str lf_str_of(const char *data, size_t len)
{
    struct lf_str view = {data, len};
    return view;
}

/** A view of the bytes of `text` up to its NUL; NULL gives an empty view. */
static inline struct lf_str lf_str(const char *text)
{
    return lf_str_of(text, text ? strlen(text) : 0);
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

/** A text in two parts, `start` before `rest`: what many texts begin with is kept once
 *  for all of them. A NUL follows the rest, but only an empty `start` makes that the
 *  whole. */
struct lf_pair {
    struct lf_str start, rest;
};

/** A text that is in one part. */
static inline struct lf_pair lf_pair_of(struct lf_str text)
{
    struct lf_pair pair = {lf_str_of("", 0), text};
    return pair;
}

/** Bytes of the whole. */
static inline size_t lf_pair_len(struct lf_pair pair)
{
    return pair.start.len + pair.rest.len;
}

/** Whether the whole is `text`. */
static inline bool lf_pair_is(struct lf_pair pair, struct lf_str text)
{
    return text.len == lf_pair_len(pair) && lf_str_starts(text, pair.start) &&
           lf_str_ends(text, pair.rest);
}

/** Whether two are the same as a whole, however they are parted. */
static inline bool lf_pair_equal(struct lf_pair a, struct lf_pair b)
{
    if (a.start.len > b.start.len) {
        struct lf_pair longer = a;
        a = b;
        b = longer;
    }
    size_t more = b.start.len - a.start.len;
    /* nothing may be added to a NULL, not even 0 */
    const char *rest =
            a.start.len > 0 ? b.start.data + a.start.len : b.start.data;
    return lf_pair_len(a) == lf_pair_len(b) && a.rest.len >= more &&
           lf_str_starts(b.start, a.start) &&
           lf_str_equal(lf_str_of(rest, more), lf_str_of(a.rest.data, more)) &&
           lf_str_ends(a.rest, b.rest);
}

/** Whether the whole begins with that byte. */
static inline bool lf_pair_begins(struct lf_pair pair, char byte)
{
    const struct lf_str *first = pair.start.len > 0 ? &pair.start : &pair.rest;
    return first->len > 0 && first->data[0] == byte;
}

#ifdef __cplusplus
}
#endif

#endif
