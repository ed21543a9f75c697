/* SPDX-License-Identifier: MIT */
/*
 * cures.c - commands that can be copied
 */
#include "cli/cures.h"

#include "base/escape.h"
#include "cli/commands.h"
#include "cli/output.h"

static void add_option(struct lf_buf *buf, const char *name, const char *value)
{
    if (!value)
        return;
    lf_buf_add_format(buf, " --%s=", name);
    lf_escape_argument(buf, lf_str(value));
}

void lf_cure_options_add(struct lf_buf *buf, const struct lf_options *options)
{
    add_option(buf, "root", options->root);
    add_option(buf, "state-dir", options->state_dir);
}

/* The length of the command at the start of `text` that has a state; 0: none. */
static size_t command_length(struct lf_str text)
{
    char word[16];
    size_t len = 0;
    while (len < text.len && text.data[len] >= 'a' && text.data[len] <= 'z')
        len++;
    if (len >= sizeof(word))
        return 0;
    snprintf(word, sizeof(word), "%.*s", (int)len, text.data);
    const struct lf_command *command = lf_command_find(word);
    bool has = command && command->options & LF_OPT_BIT(LF_OPT_STATE_DIR);
    return has ? len : 0;
}

void lf_cure_add(struct lf_buf *buf, const struct lf_options *options,
                 struct lf_str cure)
{
    const struct lf_str program = LF_STR("linkfarm ");
    /* how a command is called is no command */
    bool given = (options->root || options->state_dir) &&
                 !lf_str_starts(cure, LF_STR("usage: "));
    while (given && cure.len > 0) {
        size_t len = 1;
        if (lf_str_starts(cure, program)) {
            len = program.len;
            len += command_length(lf_str_of(cure.data + len, cure.len - len));
        }
        lf_buf_add(buf, lf_str_of(cure.data, len));
        if (len > program.len)
            lf_cure_options_add(buf, options);
        cure = lf_str_of(cure.data + len, cure.len - len);
    }
    lf_buf_add(buf, cure);
}

void lf_cure_help_add(struct lf_buf *buf, bool color,
                      const struct lf_options *options, struct lf_str help)
{
    struct lf_buf cure = {0};
    lf_cure_add(&cure, options, help);
    lf_help_add(buf, color, lf_buf_str(&cure));
    buf->failed |= lf_buf_failed(&cure);
    lf_buf_finish(&cure);
}
