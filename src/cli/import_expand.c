/* SPDX-License-Identifier: MIT */
/*
 * import_expand.c - `~/`, variables and patterns in a configuration of dotbot
 */
#include "cli/import_dotbot.h"

#include <stdlib.h>

/* The value of $NAME or ${NAME} at the start of `rest`, which is moved behind
 * it; NULL where there is none. */
static const char *take_variable(struct lf_str *rest)
{
    char name[128];
    size_t braced = rest->len > 1 && rest->data[1] == '{', len = 0;
    const char *at = rest->data + 1 + braced;
    size_t left = rest->len - 1 - braced;
    while (len < left &&
           (at[len] == '_' || (at[len] >= '0' && at[len] <= '9') ||
            ((at[len] | 0x20) >= 'a' && (at[len] | 0x20) <= 'z')))
        len++;
    if (len == 0 || len >= sizeof(name) ||
        (braced && (len == left || at[len] != '}')))
        return NULL;
    memcpy(name, at, len);
    name[len] = '\0';
    len += 1 + 2 * braced;
    *rest = lf_str_of(rest->data + len, rest->len - len);
    return getenv(name);
}

bool lf_dotbot_expand(struct lf_buf *buf, struct lf_str text,
                      struct lf_str home)
{
    if (text.len > 0 && text.data[0] == '~') {
        if (home.len == 0 || (text.len > 1 && text.data[1] != '/'))
            return false;
        lf_buf_add(buf, home);
        text = lf_str_of(text.data + 1, text.len - 1);
    }
    while (text.len > 0) {
        if (*text.data == '$') {
            const char *value = take_variable(&text);
            if (!value)
                return false;
            lf_buf_add(buf, lf_str(value));
            continue;
        }
        lf_buf_add_char(buf, *text.data);
        text = lf_str_of(text.data + 1, text.len - 1);
    }
    return true;
}

/* Where the bracket at the start of `text` is closed, as Python sees it; 0 where it is
 * not. */
static size_t bracket_end(struct lf_str text)
{
    size_t at = 1;
    if (at < text.len && text.data[at] == '!')
        at++;
    if (at < text.len && text.data[at] == ']')
        at++;
    while (at < text.len && text.data[at] != ']')
        at++;
    return at < text.len ? at : 0;
}

static void add_bracket(struct lf_buf *buf, struct lf_str inside)
{
    size_t i = lf_str_starts(inside, LF_STR("!"));
    lf_buf_add(buf, i ? LF_STR("[!") : LF_STR("["));
    for (; i < inside.len; i++) {
        if (inside.data[i] != '-')
            lf_buf_add_char(buf, '\\');
        lf_buf_add_char(buf, inside.data[i]);
    }
    lf_buf_add_char(buf, ']');
}

void lf_dotbot_pattern(struct lf_buf *buf, struct lf_str pattern)
{
    while (pattern.len > 0) {
        size_t len = 1, end = 0;
        if (*pattern.data == '[')
            end = bracket_end(pattern);
        if (end > 0) {
            add_bracket(buf, lf_str_of(pattern.data + 1, end - 1));
            len = end + 1;
        } else {
            if (*pattern.data == '[' || *pattern.data == '\\')
                lf_buf_add_char(buf, '\\');
            lf_buf_add_char(buf, *pattern.data);
        }
        pattern = lf_str_of(pattern.data + len, pattern.len - len);
    }
}
