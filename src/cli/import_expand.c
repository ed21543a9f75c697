/* SPDX-License-Identifier: MIT */
/*
 * import_expand.c - `~/` and variables in a configuration of dotbot
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
