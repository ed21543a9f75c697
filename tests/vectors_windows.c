/* SPDX-License-Identifier: MIT */
/* vectors_windows.c - the Windows kinds of cases, in a described tree */
#include "resolve/fixture.h"
#include "tests/vectors.h"

#include <linkfarm/resolve_windows.h>
#include <stdlib.h>

enum { MAX_DRIVES = 26 };

struct asker {
    const json_t *vector;
    struct lf_win_tree *tree;
    struct lf_str drives[MAX_DRIVES];
    struct lf_win_context context;
    struct lf_error err;
};

static json_t *string_of(struct lf_str text)
{
    return json_stringn_nocheck(text.data ? text.data : "", text.len);
}

static void put_string(json_t *object, const char *key, struct lf_str text)
{
    json_object_set_new(object, key, string_of(text));
}

static json_t *failure(const struct asker *asker)
{
    return json_pack("{s:s}", "failed", asker->err.message);
}

static bool is(struct lf_str text, const char *word)
{
    return lf_str_equal(text, lf_str(word));
}

/* ---- the tree ---- */

/* A field as text: also true, false and {"kind": ...} of a volume. */
static struct lf_str field_of(const json_t *field)
{
    if (json_is_boolean(field))
        return lf_str(json_is_true(field) ? "true" : "false");
    if (json_is_object(field))
        return vector_string(field, "kind");
    return lf_str_of(json_string_value(field), json_string_length(field));
}

static bool describe(struct asker *asker)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(asker->vector, "tree"), i, entry)
    {
        struct lf_str fields[LF_FIXTURE_FIELDS];
        size_t n = json_array_size(entry);
        for (size_t k = 0; k < n && k < LF_FIXTURE_FIELDS; k++)
            fields[k] = field_of(json_array_get(entry, k));
        if (!lf_win_fixture_add(asker->tree, fields, n, &asker->err))
            return false;
    }
    return true;
}

static void find_context(struct asker *asker)
{
    const char *key;
    json_t *value;
    json_t *drives = json_object_get(asker->vector, "drive_cwd");
    asker->context.cwd = vector_string(asker->vector, "cwd");
    asker->context.drives = asker->drives;
    json_object_foreach(drives, key, value)
    {
        if (asker->context.n_drives < MAX_DRIVES)
            asker->drives[asker->context.n_drives++] = lf_str_of(
                    json_string_value(value), json_string_length(value));
    }
}

/* ---- the kinds ---- */

static json_t *ask_full(struct asker *asker)
{
    struct lf_win_full_path full;
    if (!lf_win_full_path(vector_string(asker->vector, "path"), &asker->context,
                          &full, &asker->err))
        return failure(asker);
    json_t *got = json_object();
    put_string(got, "full", full.full);
    json_object_set_new(got, "type",
                        json_string(lf_win_path_type_name(full.type)));
    json_object_set_new(got, "dos_device", json_boolean(full.is_device));
    free((void *)(uintptr_t)full.full.data);
    return got;
}

static void put_hex(json_t *object, const unsigned char *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = malloc(2 * size + 1);
    for (size_t i = 0; hex && i < size; i++) {
        hex[2 * i] = digits[data[i] >> 4];
        hex[2 * i + 1] = digits[data[i] & 15];
    }
    json_object_set_new(object, "reparse_hex",
                        hex ? json_stringn(hex, 2 * size) : NULL);
    free(hex);
}

/* What is encoded must also be read back as it was. */
static bool reads_back(struct asker *asker, const struct lf_win_text *text,
                       const unsigned char *data, size_t size)
{
    struct lf_win_text again;
    if (!lf_win_reparse_decode(data, size, &again, &asker->err))
        return false;
    bool same = lf_str_equal(again.substitute, text->substitute) &&
                lf_str_equal(again.print, text->print) &&
                again.relative == text->relative &&
                again.junction == text->junction;
    lf_win_text_finish(&again);
    if (!same)
        lf_error_set(&asker->err, LF_CODE_REPARSE, 0, "not read back");
    return same;
}

static json_t *ask_text(struct asker *asker)
{
    struct lf_win_text text;
    unsigned char *data = NULL;
    size_t size = 0;
    if (!lf_win_link_text(vector_string(asker->vector, "text"), &asker->context,
                          &text, &asker->err))
        return failure(asker);
    json_t *got = json_object();
    put_string(got, "substitute", text.substitute);
    put_string(got, "print", text.print);
    json_object_set_new(got, "relative", json_boolean(text.relative));
    if (lf_win_reparse_encode(&text, &data, &size, &asker->err) &&
        reads_back(asker, &text, data, size))
        put_hex(got, data, size);
    else
        json_object_set_new(got, "failed", json_string(asker->err.message));
    free(data);
    lf_win_text_finish(&text);
    return got;
}

static json_t *ask_reltext(struct asker *asker)
{
    struct lf_str text;
    enum lf_reltext_reason reason;
    if (!lf_win_reltext(asker->tree, &asker->context,
                        vector_string(asker->vector, "link"),
                        vector_string(asker->vector, "source"), &text, &reason,
                        &asker->err))
        return failure(asker);
    json_t *got = json_object();
    json_object_set_new(got, "relative", json_boolean(reason == LF_RELTEXT_OK));
    put_string(got, "text", text);
    if (reason != LF_RELTEXT_OK)
        json_object_set_new(got, "why",
                            json_string(reason == LF_RELTEXT_VOLUME ? "volume"
                                        : reason == LF_RELTEXT_JUNCTION
                                                ? "junction"
                                                : "nothing"));
    free((void *)(uintptr_t)text.data);
    return got;
}

