/* SPDX-License-Identifier: MIT */
/*
 * error.c - filling a struct lf_error; the table of codes
 */
#include <linkfarm/error.h>

#include "base/buf.h"
#include "base/util.h"

#include <errno.h>
#include <stdio.h>

static bool inside_rune(const char *at)
{
    return ((unsigned char)*at & 0xc0) == 0x80;
}

/*
 * Copy `text` and a NUL into `out`. What does not fit is cut from the middle,
 * because the beginning says what failed and the end says where or why.
 */
static void fit(char *out, size_t size, struct lf_str text)
{
    static const char gap[] = "...";
    const char *data = text.data ? text.data : "";
    if (text.len < size) {
        memcpy(out, data, text.len);
        out[text.len] = '\0';
        return;
    }
    size_t room = size - sizeof(gap);
    size_t head = room / 2;
    size_t tail = text.len - (room - head);
    /* at most three bytes each way, or bytes that are not UTF-8 would all go */
    for (int i = 0; i < 3 && inside_rune(data + head); i++)
        head--;
    for (int i = 0; i < 3 && inside_rune(data + tail); i++)
        tail++;
    memcpy(out, data, head);
    memcpy(out + head, gap, sizeof(gap) - 1);
    memcpy(out + head + sizeof(gap) - 1, data + tail, text.len - tail);
    out[head + sizeof(gap) - 1 + text.len - tail] = '\0';
}

/* Without memory for the whole text, the end is lost instead of the middle. */
LF_PRINTF(3, 0)
static void set_format(char *out, size_t size, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    struct lf_buf whole = {0};
    lf_buf_add_vformat(&whole, format, args);
    if (lf_buf_failed(&whole))
        vsnprintf(out, size, format, again);
    else
        fit(out, size, lf_buf_str(&whole));
    lf_buf_finish(&whole);
    va_end(again);
}

void lf_error_set(struct lf_error *err, enum lf_code code, int os_errno,
                  const char *format, ...)
{
    /* in between, because the arguments may point into `err` */
    char message[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    set_format(message, sizeof(message), format, args);
    va_end(args);
    err->code = code;
    err->os_errno = os_errno;
    err->mark = (struct lf_mark){0};
    err->help[0] = '\0';
    memcpy(err->message, message, sizeof(message));
}

void lf_error_help(struct lf_error *err, const char *format, ...)
{
    char help[sizeof(err->help)];
    va_list args;
    va_start(args, format);
    set_format(help, sizeof(help), format, args);
    va_end(args);
    memcpy(err->help, help, sizeof(help));
}

void lf_error_prefix(struct lf_error *err, const char *format, ...)
{
    struct lf_buf whole = {0};
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(&whole, format, args);
    va_end(args);
    lf_buf_add(&whole, LF_STR(": "));
    lf_buf_add(&whole, lf_str_of(err->message, strlen(err->message)));
    if (!lf_buf_failed(&whole))
        fit(err->message, sizeof(err->message), lf_buf_str(&whole));
    lf_buf_finish(&whole);
}

#undef lf_error_oom
bool lf_error_oom(struct lf_error *err)
{
    *err = (struct lf_error){.code = LF_CODE_NO_MEMORY,
                             .os_errno = ENOMEM,
                             .message = "out of memory"};
    return false;
}

/* A switch, so that two codes with one number do not compile. */
int lf_code_exit(enum lf_code code)
{
#define LF_CODE_ENUM(number, name, exit_code, meaning)                         \
    case LF_CODE_##name:                                                       \
        return exit_code;
    switch (code) {
    case LF_CODE_NONE:
        return 0;
#include <linkfarm/codes.h>
    }
#undef LF_CODE_ENUM
    return 1;
}

const char *lf_code_meaning(enum lf_code code)
{
#define LF_CODE_ENUM(number, name, exit_code, meaning)                         \
    case LF_CODE_##name:                                                       \
        return meaning;
    switch (code) {
    case LF_CODE_NONE:
        return NULL;
#include <linkfarm/codes.h>
    }
#undef LF_CODE_ENUM
    return NULL;
}

enum lf_code lf_code_at(size_t index)
{
#define LF_CODE_ENUM(number, name, exit_code, meaning) LF_CODE_##name,
    static const enum lf_code codes[] = {
#include <linkfarm/codes.h>
    };
#undef LF_CODE_ENUM
    return index < LF_COUNT(codes) ? codes[index] : LF_CODE_NONE;
}
