/* SPDX-License-Identifier: MIT */
/*
 * buf.c - a growing run of bytes that remembers failure
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void lf_buf_finish(struct lf_buf *buf)
{
    free(buf->data);
    *buf = (struct lf_buf){0};
}

void lf_buf_clear(struct lf_buf *buf)
{
    buf->failed = false;
    lf_buf_truncate(buf, 0);
}

void lf_buf_truncate(struct lf_buf *buf, size_t len)
{
    buf->len = len;
    if (buf->data)
        buf->data[len] = '\0';
}

bool lf_buf_reserve(struct lf_buf *buf, size_t extra)
{
    if (buf->failed)
        return false;
    /* one more for the NUL */
    if (extra < buf->capacity - buf->len)
        return true;
    /* no memory is so large, and a capacity that was doubled has to be a size */
    if (extra > SIZE_MAX / 4 - buf->len - 1) {
        buf->failed = true;
        return false;
    }
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < buf->len + extra + 1)
        capacity *= 2;
    char *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    data[buf->len] = '\0';
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void lf_buf_add(struct lf_buf *buf, struct lf_str text)
{
    if (text.len == 0 || !lf_buf_reserve(buf, text.len))
        return;
    memcpy(buf->data + buf->len, text.data, text.len);
    lf_buf_truncate(buf, buf->len + text.len);
}

void lf_buf_add_format(struct lf_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(buf, format, args);
    va_end(args);
}

void lf_buf_add_vformat(struct lf_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0) {
        buf->failed = true;
    } else if (lf_buf_reserve(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void lf_buf_add_u64(struct lf_buf *buf, uint64_t number)
{
    char digits[20]; /* of 2^64-1 */
    size_t start = sizeof(digits);
    if (number < 10) {
        lf_buf_add_char(buf, (char)('0' + number));
        return;
    }
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    lf_buf_add(buf, lf_str_of(digits + start, sizeof(digits) - start));
}

struct lf_str lf_buf_str(const struct lf_buf *buf)
{
    return lf_str_of(buf->data ? buf->data : "", buf->len);
}

struct lf_str lf_buf_take(struct lf_buf *buf)
{
    struct lf_str text = lf_str_of(buf->len ? buf->data : NULL, buf->len);
    if (!text.len)
        lf_buf_finish(buf);
    *buf = (struct lf_buf){0};
    return text;
}

bool lf_buf_failed(const struct lf_buf *buf)
{
    return buf->failed;
}
