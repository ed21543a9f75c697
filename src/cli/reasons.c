/* SPDX-License-Identifier: MIT */
/*
 * reasons.c - what the manifests say of a place, for `why`
 */
#include "cli/reasons.h"

#include "base/escape.h"
#include "base/util.h"
#include "cli/places.h"
#include "manifest/why.h"

#include <string.h>

enum { DIAGS_LIMIT = 1 }; /* one is enough to know that there are faults */

struct gather {
    struct lf_session *session;
    struct lf_resolver *resolver;
    struct lf_look look;
    struct lf_str farm;
    struct lf_reasons *places;
    size_t count;
    struct lf_reasons *place; /* the one asked about */
};

void lf_reasons_finish(struct lf_reasons *place)
{
    lf_buf_finish(&place->text);
    json_decref(place->json.value);
    *place = (struct lf_reasons){0};
}

/* ---- one reason ---- */

static void add_mark(struct lf_buf *buf, const struct gather *gather,
                     struct lf_mark mark)
{
    struct lf_str file =
            mark.source->path.len ? mark.source->path : mark.source->name;
    lf_word_path(buf, &gather->look, file, false);
    lf_buf_add_format(buf, ":%u:%u", (unsigned)mark.line,
                      (unsigned)mark.column);
}

/* "what 'PATTERN' at FILE:LINE:COLUMN", as a line. */
static void add_pattern(struct lf_buf *buf, const struct gather *gather,
                        const char *what, struct lf_str pattern,
                        struct lf_mark mark)
{
    if (pattern.len == 0)
        return;
    lf_buf_add_format(buf, "    %s '", what);
    lf_escape_shown(buf, pattern);
    lf_buf_add(buf, LF_STR("' at "));
    add_mark(buf, gather, mark);
    lf_buf_add_char(buf, '\n');
}

/* "BEFORE FILE:LINE:COLUMN AFTER", as a line; nothing without a place. */
static void add_placed(struct lf_buf *buf, const struct gather *gather,
                       const char *before, struct lf_mark mark,
                       const char *after)
{
    if (!mark.source)
        return;
    lf_buf_add_format(buf, "    %s ", before);
    add_mark(buf, gather, mark);
    lf_buf_add_format(buf, "%s\n", after);
}

/* Which entry of which farm it is about, and what a tree has. */
static void add_head(struct lf_buf *buf, const struct gather *gather,
                     const struct lf_why *why)
{
    bool is_tree = why->kind != LF_WHY_ENTRY && why->kind != LF_WHY_UNMET;
    lf_buf_add_format(buf, "  the %s at ", is_tree ? "tree" : "entry");
    add_mark(buf, gather, why->at);
    lf_buf_add(buf, LF_STR(" of '"));
    lf_escape_shown(buf, gather->farm);
    lf_buf_add(buf, is_tree ? LF_STR("' has ") : LF_STR("' is for it"));
    if (is_tree)
        lf_word_path(buf, &gather->look, why->source, false);
    lf_buf_add_char(buf, '\n');
}

static void add_text(struct lf_buf *buf, const struct gather *gather,
                     const struct lf_why *why)
{
    add_head(buf, gather, why);
    switch (why->kind) {
    case LF_WHY_ENTRY:
        break;
    case LF_WHY_TREE:
        add_pattern(buf, gather, "taken by the pattern", why->pattern,
                    why->pattern_at);
        add_pattern(buf, gather, "with the settings of the rule", why->rule,
                    why->rule_at);
        break;
    case LF_WHY_IGNORED:
        add_pattern(buf, gather, "left out by the pattern", why->pattern,
                    why->pattern_at);
        return;
    case LF_WHY_NOT_ONLY:
        lf_buf_add(buf, LF_STR("    left out, as no pattern of its `only` "
                               "takes it\n"));
        return;
    case LF_WHY_LOST:
        add_placed(buf, gather, "left out, as the tree at", why->winner_at,
                   " overrides this one");
        return;
    case LF_WHY_UNMET:
        add_placed(buf, gather, "left out, as the condition at", why->condition,
                   " does not hold");
        return;
    }
    add_placed(buf, gather, "in force, as the condition at", why->condition,
               " holds");
}

static void put_mark(struct lf_json *object, const char *key,
                     struct lf_mark mark)
{
    struct lf_buf buf = {0};
    if (!mark.source)
        return;
    lf_buf_add(&buf,
               mark.source->path.len ? mark.source->path : mark.source->name);
    lf_buf_add_format(&buf, ":%u:%u", (unsigned)mark.line,
                      (unsigned)mark.column);
    object->failed = object->failed || lf_buf_failed(&buf);
    lf_json_text(object, key, lf_buf_str(&buf));
    lf_buf_finish(&buf);
}

