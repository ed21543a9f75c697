/* SPDX-License-Identifier: MIT */
/*
 * windows_names.c - names on Windows: case, forbidden and reserved ones
 */
#include "resolve/windows.h"

#include "base/escape.h"

/* ---- case ---- */

/* Lower-case letters first..last, every `step`th, and how far upper case is. */
static const struct {
    uint16_t first, last, step;
    int32_t upper;
} lower[] = {
        {0x0061, 0x007a, 1, -32},
        {0x00e0, 0x00f6, 1, -32},
        {0x00f8, 0x00fe, 1, -32},
        {0x00ff, 0x00ff, 1, 121},
        {0x0101, 0x012f, 2, -1 },
        {0x0133, 0x0137, 2, -1 },
        {0x013a, 0x0148, 2, -1 },
        {0x014b, 0x0177, 2, -1 },
        {0x017a, 0x017e, 2, -1 },
        {0x01ce, 0x01dc, 2, -1 },
        {0x01df, 0x01ef, 2, -1 },
        {0x01f9, 0x021f, 2, -1 },
        {0x0223, 0x0233, 2, -1 },
        {0x03ac, 0x03ac, 1, -38},
        {0x03ad, 0x03af, 1, -37},
        {0x03b1, 0x03c1, 1, -32},
        {0x03c2, 0x03c2, 1, -31},
        {0x03c3, 0x03cb, 1, -32},
        {0x03cc, 0x03cc, 1, -64},
        {0x03cd, 0x03ce, 1, -63},
        {0x03d9, 0x03ef, 2, -1 },
        {0x0430, 0x044f, 1, -32},
        {0x0450, 0x045f, 1, -80},
        {0x0461, 0x0481, 2, -1 },
        {0x048b, 0x04bf, 2, -1 },
        {0x04c2, 0x04ce, 2, -1 },
        {0x04d1, 0x0523, 2, -1 },
        {0x0561, 0x0586, 1, -48},
        {0x1e01, 0x1e95, 2, -1 },
        {0x1ea1, 0x1eff, 2, -1 },
        {0x2170, 0x217f, 1, -16},
        {0x24d0, 0x24e9, 1, -26},
        {0xff41, 0xff5a, 1, -32},
};

static uint32_t to_upper(uint32_t rune)
{
    for (size_t i = 0; i < sizeof(lower) / sizeof(lower[0]); i++) {
        if (rune >= lower[i].first && rune <= lower[i].last &&
            (rune - lower[i].first) % lower[i].step == 0)
            return (uint32_t)((int32_t)rune + lower[i].upper);
    }
    return rune;
}

/* Only letters of the table's planes change, none of four bytes. */
static void add_rune(struct lf_buf *buf, uint32_t rune)
{
    if (rune < 0x80) {
        lf_buf_add_char(buf, (char)rune);
    } else if (rune < 0x800) {
        lf_buf_add_char(buf, (char)(0xc0 | (rune >> 6)));
        lf_buf_add_char(buf, (char)(0x80 | (rune & 0x3f)));
    } else {
        lf_buf_add_char(buf, (char)(0xe0 | (rune >> 12)));
        lf_buf_add_char(buf, (char)(0x80 | ((rune >> 6) & 0x3f)));
        lf_buf_add_char(buf, (char)(0x80 | (rune & 0x3f)));
    }
}

/* Takes one character off; a byte that is no UTF-8 is one by itself. */
static uint32_t next_rune(struct lf_str *rest, size_t *ret_len)
{
    uint32_t rune = (unsigned char)rest->data[0];
    size_t len = lf_utf8_next(*rest, &rune);
    *ret_len = len;
    len = len ? len : 1;
    *rest = lf_str_of(rest->data + len, rest->len - len);
    return rune;
}

void lf_win_fold(struct lf_buf *buf, struct lf_str name)
{
    while (name.len) {
        struct lf_str as_it_is = name;
        size_t len;
        uint32_t rune = next_rune(&name, &len);
        uint32_t upper = len && len < 4 ? to_upper(rune) : rune;
        if (upper != rune)
            add_rune(buf, upper);
        else
            lf_buf_add(buf, lf_str_of(as_it_is.data, len ? len : 1));
    }
}

