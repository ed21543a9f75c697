/* SPDX-License-Identifier: MIT */
/*
 * windows_text.c - what a link stores, as text and as bytes
 *
 * A REPARSE_DATA_BUFFER, all numbers little-endian:
 *
 *     0  u32 tag                      16  u32 flags (symlinks only)
 *     4  u16 bytes after these eight  20  names, UTF-16
 *     6  u16 zero                         (16 in a junction, each with a NUL)
 *     8  u16 offset, u16 length of the substitute name, in bytes
 *    12  u16 offset, u16 length of the print name
 */
#include "base/escape.h"
#include "base/util.h"
#include "resolve/windows.h"

#include <errno.h>
#include <stdlib.h>

enum {
    TAG_SYMLINK = 0x000c, /* the tags' lower halves; the upper is a000 */
    TAG_JUNCTION = 0x0003,
    TAG_UPPER = 0xa000,
    FLAG_RELATIVE = 1,
    HEAD = 8,
    NAMES_JUNCTION = 16,
    NAMES_SYMLINK = 20,
};

/* ---- text ---- */

void lf_win_text_finish(struct lf_win_text *text)
{
    lf_free_const(text->substitute.data);
    lf_free_const(text->print.data);
    *text = (struct lf_win_text){0};
}

static bool take(struct lf_buf *substitute, struct lf_buf *print,
                 struct lf_win_text *ret, struct lf_error *err)
{
    /* an empty text, too, is memory of its own */
    if (!lf_buf_reserve(substitute, 0) || !lf_buf_reserve(print, 0)) {
        lf_buf_finish(substitute);
        lf_buf_finish(print);
        return lf_error_oom(err);
    }
    ret->substitute = lf_buf_take(substitute);
    ret->print = lf_buf_take(print);
    return true;
}

/* Relative and rooted text is stored as it is, but for its slashes. */
static bool relative_text(struct lf_str text, struct lf_win_text *ret,
                          struct lf_error *err)
{
    struct lf_buf substitute = {0}, print = {0};
    for (size_t i = 0; i < text.len; i++)
        lf_buf_add_char(&print, text.data[i] == '/' ? '\\' : text.data[i]);
    lf_buf_add(&substitute, lf_buf_str(&print));
    ret->relative = true;
    return take(&substitute, &print, ret, err);
}

/* A full path behind the prefix of the object manager's names. */
static bool absolute_text(struct lf_str full, struct lf_win_text *ret,
                          struct lf_error *err)
{
    struct lf_buf substitute = {0}, print = {0};
    bool device = lf_str_starts(full, LF_STR("\\\\?\\")) ||
                  lf_str_starts(full, LF_STR("\\\\.\\"));
    bool unc = !device && lf_str_starts(full, LF_STR("\\\\"));
    struct lf_str bare = lf_str_of(full.data + (device ? 4
                                                : unc  ? 2
                                                       : 0),
                                   full.len - (device ? 4
                                               : unc  ? 2
                                                      : 0));
    lf_buf_add(&substitute, LF_STR("\\??\\"));
    lf_buf_add(&substitute, unc ? LF_STR("UNC\\") : LF_STR(""));
    lf_buf_add(&substitute, bare);
    bool long_unc = device && lf_str_starts(bare, LF_STR("UNC\\"));
    if (unc || long_unc)
        lf_buf_add(&print, LF_STR("\\\\"));
    lf_buf_add(&print,
               long_unc ? lf_str_of(bare.data + 4, bare.len - 4) : bare);
    return take(&substitute, &print, ret, err);
}

bool lf_win_link_text(struct lf_str text, const struct lf_win_context *context,
                      struct lf_win_text *ret, struct lf_error *err)
{
    struct lf_win_full_path full;
    if (!lf_win_full_path(text, context, &full, err))
        return false;
    *ret = (struct lf_win_text){0};
    bool relative = full.type == LF_WIN_RELATIVE || full.type == LF_WIN_ROOTED;
    bool done = relative ? relative_text(text, ret, err)
                         : absolute_text(full.full, ret, err);
    lf_free_const(full.full.data);
    return done;
}

/* ---- bytes ---- */

static bool refuse(const char *why, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_REPARSE, EINVAL, "%s", why);
    return false;
}

static void add_u16(struct lf_buf *out, size_t value)
{
    lf_buf_add_char(out, (char)(value & 0xff));
    lf_buf_add_char(out, (char)((value >> 8) & 0xff));
}

/* Appends `text` as UTF-16; false where it is no UTF-8. */
static bool add_utf16(struct lf_buf *out, struct lf_str text)
{
    while (text.len) {
        uint32_t rune;
        size_t len = lf_utf8_next(text, &rune);
        if (len == 0)
            return false;
        if (rune >= 0x10000) {
            add_u16(out, 0xd800 + ((rune - 0x10000) >> 10));
            rune = 0xdc00 + ((rune - 0x10000) & 0x3ff);
        }
        add_u16(out, rune);
        text = lf_str_of(text.data + len, text.len - len);
    }
    return true;
}