static json_t *ask_same(struct asker *asker)
{
    bool same;
    struct lf_str a = vector_string(asker->vector, "a");
    struct lf_str b = vector_string(asker->vector, "b");
    bool place = is(vector_string(asker->vector, "what"), "place");
    bool done = place ? lf_win_same_place(asker->tree, &asker->context, a, b,
                                          &same, &asker->err)
                      : lf_win_same_object(asker->tree, &asker->context, a, b,
                                           &same, &asker->err);
    return done ? json_boolean(same) : failure(asker);
}

/* ---- resolve ---- */

static unsigned policy_of(const json_t *options)
{
    static const struct {
        const char *key;
        unsigned bit;
    } rules[] = {
            {"L2L", LF_WIN_L2L},
            {"L2R", LF_WIN_L2R},
            {"R2L", LF_WIN_R2L},
            {"R2R", LF_WIN_R2R},
    };
    const json_t *policy = json_object_get(options, "policy");
    unsigned bits = LF_WIN_POLICY_DEFAULT;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const json_t *value = json_object_get(policy, rules[i].key);
        if (value)
            bits = json_integer_value(value) ? bits | rules[i].bit
                                             : bits & ~rules[i].bit;
    }
    return bits;
}

static const char *kind_name(enum lf_win_kind kind)
{
    switch (kind) {
    case LF_WIN_NOTHING:
        return "missing";
    case LF_WIN_FILE:
        return "file";
    case LF_WIN_DIR:
        return "dir";
    case LF_WIN_FILE_LINK:
    case LF_WIN_DIR_LINK:
        return "link";
    case LF_WIN_JUNCTION:
    case LF_WIN_MOUNT:
        return "junction";
    }
    return "other";
}

static json_t *trace_of(const struct lf_win_resolution *found)
{
    json_t *trace = json_array();
    for (size_t i = 0; i < found->n_steps; i++) {
        const struct lf_win_hop *hop = &found->steps[i];
        json_t *step = json_array();
        json_array_append_new(
                step, json_string(hop->junction ? "junction" : "symlink"));
        json_array_append_new(step, string_of(hop->at));
        json_array_append_new(step, string_of(hop->text));
        json_array_append_new(trace, step);
    }
    return trace;
}

static json_t *ask_resolve(struct asker *asker)
{
    struct lf_win_resolution *found;
    const json_t *options = json_object_get(asker->vector, "opts");
    struct lf_win_request request = {
            .path = vector_string(asker->vector, "path"),
            .context = asker->context,
            .flags = LF_RESOLVE_TRACE,
            .policy = policy_of(options),
            .cross_volume = is(vector_string(options, "cross_volume"), "allow"),
    };
    if (json_is_false(json_object_get(options, "follow")))
        request.flags |= LF_RESOLVE_NOFOLLOW;
    if (is(vector_string(options, "missing"), "final_ok"))
        request.flags |= LF_RESOLVE_MISSING_FINAL;
    if (!lf_win_resolve(asker->tree, &request, &found, &asker->err))
        return failure(asker);
    json_t *got = json_object();
    if (found->error) {
        json_object_set_new(got, "error",
                            json_string(lf_win_error_name(found->error)));
        json_object_set_new(
                got, "win32",
                json_integer((json_int_t)lf_win_error_code(found->error)));
    } else {
        put_string(got, "result", found->rewritten);
        put_string(got, "final", found->final);
        put_string(got, "volume", found->volume);
        json_object_set_new(got, "type", json_string(kind_name(found->kind)));
        json_object_set_new(got, "links", json_integer(found->links));
        json_object_set_new(got, "trace", trace_of(found));
    }
    lf_win_resolution_free(found);
    return got;
}

/* ---- any ---- */

static json_t *ask(struct asker *asker)
{
    static const struct {
        const char *kind;
        json_t *(*ask)(struct asker *);
    } kinds[] = {
            {"resolve",    ask_resolve},
            {"winreltext", ask_reltext},
            {"same",       ask_same   },
            {"winfull",    ask_full   },
            {"winsymtext", ask_text   },
    };
    struct lf_str kind = vector_string(asker->vector, "kind");
    if (is(kind, "winname"))
        return json_string(lf_win_name_fault_name(
                lf_win_check_name(vector_string(asker->vector, "name"))));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is(kind, kinds[i].kind))
            return describe(asker) ? kinds[i].ask(asker) : failure(asker);
    }
    return json_pack("{s:s}", "failed", "a kind that is not known");
}

enum verdict vector_run_windows(const json_t *vector, struct finding *ret)
{
    struct asker asker = {.vector = vector};
    find_context(&asker);
    json_t *got = lf_win_tree_new(&asker.tree, &asker.err) ? ask(&asker)
                                                           : failure(&asker);
    lf_win_tree_free(asker.tree);
    return vector_settle(json_object_get(vector, "expect"), got, ret)
                   ? VERDICT_PASSED
                   : VERDICT_FAILED;
}
