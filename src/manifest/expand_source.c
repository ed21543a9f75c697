/* SPDX-License-Identifier: MIT */
/*
 * expand_source.c - where the source of a link is, and the link's text
 */
#include "base/path.h"
#include "base/util.h"
#include "manifest/expander.h"

#include <string.h>

static enum lf_expanded no_memory(struct lf_expander *expander)
{
    lf_error_oom(expander->err);
    return LF_EXPANDED_FAILED;
}

/* Report a link whose text cannot be worked out. */
LF_PRINTF(5, 6)
static enum lf_expanded refuse(struct lf_expander *expander,
                               const struct lf_led *led, enum lf_code code,
                               const char *help, const char *format, ...)
{
    struct lf_buf message = {0};
    struct lf_misplaced misplaced = {
            .code = code,
            .mark = lf_entry_mark(led->entry),
            .path = led->path,
            .blocked = lf_str(""),
            .physical = lf_str(""),
            .help = lf_str(help),
    };
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(&message, format, args);
    va_end(args);
    misplaced.message = lf_buf_str(&message);
    enum lf_expanded expanded =
            lf_buf_failed(&message) ? no_memory(expander)
                                    : lf_expand_misplaced(expander, &misplaced);
    lf_buf_finish(&message);
    return expanded;
}

enum lf_expanded lf_expand_source(struct lf_expander *expander,
                                  struct lf_led *led)
{
    struct lf_resolver *resolver = expander->request->resolver;
    struct lf_str name = lf_path_name(led->source), dir;
    int error;
    /* `x/..` and the root name a directory by the way to it */
    bool is_dir = name.len == 0 || lf_str_equal(name, lf_str(".."));
    if (!lf_resolve_dir(resolver,
                        is_dir ? led->source : lf_path_dir(led->source), &dir,
                        &error, expander->err))
        return LF_EXPANDED_FAILED;
    if (error)
        return refuse(expander, led, LF_CODE_SOURCE_UNRESOLVED,
                      "correct the path, or what stands on the way to it",
                      "the source %.*s cannot be reached: %s",
                      (int)led->source.len, led->source.data, strerror(error));
    if (led->entry->conflict == LF_CONFLICT_ADOPT) {
        expander->desired->adopts = true;
        /* the source may be what changes; `dir` stays where it is */
        enum lf_expanded expanded = lf_expand_guard(
                expander, is_dir ? led->source : lf_path_dir(led->source),
                led->path, lf_entry_mark(led->entry));
        if (expanded != LF_EXPANDED)
            return expanded;
    }
    if (is_dir) {
        name = lf_path_name(dir);
        dir = lf_path_dir(dir);
    }
    led->source_name = name;
    if (expander->way.source_dir.data &&
        lf_str_equal(expander->way.source_dir, dir)) {
        led->source_dir = expander->way.source_dir;
        return LF_EXPANDED;
    }
    led->source_dir = lf_arena_str(&expander->desired->set.arena, dir);
    return led->source_dir.data ? LF_EXPANDED : no_memory(expander);
}

/* As relative(), from a directory that will stand where a link stands now: a
 * look would follow the link, and nothing is mounted there yet. */
static bool relative_from_new(const struct lf_expander *expander,
                              struct lf_str dir, struct lf_str source_dir,
                              struct lf_str name, struct lf_str *ret_text,
                              enum lf_reltext_reason *ret_why)
{
    *ret_text = lf_str("");
    if (!lf_relative_text(dir, source_dir, name, ret_text, expander->err))
        return false;
    *ret_why =
            ret_text->len > LF_PATH_LIMIT ? LF_RELTEXT_TOO_LONG : LF_RELTEXT_OK;
    return true;
}

/* The text that leads to `name` in `source_dir`, from physical `dir`. The
 * caller frees it. */
static bool relative(struct lf_expander *expander, struct lf_str dir,
                     struct lf_str source_dir, struct lf_str name,
                     struct lf_str *ret_text, enum lf_reltext_reason *ret_why)
{
    struct lf_resolver *resolver = expander->request->resolver;
    struct lf_buf link = {0}, source = {0};
    struct lf_str now;
    int error;
    bool ok;
    if (!lf_resolve_dir(resolver, dir, &now, &error, expander->err))
        return false;
    if (!lf_str_equal(now, dir))
        return relative_from_new(expander, dir, source_dir, name, ret_text,
                                 ret_why);
    lf_path_add(&link, dir, lf_str("x"));
    lf_path_add(&source, source_dir, name);
    if (lf_buf_failed(&link) || lf_buf_failed(&source))
        ok = lf_error_oom(expander->err);
    else
        ok = lf_reltext(resolver, lf_buf_str(&link), lf_buf_str(&source),
                        LF_RELTEXT_PHYSICAL, ret_text, ret_why, expander->err);
    lf_buf_finish(&link);
    lf_buf_finish(&source);
    return ok;
}

