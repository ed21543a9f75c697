/* SPDX-License-Identifier: MIT */
/*
 * lines.c - a checked file of lines, put together and taken apart line by line
 */
#include "ledger/lines.h"

#include "base/escape.h"

void lf_lines_finish(struct lf_lines *lines)
{
    for (unsigned i = 0; i < LF_LINE_TEXTS; i++)
        lf_buf_finish(&lines->texts[i]);
}

bool lf_lines_fault(struct lf_lines *lines, const char *fault)
{
    lf_error_set(lines->err, lines->corrupt, 0, "line %llu: %s",
                 (unsigned long long)lines->line, fault);
    return false;
}

/* Take the next line off the text and its first fields apart. Returns what stands
 * behind them in the line, its end if nothing does; NULL for a fault, and at the
 * end of the text. */
static const char *take_line(struct lf_lines *lines, unsigned most,
                             const char **ret_end)
{
    lines->n_fields = 0;
    lines->ended = lines->text.len == 0;
    lines->line++;
    if (lines->ended)
        return NULL;
    const char *at = lines->text.data;
    const char *end = memchr(at, '\n', lines->text.len);
    if (!end) {
        lf_lines_fault(lines, "the line has no end");
        return NULL;
    }
    lines->text.len -= (size_t)(end + 1 - at);
    lines->text.data = end + 1;
    *ret_end = end;
    while (lines->n_fields < most) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        const char *stop = space ? space : end;
        lines->fields[lines->n_fields++] = lf_str_of(at, (size_t)(stop - at));
        if (!space)
            return end;
        at = space + 1;
    }
    return at;
}

bool lf_lines_next(struct lf_lines *lines)
{
    const char *end;
    const char *rest = take_line(lines, LF_LINE_FIELDS, &end);
    if (!rest)
        return lines->ended;
    return rest == end || lf_lines_fault(lines, "the line has too many fields");
}

bool lf_lines_next_part(struct lf_lines *lines, unsigned fields)
{
    const char *end;
    return take_line(lines, fields, &end) || lines->ended;
}

/* Without taking apart the lines between: of a text's bytes none is a \n. */
bool lf_lines_seek(struct lf_lines *lines, const char *keyword)
{
    struct lf_str word = lf_str(keyword);
    while (lines->text.len > 0 &&
           !(lf_str_starts(lines->text, word) && lines->text.len > word.len &&
             lines->text.data[word.len] == ' ')) {
        const char *end = memchr(lines->text.data, '\n', lines->text.len);
        size_t len =
                end ? (size_t)(end + 1 - lines->text.data) : lines->text.len;
        lines->text.data += len;
        lines->text.len -= len;
        lines->line++;
    }
    return lf_lines_next(lines);
}

bool lf_lines_is(const struct lf_lines *lines, const char *keyword)
{
    return lines->n_fields > 0 &&
           lf_str_equal(lines->fields[0], lf_str(keyword));
}

static bool take(struct lf_lines *lines, unsigned index, struct lf_str *ret)
{
    if (index >= lines->n_fields)
        return lf_lines_fault(lines, "a field is missing");
    *ret = lines->fields[index];
    return true;
}

bool lf_lines_text(struct lf_lines *lines, unsigned index, unsigned slot,
                   struct lf_str *ret_text)
{
    struct lf_str field;
    struct lf_buf *buf = &lines->texts[slot];
    if (!take(lines, index, &field))
        return false;
    lf_buf_clear(buf);
    if (!lf_unescape_stored(buf, field))
        return lf_lines_fault(lines, "a text is not in the stored form");
    if (lf_buf_failed(buf))
        return lf_error_oom(lines->err);
    *ret_text = lf_buf_str(buf);
    return true;
}

bool lf_lines_bytes(struct lf_lines *lines, unsigned index, unsigned slot,
                    struct lf_str *ret_text)
{
    if (index >= lines->n_fields || !lf_stored_is_plain(lines->fields[index]))
        return lf_lines_text(lines, index, slot, ret_text);
    *ret_text = lines->fields[index];
    return true;
}

void lf_lines_add_text(struct lf_buf *buf, struct lf_str text)
{
    lf_buf_add_char(buf, ' ');
    lf_escape_stored(buf, text);
}

void lf_lines_add_pair(struct lf_buf *buf, struct lf_pair text)
{
    if (text.start.len == 0) {
        lf_lines_add_text(buf, text.rest);
        return;
    }
    lf_lines_add_text(buf, text.start);
    if (text.rest.len > 0)
        lf_escape_stored(buf, text.rest);
}

void lf_lines_add_u64(struct lf_buf *buf, uint64_t number)
{
    lf_buf_add_char(buf, ' ');
    lf_buf_add_u64(buf, number);
}

bool lf_parse_u64(struct lf_str digits, uint64_t *ret_number)
{
    enum { FIT_ALWAYS = 19 }; /* digits, of the 20 of 2^64-1 */
    uint64_t number = 0;
    if (digits.len == 0 || digits.len > FIT_ALWAYS + 1 ||
        (digits.len > 1 && digits.data[0] == '0'))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(unsigned char)digits.data[i] - '0';
        if (digit > 9 ||
            (i == FIT_ALWAYS &&
             (number > UINT64_MAX / 10 || number * 10 > UINT64_MAX - digit)))
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

bool lf_lines_u64(struct lf_lines *lines, unsigned index, uint64_t limit,
                  uint64_t *ret_number)
{
    struct lf_str field;
    if (!take(lines, index, &field))
        return false;
    if (!lf_parse_u64(field, ret_number) || *ret_number > limit)
        return lf_lines_fault(lines, "a number is not one, or too large");
    return true;
}

bool lf_lines_u32(struct lf_lines *lines, unsigned index, uint32_t *ret_number)
{
    uint64_t number;
    if (!lf_lines_u64(lines, index, UINT32_MAX, &number))
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

bool lf_lines_i64(struct lf_lines *lines, unsigned index, int64_t *ret_number)
{
    struct lf_str field;
    if (!take(lines, index, &field))
        return false;
    bool negative = field.len && field.data[0] == '-';
    uint64_t number;
    if (negative)
        field = lf_str_of(field.data + 1, field.len - 1);
    if (!lf_parse_u64(field, &number) || (negative && number == 0) ||
        number > (uint64_t)INT64_MAX + negative)
        return lf_lines_fault(lines, "a number is not one, or too large");
    /* -2^63 has no positive counterpart to negate */
    *ret_number = negative ? -(int64_t)(number - 1) - 1 : (int64_t)number;
    return true;
}
