/* SPDX-License-Identifier: MIT */
/*
 * render_diag.c - faults in the form that compilers made known
 */
#include "cli/render_diag.h"

#include "base/escape.h"
#include "cli/output.h"

enum {
    BEFORE = 60, /* columns of a long line that are shown before the mark, */
    BEHIND = 60, /* and behind its beginning */
};

static const struct {
    const char *name;
    enum lf_paint paint;
} severities[] = {
        [LF_SEVERITY_NOTE] = {"note",    LF_PAINT_BLUE  },
        [LF_SEVERITY_WARNING] = {"warning", LF_PAINT_YELLOW},
        [LF_SEVERITY_ERROR] = {"error",   LF_PAINT_RED   },
};

/* What of a line is shown, and what of that is marked; all borrowed. */
struct window {
    struct lf_str before, marked, behind;
    bool cut_before, cut_behind;
};

/* The beginning of the code point that ends at `at`. */
static size_t column_before(struct lf_str text, size_t at)
{
    for (size_t len = 4; len > 1; len--) {
        if (at >= len &&
            lf_utf8_next(lf_str_of(text.data + at - len, len), NULL) == len)
            return at - len;
    }
    return at - 1;
}

static bool begins_line(struct lf_str text, size_t at)
{
    return at == 0 || text.data[at - 1] == '\n';
}

/* Of the line, only what is near the mark is looked at. */
static struct window window_of(const struct lf_mark *mark,
                               struct lf_source_finder *finder)
{
    struct lf_str text = mark->source->text;
    size_t at = lf_source_find(finder, mark);
    size_t begin = at, end = at;
    for (int i = 0; i < BEFORE && !begins_line(text, begin); i++)
        begin = column_before(text, begin);
    for (uint32_t i = 0; i < (mark->width ? mark->width : 1) && i < BEHIND &&
                         !lf_source_ends_line(text, end);
         i++)
        end = lf_source_next(text, end);
    size_t limit = at;
    for (int i = 0; i < BEHIND && !lf_source_ends_line(text, limit); i++)
        limit = lf_source_next(text, limit);
    limit = limit < end ? end : limit;
    return (struct window){
            .before = lf_str_of(text.data + begin, at - begin),
            .marked = lf_str_of(text.data + at, end - at),
            .behind = lf_str_of(text.data + end, limit - end),
            .cut_before = !begins_line(text, begin),
            .cut_behind = !lf_source_ends_line(text, limit),
    };
}

/* As it is shown, where what is escaped takes more columns. Returns these. */
static size_t add_shown(struct lf_buf *buf, struct lf_str text)
{
    size_t begin = buf->len;
    lf_escape_shown(buf, text);
    return lf_buf_failed(buf)
                   ? 0
                   : lf_width(lf_str_of(buf->data + begin, buf->len - begin));
}

static void add_source(struct lf_buf *buf, const struct lf_mark *mark,
                       struct lf_source_finder *finder, bool color)
{
    static const struct lf_str dots = {"...", 3};
    struct window window = window_of(mark, finder);
    struct lf_buf gutter = {0}, carets = {0};
    lf_buf_add_u64(&gutter, mark->line);
    size_t digits = gutter.len;
    lf_buf_add(&gutter, LF_STR(" | "));
    lf_paint_add(buf, color, LF_PAINT_BLUE, lf_buf_str(&gutter));
    if (window.cut_before)
        lf_buf_add(buf, dots);
    size_t before = add_shown(buf, window.before);
    size_t width = add_shown(buf, window.marked);
    lf_escape_shown(buf, window.behind);
    if (window.cut_behind)
        lf_buf_add(buf, dots);
    lf_buf_add_char(buf, '\n');

    lf_buf_clear(&gutter);
    lf_pad(&gutter, 0, digits);
    lf_buf_add(&gutter, LF_STR(" | "));
    lf_paint_add(buf, color, LF_PAINT_BLUE, lf_buf_str(&gutter));
    lf_pad(buf, 0, before + (window.cut_before ? dots.len : 0));
    for (size_t i = 0; i < (width ? width : 1); i++)
        lf_buf_add_char(&carets, '^');
    lf_paint_add(buf, color, LF_PAINT_GREEN, lf_buf_str(&carets));
    lf_buf_add_char(buf, '\n');
    lf_buf_finish(&gutter);
    lf_buf_finish(&carets);
}

static void add_place(struct lf_buf *buf, const struct lf_mark *mark,
                      bool color)
{
    struct lf_buf place = {0};
    if (mark->source) {
        lf_escape_shown(&place, mark->source->name);
        if (mark->line)
            lf_buf_add_format(&place, ":%u:%u", (unsigned)mark->line,
                              (unsigned)mark->column);
    } else {
        lf_buf_add(&place, LF_STR("linkfarm"));
    }
    lf_buf_add_char(&place, ':');
    lf_paint_add(buf, color, LF_PAINT_BOLD, lf_buf_str(&place));
    lf_buf_add_char(buf, ' ');
    lf_buf_finish(&place);
}

void lf_render_diag(struct lf_buf *buf, const struct lf_diag *diag,
                    struct lf_source_finder *finder, bool color)
{
    char code[64];
    int len = snprintf(code, sizeof(code),
                       "%s[LF%03d]:", severities[diag->severity].name,
                       (int)diag->code);
    add_place(buf, &diag->mark, color);
    lf_paint_add(buf, color, severities[diag->severity].paint,
                 lf_str_of(code, (size_t)len));
    lf_buf_add_char(buf, ' ');
    lf_escape_shown(buf, diag->message);
    lf_buf_add_char(buf, '\n');
    if (diag->mark.source && diag->mark.line && diag->mark.source->text.data)
        add_source(buf, &diag->mark, finder, color);
    if (diag->help.len)
        lf_help_add(buf, color, diag->help);
}

void lf_render_error(struct lf_buf *buf, const struct lf_error *err, bool color)
{
    struct lf_diag diag = {
            .code = err->code,
            .severity = LF_SEVERITY_ERROR,
            .mark = err->mark,
            .message = lf_str(err->message),
            .help = lf_str(err->help),
    };
    lf_render_diag(buf, &diag, NULL, color);
}