static struct lf_json object_of(const struct gather *gather,
                                const struct lf_why *why)
{
    static const char *const names[] = {
            [LF_WHY_ENTRY] = "entry",     [LF_WHY_TREE] = "tree",
            [LF_WHY_IGNORED] = "ignored", [LF_WHY_NOT_ONLY] = "not_only",
            [LF_WHY_LOST] = "overridden", [LF_WHY_UNMET] = "condition",
    };
    struct lf_json object = lf_json_part();
    lf_json_text(&object, "path", gather->place->path);
    lf_json_text(&object, "farm", gather->farm);
    lf_json_string(&object, "reason", names[why->kind]);
    put_mark(&object, "at", why->at);
    lf_json_text_if(&object, "source", why->source);
    lf_json_text_if(&object, "pattern", why->pattern);
    put_mark(&object, "pattern_at", why->pattern_at);
    lf_json_text_if(&object, "rule", why->rule);
    put_mark(&object, "rule_at", why->rule_at);
    put_mark(&object, "condition_at", why->condition);
    put_mark(&object, "winner_at", why->winner_at);
    return object;
}

static bool take(void *arg, const struct lf_why *why)
{
    struct gather *gather = arg;
    add_text(&gather->place->text, gather, why);
    lf_json_push(&gather->place->json, object_of(gather, why));
    return true;
}

/* ---- the manifests ---- */

static bool profiles_of(void *arg, struct lf_str farm,
                        const struct lf_str **ret_profiles, size_t *ret_count,
                        struct lf_error *err)
{
    const struct lf_farm_info *info = arg;
    (void)farm;
    (void)err;
    *ret_profiles = info ? info->profiles : NULL;
    *ret_count = info ? info->n_profiles : 0;
    return true;
}

/* False only when memory ran out. */
static bool pass_over(struct gather *gather, const char *file,
                      const struct lf_error *err)
{
    if (err && err->code == LF_CODE_NO_MEMORY)
        return false;
    lf_cli_note(gather->session->cli, "%s was not asked: %s", file,
                err ? err->message : "it has faults, which check shows");
    return true;
}

/* Ask the manifest in `file`; `info` is its farm, if it was applied. */
static bool ask(struct gather *gather, const char *file,
                const struct lf_farm_info *info, struct lf_error *err)
{
    struct lf_manifest *manifest = NULL;
    struct lf_diags *diags = lf_diags_new(DIAGS_LIMIT);
    struct lf_manifest_request request = {
            .file = file,
            .facts = gather->session->facts,
            .root = gather->session->root,
            .profiles_for = profiles_of,
            .profiles_arg = (void *)(uintptr_t)info,
    };
    if (!diags)
        return lf_error_oom(err);
    bool done = lf_manifest_load(&request, diags, &manifest, err);
    if (!done) {
        done = pass_over(gather, file, err);
    } else if (lf_diags_errors(diags)) {
        done = pass_over(gather, file, NULL);
    } else {
        gather->farm = lf_manifest_name(manifest);
        done = true;
        for (size_t i = 0; done && i < gather->count; i++) {
            gather->place = &gather->places[i];
            done = lf_manifest_why(manifest, gather->resolver,
                                   gather->place->path, take, gather, err);
        }
    }
    lf_manifest_free(manifest);
    lf_diags_free(diags);
    return done;
}

static bool ask_farms(struct gather *gather, const char *here, bool *ret_known,
                      struct lf_error *err)
{
    struct lf_farms *farms;
    if (!lf_session_farms(gather->session, &farms, err))
        return false;
    for (size_t i = 0; i < lf_farms_count(farms); i++) {
        const struct lf_farm_info *info = lf_farms_info(farms, i);
        const char *file = info->manifest.data;
        *ret_known = *ret_known || (here && strcmp(here, file) == 0);
        if (info->manifest.len && strcmp(file, "-") != 0 &&
            !ask(gather, file, info, err))
            return false;
    }
    return true;
}

/* The manifest that a command would find here, absolute; NULL where there is none
 * with a name, or where it is not known where we are. */
static bool find_here(struct lf_session *session, char **ret_here,
                      struct lf_error *err)
{
    LF_AUTO_FREE char *file = NULL;
    *ret_here = NULL;
    if (!lf_place_manifest(NULL, lf_facts_get(session->facts, "home"), &file,
                           err))
        return err->code == LF_CODE_WORKING_DIR;
    return !file || strcmp(file, "-") == 0 ||
           lf_place_absolute(file, ret_here, err) ||
           err->code == LF_CODE_WORKING_DIR;
}

bool lf_reasons_gather(struct lf_session *session, struct lf_resolver *resolver,
                       struct lf_reasons *places, size_t count,
                       struct lf_error *err)
{
    LF_AUTO_FREE char *here = NULL;
    bool known = false;
    struct gather gather = {
            .session = session,
            .resolver = resolver,
            .look = lf_session_look(session),
            .places = places,
            .count = count,
    };
    for (size_t i = 0; i < count; i++)
        places[i].json = lf_json_array();
    if (!find_here(session, &here, err) ||
        !ask_farms(&gather, here, &known, err))
        return false;
    return !here || known || ask(&gather, here, NULL, err);
}
