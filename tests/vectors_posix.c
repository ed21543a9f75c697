/* SPDX-License-Identifier: MIT */
/*
 * vectors_posix.c - the POSIX kinds of cases, whatever the view
 */
#include "tests/vectors.h"

#include <errno.h>

struct asker {
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_error err;
};

struct lf_str vector_string(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return lf_str_of(json_string_value(value), json_string_length(value));
}

bool vector_fields(const json_t *entry, struct lf_str *fields, size_t room,
                   size_t *ret_n)
{
    size_t n = json_array_size(entry);
    if (n > room)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *field = json_array_get(entry, i);
        if (!json_is_string(field))
            return false;
        fields[i] =
                lf_str_of(json_string_value(field), json_string_length(field));
    }
    *ret_n = n;
    return true;
}

static json_t *string_of(struct lf_str text)
{
    return json_stringn_nocheck(text.data ? text.data : "", text.len);
}

static json_t *failure(const struct asker *asker)
{
    return json_pack("{s:s}", "failed", asker->err.message);
}

/* Only what is expected is compared. */
static bool matches(const json_t *expected, json_t *got)
{
    const char *key;
    json_t *value;
    json_t *members = json_deep_copy(expected);
    bool same = true;
    json_object_foreach(members, key, value)
    {
        json_t *other = json_object_get(got, key);
        same = same && other && json_equal(value, other);
    }
    json_decref(members);
    return same && !json_object_get(got, "failed") &&
           !json_object_get(got, "error") ==
                   !json_object_get(expected, "error");
}

bool vector_settle(const json_t *expected, json_t *got, struct finding *ret)
{
    bool passed = json_is_object(expected) ? matches(expected, got)
                                           : json_equal(expected, got);
    if (passed) {
        json_decref(got);
        return true;
    }
    *ret = (struct finding){json_deep_copy(expected), got};
    return false;
}

/* ---- resolve ---- */

static unsigned flags_of(const json_t *opts)
{
    static const struct {
        const char *key;
        unsigned flag;
    } switches[] = {
            {"no_symlinks", LF_RESOLVE_NO_SYMLINKS},
            {"no_xdev",     LF_RESOLVE_NO_XDEV    },
    };
    unsigned flags = LF_RESOLVE_TRACE;
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (json_is_true(json_object_get(opts, switches[i].key)))
            flags |= switches[i].flag;
    if (json_is_false(json_object_get(opts, "follow")))
        flags |= LF_RESOLVE_NOFOLLOW;
    if (lf_str_equal(vector_string(opts, "missing"), LF_STR("final_ok")))
        flags |= LF_RESOLVE_MISSING_FINAL;
    struct lf_str scope = vector_string(opts, "scope");
    if (lf_str_equal(scope, LF_STR("in_root")))
        flags |= LF_RESOLVE_IN_ROOT;
    if (lf_str_equal(scope, LF_STR("beneath")))
        flags |= LF_RESOLVE_BENEATH;
    return flags;
}

static const char *type_of(enum lf_node_kind kind)
{
    switch (kind) {
    case LF_NODE_NOTHING:
        return "missing";
    case LF_NODE_FILE:
        return "file";
    case LF_NODE_DIR:
        return "dir";
    case LF_NODE_LINK:
        return "link";
    case LF_NODE_OTHER:
    case LF_NODE_UNKNOWN:
        break;
    }
    return "other";
}

static json_t *answer_of(const struct lf_resolution *answer)
{
    if (answer->outcome != LF_OUTCOME_OK)
        return json_pack("{s:s}", "error", lf_errno_name(answer->error));
    json_t *trace = json_array();
    for (size_t i = 0; i < answer->n_steps; i++) {
        json_t *step = json_array();
        json_array_append_new(step, string_of(answer->steps[i].at));
        json_array_append_new(step, string_of(answer->steps[i].text));
        json_array_append_new(trace, step);
    }
    return json_pack("{s:o,s:s,s:o,s:i,s:o}", "path", string_of(answer->path),
                     "type", type_of(answer->node.kind), "mount",
                     string_of(answer->mount), "links", (int)answer->links,
                     "trace", trace);
}

static json_t *resolve(struct asker *asker, const json_t *question)
{
    const json_t *opts = json_object_get(question, "opts");
    struct lf_resolve_request request = {
            .path = vector_string(question, "path"),
            .start = vector_string(question, "cwd"),
            .scope = vector_string(opts, "root"),
            .flags = flags_of(opts),
    };
    struct lf_resolution *answer;
    if (!lf_resolve(asker->resolver, &request, &answer, &asker->err))
        return failure(asker);
    json_t *got = answer_of(answer);
    lf_resolution_free(answer);
    return got;
}

static bool check_resolve(struct asker *asker, const json_t *vector,
                          struct finding *ret)
{
    return vector_settle(json_object_get(vector, "expect"),
                         resolve(asker, vector), ret);
}

/* ---- relative text, same, contain ---- */

static bool check_reltext(struct asker *asker, const json_t *vector,
                          struct finding *ret)
{
    bool logical =
            lf_str_equal(vector_string(vector, "mode"), LF_STR("logical"));
    struct lf_str text = {0};
    enum lf_reltext_reason reason = LF_RELTEXT_OK;
    json_t *got;
    if (!lf_reltext(asker->resolver, vector_string(vector, "link"),
                    vector_string(vector, "source"),
                    logical ? LF_RELTEXT_LOGICAL : LF_RELTEXT_PHYSICAL, &text,
                    &reason, &asker->err))
        got = failure(asker);
    else if (reason != LF_RELTEXT_OK)
        got = json_pack("{s:i}", "reason", (int)reason);
    else
        got = json_pack("{s:o}", "text", string_of(text));
    free((void *)(uintptr_t)text.data);
    return vector_settle(json_object_get(vector, "expect"), got, ret);
}