/* The names: a symlink's print name first, a junction's last, as their makers
 * do it. */
static bool add_names(struct lf_buf *names, const struct lf_win_text *text,
                      size_t at[4])
{
    bool good = true;
    for (int i = 0; i < 2; i++) {
        bool print = (i == 0) != text->junction;
        size_t *place = at + (print ? 2 : 0);
        place[0] = names->len;
        good = good && add_utf16(names, print ? text->print : text->substitute);
        place[1] = names->len - place[0];
        if (text->junction)
            add_u16(names, 0);
    }
    return good;
}

bool lf_win_reparse_encode(const struct lf_win_text *text,
                           unsigned char **ret_data, size_t *ret_size,
                           struct lf_error *err)
{
    struct lf_buf names = {0}, out = {0};
    size_t at[4];
    size_t head = text->junction ? NAMES_JUNCTION : NAMES_SYMLINK;
    bool good = add_names(&names, text, at);
    bool fits = head + names.len <= LF_WIN_REPARSE_LIMIT;
    if (good && fits) {
        add_u16(&out, text->junction ? TAG_JUNCTION : TAG_SYMLINK);
        add_u16(&out, TAG_UPPER);
        add_u16(&out, head - HEAD + names.len);
        add_u16(&out, 0);
        for (int i = 0; i < 4; i++)
            add_u16(&out, at[i]);
        if (!text->junction) {
            add_u16(&out, text->relative ? FLAG_RELATIVE : 0);
            add_u16(&out, 0);
        }
        lf_buf_add(&out, lf_buf_str(&names));
    }
    bool failed = lf_buf_failed(&names) || lf_buf_failed(&out);
    lf_buf_finish(&names);
    if (failed || !good || !fits) {
        lf_buf_finish(&out);
        if (failed)
            return lf_error_oom(err);
        return refuse(good ? "a link text longer than 16 KiB as stored"
                           : "a link text that is not UTF-8",
                      err);
    }
    *ret_data = (unsigned char *)out.data;
    *ret_size = out.len;
    return true;
}

static size_t get_u16(const unsigned char *data)
{
    return data[0] | (size_t)data[1] << 8;
}

static void add_rune(struct lf_buf *out, uint32_t rune)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int len = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    lf_buf_add_char(out,
                    (char)(lead[len == 1 ? 0 : len] | rune >> (6 * (len - 1))));
    for (int i = len - 2; i >= 0; i--)
        lf_buf_add_char(out, (char)(0x80 | ((rune >> (6 * i)) & 0x3f)));
}

/* Appends UTF-16 as UTF-8; false for half a surrogate pair. */
static bool add_utf8(struct lf_buf *out, const unsigned char *data, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint32_t rune = (uint32_t)get_u16(data + i);
        if (rune >= 0xd800 && rune < 0xe000) {
            uint32_t low = i + 3 < size ? (uint32_t)get_u16(data + i + 2) : 0;
            if (rune >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
                return false;
            rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        add_rune(out, rune);
    }
    return true;
}

/* A name within the buffer; an odd length or offset is no UTF-16. */
static bool get_name(const unsigned char *names, size_t size,
                     const unsigned char *where, struct lf_buf *out)
{
    size_t offset = get_u16(where), len = get_u16(where + 2);
    if (offset > size || len > size - offset || len % 2 || offset % 2)
        return false;
    return add_utf8(out, names + offset, len);
}

bool lf_win_reparse_decode(const unsigned char *data, size_t size,
                           struct lf_win_text *ret, struct lf_error *err)
{
    if (size < NAMES_JUNCTION || size > LF_WIN_REPARSE_LIMIT ||
        get_u16(data + 4) != size - HEAD || get_u16(data + 2) != TAG_UPPER)
        return refuse("not the bytes of a link", err);
    *ret = (struct lf_win_text){.junction = get_u16(data) == TAG_JUNCTION};
    if (!ret->junction && get_u16(data) != TAG_SYMLINK)
        return refuse("neither a symbolic link nor a junction", err);
    size_t head = ret->junction ? NAMES_JUNCTION : NAMES_SYMLINK;
    if (size < head)
        return refuse("not the bytes of a link", err);
    if (!ret->junction)
        ret->relative = get_u16(data + NAMES_JUNCTION) & FLAG_RELATIVE;
    struct lf_buf substitute = {0}, print = {0};
    if (!get_name(data + head, size - head, data + HEAD, &substitute) ||
        !get_name(data + head, size - head, data + HEAD + 4, &print)) {
        lf_buf_finish(&substitute);
        lf_buf_finish(&print);
        return refuse("a link whose names are damaged", err);
    }
    return take(&substitute, &print, ret, err);
}