bool lf_win_same_name(struct lf_str a, struct lf_str b)
{
    while (a.len && b.len) {
        size_t len_a, len_b;
        uint32_t x = next_rune(&a, &len_a), y = next_rune(&b, &len_b);
        if (len_a ? !len_b || to_upper(x) != to_upper(y) : len_b || x != y)
            return false;
    }
    return a.len == 0 && b.len == 0;
}

/* ---- what a name may be ---- */

static size_t utf16_units(struct lf_str name)
{
    size_t units = 0;
    while (name.len) {
        size_t len;
        next_rune(&name, &len);
        units += len == 4 ? 2 : 1;
    }
    return units;
}

static bool has_bad_char(struct lf_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < 0x20 || strchr("<>:\"/\\|?*", c))
            return true;
    }
    return false;
}

static bool is_dots(struct lf_str name)
{
    return lf_str_equal(name, LF_STR(".")) || lf_str_equal(name, LF_STR(".."));
}

bool lf_win_is_name(struct lf_str name)
{
    return name.len && !is_dots(name) && !has_bad_char(name) &&
           utf16_units(name) <= LF_WIN_NAME_LIMIT;
}

/* One digit from 1, or a superscript one, two or three. */
static bool is_port_number(struct lf_str digits)
{
    if (digits.len == 1)
        return digits.data[0] >= '1' && digits.data[0] <= '9';
    return lf_str_equal(digits, LF_STR("\xc2\xb9")) ||
           lf_str_equal(digits, LF_STR("\xc2\xb2")) ||
           lf_str_equal(digits, LF_STR("\xc2\xb3"));
}

struct lf_str lf_win_device(struct lf_str name)
{
    static const char *const devices[] = {"CON", "PRN",    "AUX",
                                          "NUL", "CONIN$", "CONOUT$"};
    const char *end = name.len ? name.data : NULL;
    size_t len = 0;
    while (len < name.len && end[len] != '.' && end[len] != ':')
        len++;
    while (len && end[len - 1] == ' ')
        len--;
    struct lf_str base = lf_str_of(name.data, len);
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        if (lf_win_same_name(base, lf_str(devices[i])))
            return base;
    struct lf_str port = lf_str_of(base.data, len < 3 ? len : 3);
    bool is_port = (lf_win_same_name(port, LF_STR("COM")) ||
                    lf_win_same_name(port, LF_STR("LPT"))) &&
                   is_port_number(lf_str_of(base.data + 3, len - 3));
    return is_port ? base : lf_str_of(name.data, 0);
}

enum lf_win_name_fault lf_win_check_name(struct lf_str name)
{
    if (name.len == 0)
        return LF_WIN_NAME_EMPTY;
    if (is_dots(name))
        return LF_WIN_NAME_DOTS;
    if (has_bad_char(name))
        return LF_WIN_NAME_BAD_CHAR;
    char last = name.data[name.len - 1];
    if (last == '.' || last == ' ')
        return LF_WIN_NAME_TRAILING;
    if (lf_win_device(name).len)
        return LF_WIN_NAME_RESERVED;
    if (utf16_units(name) > LF_WIN_NAME_LIMIT)
        return LF_WIN_NAME_TOO_LONG;
    return LF_WIN_NAME_OK;
}

const char *lf_win_name_fault_name(enum lf_win_name_fault fault)
{
    static const char *const names[] = {
            [LF_WIN_NAME_OK] = "ok",
            [LF_WIN_NAME_EMPTY] = "empty",
            [LF_WIN_NAME_DOTS] = "dots",
            [LF_WIN_NAME_BAD_CHAR] = "bad_char",
            [LF_WIN_NAME_TRAILING] = "trailing",
            [LF_WIN_NAME_RESERVED] = "reserved",
            [LF_WIN_NAME_TOO_LONG] = "too_long",
    };
    return names[fault];
}
