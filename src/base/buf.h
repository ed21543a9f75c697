/* SPDX-License-Identifier: MIT */
/*
 * buf.h - a growing run of bytes that remembers failure
 *
 * Append as often as you like and ask lf_buf_failed() once, at the end: after
 * a failed allocation every further call does nothing. The contents are always
 * followed by a NUL that is not counted.
 */
#ifndef LF_BASE_BUF_H
#define LF_BASE_BUF_H

#include <linkfarm/str.h>
#include <stdarg.h>
#include <stdint.h>

/** Zero-initialise (`= {0}`) before the first use. */
struct lf_buf {
    char *data;
    size_t len;
    size_t capacity;
    bool failed;
};

/** Free the memory; the buffer is then empty and usable again. */
void lf_buf_finish(struct lf_buf *buf);

/** Forget the contents and a failure, keep the memory. */
void lf_buf_clear(struct lf_buf *buf);

/** Cut to `len` bytes; more than there are is not allowed. */
void lf_buf_truncate(struct lf_buf *buf, size_t len);

/** Make room for `extra` more bytes, so that appending them cannot fail. */
bool lf_buf_reserve(struct lf_buf *buf, size_t extra);

void lf_buf_add(struct lf_buf *buf, struct lf_str text);
/** Here, because files of lines are made of little else. */
static inline void lf_buf_add_char(struct lf_buf *buf, char c)
{
    if (buf->failed || buf->capacity - buf->len < 2) {
        lf_buf_add(buf, lf_str_of(&c, 1));
        return;
    }
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}
void lf_buf_add_format(struct lf_buf *buf, const char *format, ...)
        LF_PRINTF(2, 3);
void lf_buf_add_vformat(struct lf_buf *buf, const char *format, va_list args)
        LF_PRINTF(2, 0);
/** The decimal digits of `number`; quicker than a format. */
void lf_buf_add_u64(struct lf_buf *buf, uint64_t number);

/** The contents, borrowed until the next change. */
struct lf_str lf_buf_str(const struct lf_buf *buf);

/**
 * The contents, now the caller's: free(3) `data`, which is NULL if there is
 * nothing. The buffer is empty then, and usable again.
 */
struct lf_str lf_buf_take(struct lf_buf *buf);

/** Whether an allocation has failed since the buffer was made or cleared. */
bool lf_buf_failed(const struct lf_buf *buf);

#endif