static bool check_same(struct asker *asker, const json_t *vector,
                       struct finding *ret)
{
    bool object = lf_str_equal(vector_string(vector, "what"), LF_STR("object"));
    struct lf_str a = vector_string(vector, "a");
    struct lf_str b = vector_string(vector, "b");
    bool same = false;
    bool done =
            object ? lf_same_object(asker->resolver, a, b, &same, &asker->err)
                   : lf_same_place(asker->resolver, a, b, &same, &asker->err);
    return vector_settle(json_object_get(vector, "expect"),
                         done ? json_boolean(same) : failure(asker), ret);
}

static bool check_contain(struct asker *asker, const json_t *vector,
                          struct finding *ret)
{
    struct lf_str root = vector_string(vector, "root");
    struct lf_str path = vector_string(vector, "path");
    bool inside = false, by_identity = false;
    bool done =
            lf_contains(asker->resolver, root, path, &inside, &asker->err) &&
            lf_contains_identity(asker->resolver, root, path, &by_identity,
                                 &asker->err);
    json_t *got = done ? json_pack("{s:b,s:b}", "inside", inside,
                                   "inside_by_identity", by_identity)
                       : failure(asker);
    return vector_settle(json_object_get(vector, "expect"), got, ret);
}

/* ---- plan ---- */

static bool change(struct asker *asker, const json_t *entry)
{
    struct lf_str fields[3];
    size_t n;
    if (!vector_fields(entry, fields, 3, &n) || n < 2)
        return false;
    struct lf_error *err = &asker->err;
    if (n == 3 && lf_str_equal(fields[0], LF_STR("ln")))
        return lf_view_put_link(asker->view, fields[1], fields[2], err);
    if (n == 3 && lf_str_equal(fields[0], LF_STR("mv")))
        return lf_view_rename(asker->view, fields[1], fields[2], err);
    if (lf_str_equal(fields[0], LF_STR("rm")))
        return lf_view_remove(asker->view, fields[1], err);
    if (lf_str_equal(fields[0], LF_STR("d")))
        return lf_view_put_dir(asker->view, fields[1], err);
    return lf_str_equal(fields[0], LF_STR("f")) &&
           lf_view_put_file(asker->view, fields[1], err);
}

static json_t *link_state(struct asker *asker, const char *path)
{
    struct lf_resolve_request request = {.path = lf_str(path)};
    struct lf_resolution *answer;
    if (!lf_resolve(asker->resolver, &request, &answer, &asker->err))
        return failure(asker);
    json_t *state = json_string(
            answer->error == ELOOP ? "loop" : lf_outcome_name(answer->outcome));
    lf_resolution_free(answer);
    return state;
}

static bool check_changed(struct asker *asker, const json_t *vector,
                          struct finding *ret)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(vector, "changes"), i, item)
    {
        if (!change(asker, item))
            return vector_settle(json_object_get(vector, "changes"),
                                 failure(asker), ret);
    }
    json_array_foreach(json_object_get(vector, "checks"), i, item)
    {
        if (!check_resolve(asker, item, ret))
            return false;
    }
    json_t *states = json_object();
    const char *path;
    json_object_foreach(json_object_get(vector, "links_after"), path, item)
    {
        json_object_set_new(states, path, link_state(asker, path));
    }
    return vector_settle(json_object_get(vector, "links_after"), states, ret);
}

static bool check_plan(struct asker *asker, const json_t *vector,
                       struct finding *ret)
{
    struct asker planned = {0};
    if (!lf_view_overlay_new(asker->view, &planned.view, &planned.err))
        return vector_settle(json_object_get(vector, "changes"),
                             failure(&planned), ret);
    bool passed =
            lf_resolver_new(planned.view, &planned.resolver, &planned.err) &&
            check_changed(&planned, vector, ret);
    lf_resolver_free(planned.resolver);
    lf_view_free(planned.view);
    return passed;
}

bool vector_check_posix(const json_t *vector, struct lf_view *view,
                        struct finding *ret)
{
    static const struct {
        const char *kind;
        bool (*check)(struct asker *asker, const json_t *vector,
                      struct finding *ret);
    } kinds[] = {
            {"resolve", check_resolve},
            {"reltext", check_reltext},
            {"same",    check_same   },
            {"contain", check_contain},
            {"plan",    check_plan   },
    };
    struct asker asker = {.view = view};
    if (!lf_resolver_new(view, &asker.resolver, &asker.err))
        return vector_settle(json_object_get(vector, "kind"), failure(&asker),
                             ret);
    struct lf_str kind = vector_string(vector, "kind");
    json_t *unknown = NULL;
    bool passed = false;
    size_t i = 0;
    while (i < sizeof(kinds) / sizeof(kinds[0]) &&
           !lf_str_equal(kind, lf_str(kinds[i].kind)))
        i++;
    if (i < sizeof(kinds) / sizeof(kinds[0]))
        passed = kinds[i].check(&asker, vector, ret);
    else
        unknown = json_string("unknown kind");
    lf_resolver_free(asker.resolver);
    return unknown ? vector_settle(json_object_get(vector, "kind"), unknown,
                                   ret)
                   : passed;
}
