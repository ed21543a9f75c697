/* SPDX-License-Identifier: MIT */
/*
 * trace.c - how a path is followed, told to somebody who has never asked
 */
#include "cli/trace.h"

#include "base/escape.h"
#include "base/util.h"
#include "cli/words.h"

/* ---- text ---- */

static void add_step(struct lf_buf *buf, size_t number,
                     const struct lf_hop *step)
{
    lf_buf_add_format(buf, "%4zu  ", number);
    lf_escape_shown(buf, step->at);
    lf_buf_add(buf, LF_STR(" is a link to '"));
    lf_escape_shown(buf, step->text);
    lf_buf_add(buf, LF_STR("'\n"));
    if (step->flags & LF_HOP_MAGIC) {
        lf_buf_add(buf, LF_STR("      a link of /proc that only the kernel "
                               "can follow\n"));
        return;
    }
    lf_buf_add(buf, LF_STR("      so the path becomes "));
    lf_escape_shown(buf, step->becomes);
    lf_buf_add_char(buf, '\n');
    if (step->flags & LF_HOP_CLAMPED)
        lf_buf_add(buf, LF_STR("      (what would lead out of the root stays "
                               "at the root)\n"));
    if (step->flags & LF_HOP_MOUNT)
        lf_buf_add(buf, LF_STR("      (on another mount from here)\n"));
}

/* Why it ends, in words; %s is where. */
static const char *const endings[] = {
        [LF_OUTCOME_OK] = "",
        [LF_OUTCOME_MISSING] = "does not exist",
        [LF_OUTCOME_NOT_DIR] = "is not a directory",
        [LF_OUTCOME_LOOP] = "is a loop: following it comes back to itself",
        [LF_OUTCOME_TOO_MANY] = "would be the 41st link; the system follows 40",
        [LF_OUTCOME_FORBIDDEN] = "is a link that may not be followed",
        [LF_OUTCOME_ESCAPE] = "is where the path leads out",
        [LF_OUTCOME_TOO_LONG] = "makes the path too long",
        [LF_OUTCOME_DENIED] = "may not be searched",
        [LF_OUTCOME_FAILED] = "cannot be looked at",
};

static void add_failure(struct lf_buf *buf, bool color, struct lf_str path,
                        const struct lf_resolution *resolution)
{
    lf_paint_add(buf, color, LF_PAINT_RED, LF_STR("leads nowhere"));
    lf_buf_add(buf, LF_STR(": "));
    if (path.len == 0) {
        lf_buf_add(buf, LF_STR("an empty path names nothing (ENOENT)\n"));
        return;
    }
    lf_escape_shown(buf, resolution->path);
    lf_buf_add_format(buf, " %s (%s)\n", endings[resolution->outcome],
                      lf_errno_name(resolution->error));
}

static void add_success(struct lf_buf *buf, bool color,
                        const struct lf_resolution *resolution)
{
    lf_paint_add(buf, color, LF_PAINT_GREEN, LF_STR("reaches"));
    lf_buf_add_char(buf, ' ');
    lf_escape_shown(buf, resolution->path);
    lf_buf_add(buf, LF_STR(", "));
    if (resolution->node.kind == LF_NODE_NOTHING)
        lf_buf_add(buf, LF_STR("which does not exist"));
    else
        lf_word_node(buf, &resolution->node);
    lf_buf_add(buf, LF_STR("; "));
    lf_word_count(buf, resolution->links, "link followed", "links followed");
    if (resolution->mount.len > 1) {
        lf_buf_add(buf, LF_STR("; on the mount "));
        lf_escape_shown(buf, resolution->mount);
    }
    lf_buf_add_char(buf, '\n');
}

void lf_trace_add(struct lf_buf *buf, bool color, struct lf_str path,
                  const struct lf_resolution *resolution)
{
    lf_escape_shown(buf, path);
    lf_buf_add_char(buf, '\n');
    for (size_t i = 0; i < resolution->n_steps; i++)
        add_step(buf, i + 1, &resolution->steps[i]);
    if (resolution->outcome == LF_OUTCOME_OK)
        add_success(buf, color, resolution);
    else
        add_failure(buf, color, path, resolution);
}

/* ---- JSON ---- */

static void put_flags(struct lf_json *step, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
            {LF_HOP_CLAMPED, "clamped"},
            {LF_HOP_MOUNT,   "mount"  },
            {LF_HOP_MAGIC,   "magic"  },
    };
    if (!flags)
        return;
    struct lf_json array = lf_json_array();
    for (size_t i = 0; i < LF_COUNT(names); i++)
        if (flags & names[i].flag)
            lf_json_push_text(&array, lf_str(names[i].name));
    lf_json_put(step, "flags", array);
}

struct lf_json lf_trace_step(struct lf_str at, struct lf_str text,
                             struct lf_str becomes, unsigned flags)
{
    struct lf_json object = lf_json_part();
    lf_json_text(&object, "at", at);
    lf_json_text(&object, "text", text);
    lf_json_text(&object, "becomes", becomes);
    put_flags(&object, flags);
    return object;
}

void lf_trace_put_end(struct lf_json *object, const char *error, unsigned links,
                      const char *kind, struct lf_str mount,
                      struct lf_json trace)
{
    if (error)
        lf_json_string(object, "error", error);
    else
        lf_json_null(object, "error");
    lf_json_number(object, "links", links);
    lf_json_string(object, "kind", kind);
    if (mount.len > 0)
        lf_json_text(object, "mount", mount);
    else
        lf_json_null(object, "mount");
    lf_json_put(object, "trace", trace);
}

void lf_trace_put(struct lf_json *object,
                  const struct lf_resolution *resolution)
{
    struct lf_json trace = lf_json_array();
    for (size_t i = 0; i < resolution->n_steps; i++) {
        const struct lf_hop *step = &resolution->steps[i];
        lf_json_push(&trace, lf_trace_step(step->at, step->text, step->becomes,
                                           step->flags));
    }
    lf_json_text(object, "path", resolution->path);
    lf_trace_put_end(
            object, resolution->error ? lf_errno_name(resolution->error) : NULL,
            resolution->links, lf_node_kind_name(resolution->node.kind),
            resolution->mount, trace);
}