/* Make `way` lead from `dir` to `source_dir`, if it does not already. */
static bool find_way(struct lf_expander *expander, struct lf_str dir,
                     struct lf_str source_dir)
{
    struct lf_way *way = &expander->way;
    struct lf_str text = {0};
    if (way->source_dir.data && lf_str_equal(lf_buf_str(&way->dir), dir) &&
        lf_str_equal(way->source_dir, source_dir))
        return true;
    if (!relative(expander, dir, source_dir, lf_str("x"), &text, &way->reason))
        return false;
    lf_free_const(way->text.data);
    way->text = text;
    if (way->text.len)
        way->text.len--; /* the name that stood for any */
    way->source_dir = source_dir;
    lf_buf_clear(&way->dir);
    lf_buf_add(&way->dir, dir);
    return !lf_buf_failed(&way->dir) || lf_error_oom(expander->err);
}

static enum lf_expanded explain(struct lf_expander *expander,
                                const struct lf_led *led, struct lf_str dir,
                                enum lf_reltext_reason reason)
{
    static const char absolute[] = "say style: absolute for this link";
    if (reason == LF_RELTEXT_TOO_LONG)
        return refuse(expander, led, LF_CODE_NO_RELATIVE_TEXT, absolute,
                      "the relative text to %.*s would be longer than 4,095 "
                      "bytes",
                      (int)led->source.len, led->source.data);
    if (reason == LF_RELTEXT_MOUNT)
        return refuse(expander, led, LF_CODE_NO_RELATIVE_TEXT, absolute,
                      "%.*s lies on a bind mount, so no relative text to %.*s "
                      "is right by both ways to it",
                      (int)dir.len, dir.data, (int)led->source.len,
                      led->source.data);
    return refuse(expander, led, LF_CODE_NO_RELATIVE_TEXT, absolute,
                  "no relative text leads from %.*s to %.*s", (int)dir.len,
                  dir.data, (int)led->source.len, led->source.data);
}

static enum lf_expanded keep(struct lf_expander *expander,
                             const struct lf_led *led, struct lf_str dir,
                             struct lf_str start, struct lf_str rest,
                             struct lf_pair *ret_text)
{
    if (start.len + rest.len > LF_PATH_LIMIT)
        return explain(expander, led, dir, LF_RELTEXT_TOO_LONG);
    *ret_text = (struct lf_pair){
            start, lf_arena_str(&expander->desired->set.arena, rest)};
    return ret_text->rest.data ? LF_EXPANDED : no_memory(expander);
}

/* A link below its own source: what the two have in common is more than the
 * source's directory, so that the way alone does not serve. */
static bool is_above(const struct lf_led *led, struct lf_str dir)
{
    if (!lf_path_within(dir, led->source_dir) || dir.len <= led->source_dir.len)
        return false;
    struct lf_str rest = lf_str_of(dir.data + led->source_dir.len,
                                   dir.len - led->source_dir.len);
    return lf_str_equal(lf_path_next(&rest), led->source_name);
}

enum lf_expanded lf_expand_text(struct lf_expander *expander, struct lf_str dir,
                                const struct lf_led *led,
                                struct lf_pair *ret_text)
{
    struct lf_str text;
    enum lf_reltext_reason reason = LF_RELTEXT_OK;
    if (led->entry->style == LF_STYLE_ABSOLUTE)
        return keep(expander, led, dir, LF_STR(""), led->source, ret_text);
    if (!is_above(led, dir) && led->source_name.len) {
        if (!find_way(expander, dir, led->source_dir))
            return LF_EXPANDED_FAILED;
        if (expander->way.reason != LF_RELTEXT_OK)
            return explain(expander, led, dir, expander->way.reason);
        return keep(expander, led, dir, expander->way.text, led->source_name,
                    ret_text);
    }
    if (!relative(expander, dir, led->source_dir, led->source_name, &text,
                  &reason))
        return LF_EXPANDED_FAILED;
    if (reason != LF_RELTEXT_OK)
        return explain(expander, led, dir, reason);
    enum lf_expanded expanded =
            keep(expander, led, dir, LF_STR(""), text, ret_text);
    lf_free_const(text.data);
    return expanded;
}
