/* SPDX-License-Identifier: MIT */
/*
 * trace_windows.c - how a Windows path is followed, told in the same words
 */
#include "base/escape.h"
#include "cli/trace.h"
#include "cli/words.h"

static const char *kind_name(enum lf_win_kind kind)
{
    switch (kind) {
    case LF_WIN_NOTHING:
        return "nothing";
    case LF_WIN_FILE:
        return "file";
    case LF_WIN_DIR:
        return "directory";
    case LF_WIN_FILE_LINK:
    case LF_WIN_DIR_LINK:
        return "link";
    case LF_WIN_JUNCTION:
        return "junction";
    case LF_WIN_MOUNT:
        return "mounted folder";
    }
    return "unknown";
}

/* ---- text ---- */

static void add_step(struct lf_buf *buf, size_t number,
                     const struct lf_win_hop *step)
{
    lf_buf_add_format(buf, "%4zu  ", number);
    lf_escape_shown(buf, step->at);
    lf_buf_add(buf, step->junction ? LF_STR(" is a junction to '")
                                   : LF_STR(" is a link to '"));
    lf_escape_shown(buf, step->text);
    lf_buf_add(buf, LF_STR("'\n"));
    if (step->becomes.len == 0) /* it could not be followed */
        return;
    lf_buf_add(buf, step->junction ? LF_STR("      which keeps its name; still "
                                            "to follow: ")
                                   : LF_STR("      so the path becomes "));
    lf_escape_shown(buf, step->becomes);
    lf_buf_add_char(buf, '\n');
    if (step->flags & LF_HOP_MOUNT)
        lf_buf_add(buf, LF_STR("      (on another volume from here)\n"));
}

/* Why it ends, in words. */
static const char *const endings[] = {
        [LF_WIN_OK] = "",
        [LF_WIN_NOT_FOUND] = "the last name does not exist",
        [LF_WIN_PATH_NOT_FOUND] = "a directory on the way does not exist",
        [LF_WIN_KIND_FILE_TO_DIR] =
                "a link that was made for a file leads to a directory",
        [LF_WIN_KIND_DIR_TO_FILE] =
                "a link that was made for a directory leads to a file",
        [LF_WIN_BAD_NET_NAME] = "there is no such share",
        [LF_WIN_INVALID_NAME] = "a name on the way is none for Windows",
        [LF_WIN_CLASS_DISABLED] =
                "links from there to there are switched off on this machine",
        [LF_WIN_TOO_MANY_LINKS] =
                "it would be the 64th link; the system follows 63",
        [LF_WIN_INVALID_REPARSE_DATA] =
                "the link climbs higher than the path is deep",
        [LF_WIN_CROSS_VOLUME] = "a relative link climbs out of its volume",
        [LF_WIN_IS_DEVICE] = "the name is a device's",
};

static void add_failure(struct lf_buf *buf, bool color,
                        const struct lf_win_resolution *resolution)
{
    unsigned code = lf_win_error_code(resolution->error);
    lf_paint_add(buf, color, LF_PAINT_RED, LF_STR("leads nowhere"));
    lf_buf_add_format(buf, ": %s", endings[resolution->error]);
    if (code)
        lf_buf_add_format(buf, " (%s, %u)",
                          lf_win_error_symbol(resolution->error), code);
    if (resolution->final.len) {
        lf_buf_add(buf, LF_STR("; it came as far as "));
        lf_escape_shown(buf, resolution->final);
    }
    lf_buf_add_char(buf, '\n');
}

static void add_success(struct lf_buf *buf, bool color,
                        const struct lf_win_resolution *resolution)
{
    lf_paint_add(buf, color, LF_PAINT_GREEN, LF_STR("reaches"));
    lf_buf_add_char(buf, ' ');
    lf_escape_shown(buf, resolution->final);
    lf_buf_add(buf, LF_STR(", "));
    lf_buf_add(buf, resolution->kind == LF_WIN_NOTHING
                            ? LF_STR("which does not exist")
                            : lf_str(kind_name(resolution->kind)));
    lf_buf_add(buf, LF_STR("; "));
    lf_word_count(buf, resolution->links, "link followed", "links followed");
    if (!lf_str_equal(resolution->rewritten, resolution->final)) {
        lf_buf_add(buf, LF_STR("; by name "));
        lf_escape_shown(buf, resolution->rewritten);
    }
    lf_buf_add_char(buf, '\n');
}

void lf_win_trace_add(struct lf_buf *buf, bool color, struct lf_str path,
                      const struct lf_win_resolution *resolution)
{
    lf_escape_shown(buf, path);
    lf_buf_add_char(buf, '\n');
    for (size_t i = 0; i < resolution->n_steps; i++)
        add_step(buf, i + 1, &resolution->steps[i]);
    if (resolution->error == LF_WIN_OK)
        add_success(buf, color, resolution);
    else
        add_failure(buf, color, resolution);
}

/* ---- JSON ---- */

void lf_win_trace_put(struct lf_json *object,
                      const struct lf_win_resolution *resolution)
{
    struct lf_json trace = lf_json_array();
    for (size_t i = 0; i < resolution->n_steps; i++) {
        const struct lf_win_hop *step = &resolution->steps[i];
        lf_json_push(&trace, lf_trace_step(step->at, step->text, step->becomes,
                                           step->flags));
    }
    lf_json_text(object, "path", resolution->final);
    lf_json_text(object, "rewritten", resolution->rewritten);
    lf_trace_put_end(object,
                     resolution->error ? lf_win_error_symbol(resolution->error)
                                       : NULL,
                     resolution->links, kind_name(resolution->kind),
                     resolution->volume, trace);
}
