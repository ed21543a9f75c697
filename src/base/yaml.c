/* SPDX-License-Identifier: MIT */
/*
 * yaml.c - writing texts that a manifest reads back as they were
 */
#include "base/yaml.h"

#include "base/escape.h"
#include "base/path.h"

/* Bytes that mean nothing to YAML wherever they stand in a text. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c != '\0' && strchr("._/+", c));
}

/* '-' and '~' do so only at the beginning. */
static bool needs_quotes(struct lf_str text)
{
    if (text.len == 0 || !is_plain(text.data[0]))
        return true;
    for (size_t i = 1; i < text.len; i++) {
        if (!is_plain(text.data[i]) && text.data[i] != '-' &&
            text.data[i] != '~')
            return true;
    }
    return false;
}

/* What no manifest may hold as it is: what would not be seen, and the last two
 * characters of each plane, which are none. */
static bool is_escaped(struct lf_str bytes, uint32_t rune)
{
    return lf_needs_escape(bytes) || (rune & 0xfffe) == 0xfffe;
}

/* `dollar` is how one is said. */
static void add_rune(struct lf_buf *buf, const char *dollar,
                     struct lf_str bytes, uint32_t rune)
{
    if (rune == '$')
        lf_buf_add(buf, lf_str(dollar));
    else if (rune == '"' || rune == '\\')
        lf_buf_add_format(buf, "\\%c", (char)rune);
    else if (!is_escaped(bytes, rune))
        lf_buf_add(buf, bytes);
    else if (rune < 0x100)
        lf_buf_add_format(buf, "\\x%02x", rune);
    else if (rune < 0x10000)
        lf_buf_add_format(buf, "\\u%04x", rune);
    else
        lf_buf_add_format(buf, "\\U%08x", rune);
}

static bool add_runes(struct lf_buf *buf, const char *dollar,
                      struct lf_str text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i += len) {
        uint32_t rune = 0;
        len = lf_utf8_next(lf_str_of(text.data + i, text.len - i), &rune);
        if (len == 0)
            return false;
        add_rune(buf, dollar, lf_str_of(text.data + i, len), rune);
    }
    return true;
}

/* `head` stands before the text, and is not to be escaped. */
static bool add(struct lf_buf *buf, const char *dollar, const char *head,
                struct lf_str text)
{
    size_t begin = buf->len;
    const char *quote =
            (*head ? text.len > 0 : true) && needs_quotes(text) ? "\"" : "";
    lf_buf_add(buf, lf_str(quote));
    lf_buf_add(buf, lf_str(head));
    if (!add_runes(buf, dollar, text)) {
        if (!lf_buf_failed(buf))
            lf_buf_truncate(buf, begin);
        return false;
    }
    lf_buf_add(buf, lf_str(quote));
    return true;
}

bool lf_yaml_add(struct lf_buf *buf, struct lf_str text)
{
    return add(buf, "$$", "", text);
}

bool lf_yaml_add_pattern(struct lf_buf *buf, struct lf_str pattern)
{
    return add(buf, "$", "", pattern);
}

bool lf_yaml_add_path(struct lf_buf *buf, struct lf_str path,
                      struct lf_str home)
{
    if (home.len <= 1 || !lf_path_within(path, home))
        return add(buf, "$$", "", path);
    size_t skip = home.len + (path.len > home.len);
    return add(buf, "$$", "~/", lf_str_of(path.data + skip, path.len - skip));
}
