/* SPDX-License-Identifier: MIT */
/*
 * porcelain.c - lines for scripts: XY<TAB>path<TAB>text
 */
#include "cli/porcelain.h"

#include "base/escape.h"
#include "base/pair.h"
#include "cli/words.h"

static void add_field(struct lf_buf *line, bool nul, struct lf_str text)
{
    if (nul)
        lf_buf_add(line, text);
    else if (text.len > 0)
        lf_escape_stored(line, text);
}

void lf_porcelain_place(struct lf_stream *out, bool nul, const char signs[2],
                        struct lf_str path, bool is_dir, struct lf_str text)
{
    struct lf_buf line = {0};
    lf_buf_add(&line, lf_str_of(signs, 2));
    lf_buf_add_char(&line, '\t');
    add_field(&line, nul, path);
    lf_buf_add(&line, lf_str(is_dir ? "/\t" : "\t"));
    add_field(&line, nul, text);
    lf_buf_add_char(&line, nul ? '\0' : '\n');
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}

void lf_porcelain_line(struct lf_stream *out, bool nul, char drift, char change,
                       const struct lf_action *action)
{
    const char signs[] = {drift, change};
    struct lf_buf room = {0};
    struct lf_pair_room text;
    struct lf_str path = lf_path_in(&room, action->dir, action->name);
    if (path.data)
        lf_porcelain_place(out, nul, signs, path, action->is_dir,
                           lf_pair_join(action->text, &text));
    else
        lf_stream_put(out, &room); /* which keeps the failure */
    lf_buf_finish(&room);
}

void lf_porcelain_plan(struct lf_stream *out, bool nul,
                       const struct lf_plan *plan)
{
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (action.kind != LF_ACTION_KEEP)
            lf_porcelain_line(out, nul, ' ', lf_word_symbol(&action), &action);
    }
}
