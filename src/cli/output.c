/* SPDX-License-Identifier: MIT */
/*
 * output.c - standard output and standard error
 */
#define _XOPEN_SOURCE 700 /* wcwidth(3) */
#include "cli/output.h"

#include "base/escape.h"
#include "platform/term.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

static const char *value_of(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

bool lf_escapes_work(FILE *file)
{
    const char *term = value_of("TERM");
    return lf_term_is(file) && *term && strcmp(term, "dumb") != 0;
}

bool lf_color_wanted(enum lf_color color, FILE *file)
{
    if (color != LF_COLOR_AUTO)
        return color == LF_COLOR_ALWAYS;
    if (*value_of("NO_COLOR"))
        return false;
    const char *force = value_of("CLICOLOR_FORCE");
    if (*force && strcmp(force, "0") != 0)
        return true;
    return lf_escapes_work(file);
}

/* ---- writing ---- */

void lf_stream_write(struct lf_stream *stream, struct lf_str text)
{
    if (stream->error || text.len == 0)
        return;
    errno = 0;
    if (fwrite(text.data, 1, text.len, stream->file) < text.len)
        stream->error = errno ? errno : EIO;
}

void lf_stream_put(struct lf_stream *stream, const struct lf_buf *buf)
{
    if (lf_buf_failed(buf) && !stream->error)
        stream->error = ENOMEM;
    lf_stream_write(stream, lf_buf_str(buf));
}

void lf_stream_print(struct lf_stream *stream, const char *format, ...)
{
    struct lf_buf buf = {0};
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(&buf, format, args);
    va_end(args);
    lf_stream_put(stream, &buf);
    lf_buf_finish(&buf);
}

int lf_stream_flush(struct lf_stream *stream)
{
    errno = 0;
    if (!stream->error && fflush(stream->file) == EOF)
        stream->error = errno ? errno : EIO;
    return stream->error;
}

/* ---- colours and columns ---- */

void lf_paint_add(struct lf_buf *buf, bool color, enum lf_paint paint,
                  struct lf_str text)
{
    static const char *const codes[] = {
            [LF_PAINT_NONE] = "",          [LF_PAINT_BOLD] = "\033[1m",
            [LF_PAINT_DIM] = "\033[2m",    [LF_PAINT_RED] = "\033[31m",
            [LF_PAINT_GREEN] = "\033[32m", [LF_PAINT_YELLOW] = "\033[33m",
            [LF_PAINT_BLUE] = "\033[34m",
    };
    if (!color || paint == LF_PAINT_NONE) {
        lf_buf_add(buf, text);
        return;
    }
    lf_buf_add(buf, lf_str(codes[paint]));
    lf_buf_add(buf, text);
    lf_buf_add(buf, LF_STR("\033[0m"));
}

void lf_help_add(struct lf_buf *buf, bool color, struct lf_str help)
{
    const char *lead = "help: ";
    while (help.len > 0) {
        const char *end = memchr(help.data, '\n', help.len);
        size_t len = end ? (size_t)(end - help.data) : help.len;
        lf_paint_add(buf, color && *lead == 'h', LF_PAINT_BLUE, lf_str(lead));
        lf_escape_shown(buf, lf_str_of(help.data, len));
        lf_buf_add_char(buf, '\n');
        len += end != NULL;
        help = lf_str_of(help.data + len, help.len - len);
        lead = "      ";
    }
}

/* wcwidth(3) knows the width of a character only in a locale that has it. The
 * locale is looked for when the first one beyond ASCII turns up, which for
 * most is never. */
static size_t rune_width(uint32_t rune)
{
    const char *now = setlocale(LC_CTYPE, NULL);
    if (now && strcmp(now, "C") == 0 && !setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    int width = wcwidth((wchar_t)rune);
    return width < 0 ? 1 : (size_t)width;
}

size_t lf_width(struct lf_str text)
{
    size_t width = 0, len = 0;
    for (size_t i = 0; i < text.len; i += len) {
        struct lf_str rest = lf_str_of(text.data + i, text.len - i);
        uint32_t rune = 0;
        bool is_ascii = (unsigned char)rest.data[0] < 0x80;
        len = is_ascii ? 1 : lf_utf8_next(rest, &rune);
        width += len > 1 ? rune_width(rune) : 1;
        len += len == 0; /* a byte that begins no code point takes a column */
    }
    return width;
}

void lf_pad(struct lf_buf *buf, size_t width, size_t wanted)
{
    for (; width < wanted; width++)
        lf_buf_add_char(buf, ' ');
}
