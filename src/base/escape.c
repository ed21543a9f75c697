/* SPDX-License-Identifier: MIT */
/*
 * escape.c - any bytes as one line of printable text, and back
 */
#include "base/escape.h"

#include "base/util.h"

#include <assert.h>
#include <string.h>

/* ---- UTF-8 ---- */

/* Rows of Unicode's table 3-7, "well-formed UTF-8 byte sequences": the first
 * byte decides the length and the range of the second; the others are always
 * 0x80 to 0xBF. */
static const struct {
    unsigned char first_low, first_high, second_low, second_high, len;
} sequences[] = {
        {0x00, 0x7f, 0x00, 0x00, 1},
        {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool continues(const unsigned char *at, size_t len)
{
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return false;
    }
    return true;
}

static uint32_t decode(const unsigned char *at, size_t len)
{
    static const unsigned char first_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    assert(len < LF_COUNT(first_mask));
    uint32_t rune = at[0] & first_mask[len];
    for (size_t i = 1; i < len; i++)
        rune = rune << 6 | (at[i] & 0x3f);
    return rune;
}

size_t lf_utf8_next(struct lf_str text, uint32_t *ret_rune)
{
    if (text.len == 0)
        return 0;
    const unsigned char *at = (const unsigned char *)text.data;
    for (size_t i = 0; i < LF_COUNT(sequences); i++) {
        size_t len = sequences[i].len;
        if (at[0] < sequences[i].first_low || at[0] > sequences[i].first_high)
            continue;
        if (text.len < len)
            return 0;
        if (len > 1 && (at[1] < sequences[i].second_low ||
                        at[1] > sequences[i].second_high))
            return 0;
        if (!continues(at, len))
            return 0;
        if (ret_rune)
            *ret_rune = decode(at, len);
        return len;
    }
    return 0;
}

/* ---- the stored form ---- */

static bool stands_for_itself(unsigned char c)
{
    return c > 0x20 && c != 0x7f && c != '\\';
}

/*
 * Whether the eight bytes at `at` stand for themselves, false also for some that
 * do. A byte minus a limit borrows into its top bit where it is below the limit,
 * and bytes with the top bit set stand for themselves, so a borrow from a
 * neighbour can only make us look closer than needed.
 */
static bool eight_plain(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t eight;
    memcpy(&eight, at, sizeof(eight));
    uint64_t slash = eight ^ ones * '\\', del = eight ^ ones * 0x7f;
    uint64_t odd = ((eight - ones * 0x21) & ~eight) |
                   ((slash - ones) & ~slash) | ((del - ones) & ~del);
    return !(odd & tops);
}

/* How many bytes from the start stand for themselves: eight at a time while they
 * all do, since names that need an escape are rare, and the last eight at once. */
static size_t plain_run(struct lf_str text)
{
    size_t i = 0;
    while (text.len - i >= sizeof(uint64_t) && eight_plain(text.data + i))
        i += sizeof(uint64_t);
    size_t rest = text.len - i;
    if (i > 0 && rest > 0 && rest < sizeof(uint64_t) &&
        eight_plain(text.data + text.len - sizeof(uint64_t)))
        return text.len;
    while (i < text.len && stands_for_itself((unsigned char)text.data[i]))
        i++;
    return i;
}

bool lf_stored_is_plain(struct lf_str field)
{
    return field.len > 0 && plain_run(field) == field.len;
}

static void add_stored_byte(struct lf_buf *buf, unsigned char c)
{
    if (c == '\\') {
        lf_buf_add(buf, LF_STR("\\\\"));
        return;
    }
    char octal[] = {'\\', (char)('0' + (c >> 6)), (char)('0' + (c >> 3 & 7)),
                    (char)('0' + (c & 7))};
    lf_buf_add(buf, lf_str_of(octal, sizeof(octal)));
}

void lf_escape_stored(struct lf_buf *buf, struct lf_str text)
{
    if (text.len == 0)
        lf_buf_add(buf, LF_STR("\\-"));
    while (text.len > 0) {
        size_t plain = plain_run(text);
        lf_buf_add(buf, lf_str_of(text.data, plain));
        if (plain == text.len)
            return;
        add_stored_byte(buf, (unsigned char)text.data[plain++]);
        text = lf_str_of(text.data + plain, text.len - plain);
    }
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/*
 * The byte that the escape at the start of `field` stands for, and the length
 * of the escape; 0 if it is not one that add_stored_byte() writes.
 */
static size_t take_escape(struct lf_str field, char *ret_byte)
{
    const char *at = field.data;
    if (field.len >= 2 && at[1] == '\\') {
        *ret_byte = '\\';
        return 2;
    }
    if (field.len < 4 || !is_octal(at[1]) || !is_octal(at[2]) ||
        !is_octal(at[3]))
        return 0;
    int byte = (at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0');
    if (byte > 0xff || byte == '\\' || stands_for_itself((unsigned char)byte))
        return 0;
    *ret_byte = (char)byte;
    return 4;
}

static bool unescape(struct lf_buf *buf, struct lf_str field)
{
    while (field.len > 0) {
        size_t plain = plain_run(field);
        lf_buf_add(buf, lf_str_of(field.data, plain));
        field = lf_str_of(field.data + plain, field.len - plain);
        if (field.len == 0)
            break;
        char byte;
        size_t len = field.data[0] == '\\' ? take_escape(field, &byte) : 0;
        if (len == 0)
            return false;
        lf_buf_add_char(buf, byte);
        field = lf_str_of(field.data + len, field.len - len);
    }
    return true;
}

bool lf_unescape_stored(struct lf_buf *buf, struct lf_str field)
{
    if (field.len == 0)
        return false;
    if (lf_str_equal(field, LF_STR("\\-")))
        return true;
    size_t start = buf->len;
    if (unescape(buf, field))
        return true;
    lf_buf_truncate(buf, start);
    return false;
}

/* ---- the shown form ---- */

/*
 * Valid code points that a terminal would act on, or that do not show or move
 * what stands around them, so that a name is not what it seems. ZWJ and ZWNJ
 * (U+200C, U+200D) are left alone: ordinary words and emoji need them.
 */
static const struct {
    uint32_t low, high;
} hidden[] = {
        {0x00,    0x1f   },
        {0x7f,    0x9f   }, /* C0, DEL, C1 */
        {0xad,    0xad   }, /* soft hyphen */
        {0x61c,   0x61c  }, /* bidi: ALM */
        {0x180e,  0x180e }, /* vowel separator, zero width */
        {0x200b,  0x200b }, /* zero width space */
        {0x200e,  0x200f }, /* bidi: LRM, RLM */
        {0x2028,  0x202e }, /* separators; bidi embeddings */
        {0x2060,  0x206f }, /* invisible; bidi isolates */
        {0xfeff,  0xfeff }, /* byte order mark */
        {0xfff9,  0xfffb }, /* interlinear annotation */
        {0xe0000, 0xe007f}, /* tags */
};

static bool is_hidden(uint32_t rune)
{
    if (rune >= 0x20 && rune < 0x7f)
        return false;
    for (size_t i = 0; i < LF_COUNT(hidden); i++) {
        if (rune >= hidden[i].low && rune <= hidden[i].high)
            return true;
    }
    return false;
}

static void add_shown_rune(struct lf_buf *buf, uint32_t rune)
{
    switch (rune) {
    case '\n':
        lf_buf_add(buf, LF_STR("\\n"));
        break;
    case '\t':
        lf_buf_add(buf, LF_STR("\\t"));
        break;
    case 0x1b:
        lf_buf_add(buf, LF_STR("\\e"));
        break;
    default:
        if (rune < 0x80)
            lf_buf_add_format(buf, "\\x%02x", (unsigned)rune);
        else
            lf_buf_add_format(buf, "\\u{%04x}", (unsigned)rune);
    }
}

/* Printable ASCII is shown as it is, and most texts are nothing else. */
static size_t ascii_run(struct lf_str text)
{
    size_t len = 0;
    while (len < text.len && text.data[len] >= ' ' && text.data[len] <= '~')
        len++;
    return len;
}

/*
 * The length of what stands at the start of `text`: a code point, or one byte
 * that begins none. `*ret_plain` says whether it is shown as it is.
 */
static size_t next_shown(struct lf_str text, uint32_t *ret_rune,
                         bool *ret_valid, bool *ret_plain)
{
    size_t len = lf_utf8_next(text, ret_rune);
    *ret_valid = len > 0;
    *ret_plain = len > 0 && !is_hidden(*ret_rune);
    return len > 0 ? len : 1;
}

void lf_escape_shown(struct lf_buf *buf, struct lf_str text)
{
    size_t len;
    for (size_t i = 0; i < text.len; i += len) {
        uint32_t rune = 0;
        bool valid, plain;
        struct lf_str rest = lf_str_of(text.data + i, text.len - i);
        len = ascii_run(rest);
        if (len > 0) {
            lf_buf_add(buf, lf_str_of(rest.data, len));
            continue;
        }
        len = next_shown(rest, &rune, &valid, &plain);
        if (plain)
            lf_buf_add(buf, lf_str_of(rest.data, len));
        else if (valid)
            add_shown_rune(buf, rune);
        else
            lf_buf_add_format(buf, "\\x%02x", (unsigned char)rest.data[0]);
    }
}

bool lf_needs_escape(struct lf_str text)
{
    size_t len;
    for (size_t i = ascii_run(text); i < text.len; i += len) {
        uint32_t rune = 0;
        bool valid, plain;
        len = next_shown(lf_str_of(text.data + i, text.len - i), &rune, &valid,
                         &plain);
        if (!plain)
            return true;
    }
    return false;
}

/* What means nothing to any shell. */
static bool is_bare(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (unsigned char)c >= 0x80 || (c != '\0' && strchr("_@%+:,./-", c));
}

/* What is not to be seen is written as the bytes that it is, which the dollar quotes of
 * POSIX.1-2024, and of bash, zsh and ksh before, turn into them again. */
static void add_dollar_quoted(struct lf_buf *buf, struct lf_str text)
{
    size_t len;
    lf_buf_add(buf, LF_STR("$'"));
    for (size_t i = 0; i < text.len; i += len) {
        uint32_t rune = 0;
        bool valid, plain;
        struct lf_str rest = lf_str_of(text.data + i, text.len - i);
        len = next_shown(rest, &rune, &valid, &plain);
        if (*rest.data == '\'' || *rest.data == '\\')
            lf_buf_add_char(buf, '\\');
        if (plain)
            lf_buf_add(buf, lf_str_of(rest.data, len));
        for (size_t k = 0; k < len && !plain; k++)
            lf_buf_add_format(buf, "\\%03o", (unsigned char)rest.data[k]);
    }
    lf_buf_add_char(buf, '\'');
}

void lf_escape_argument(struct lf_buf *buf, struct lf_str text)
{
    bool quotes = text.len == 0;
    if (lf_needs_escape(text)) {
        add_dollar_quoted(buf, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        quotes |= !is_bare(text.data[i]);
    if (quotes)
        lf_buf_add_char(buf, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\'')
            lf_buf_add(buf, LF_STR("'\\'"));
        lf_buf_add_char(buf, text.data[i]);
    }
    if (quotes)
        lf_buf_add_char(buf, '\'');
}
