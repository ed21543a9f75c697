/* SPDX-License-Identifier: MIT */
/*
 * source.c - finding a line of a user's file again
 */
#include "base/source.h"

#include "base/escape.h"

/* How many of the eight bytes of `word` are LF: after the xor an LF is a zero
 * byte, and the two steps set the top bit of exactly the zero bytes. */
static unsigned count_line_ends(uint64_t word)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    word ^= UINT64_C(0x0a0a0a0a0a0a0a0a);
    uint64_t zero = ~(((word & low) + low) | word | low);
    return (unsigned)((zero >> 7) * UINT64_C(0x0101010101010101) >> 56);
}

/* The offset behind `ends` line ends, or the length if there are fewer. */
static size_t skip_lines(struct lf_str text, uint32_t ends)
{
    size_t at = 0;
    while (ends && text.len - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof(word));
        unsigned here = count_line_ends(word);
        if (here >= ends)
            break;
        ends -= here;
        at += sizeof(word);
    }
    while (ends && at < text.len)
        ends -= text.data[at++] == '\n';
    return ends ? text.len : at;
}

uint32_t lf_source_lines(struct lf_str text)
{
    uint32_t lines = 1;
    const char *at = text.len ? text.data : "", *end = at + text.len;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        lines++;
        at++;
    }
    return lines;
}

struct lf_str lf_source_line(const struct lf_source *source, uint32_t line)
{
    struct lf_str text = source->text;
    size_t start = line > 1 ? skip_lines(text, line - 1) : 0;
    struct lf_str rest = lf_str_of(text.data + start, text.len - start);
    const char *end = rest.len ? memchr(rest.data, '\n', rest.len) : NULL;
    if (end)
        rest.len = (size_t)(end - rest.data);
    if (rest.len && rest.data[rest.len - 1] == '\r')
        rest.len--;
    return rest;
}

static size_t next_column(struct lf_str text)
{
    size_t len = lf_utf8_next(text, NULL);
    return len ? len : 1;
}

size_t lf_source_offset(struct lf_str line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < column && at < line.len; i++)
        at += next_column(lf_str_of(line.data + at, line.len - at));
    return at;
}

uint32_t lf_source_columns(struct lf_str text)
{
    uint32_t columns = 0;
    for (size_t at = 0; at < text.len; columns++)
        at += next_column(lf_str_of(text.data + at, text.len - at));
    return columns;
}
