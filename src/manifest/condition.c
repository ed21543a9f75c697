/* SPDX-License-Identifier: MIT */
/*
 * condition.c - whether a `when` holds
 *
 * A mapping holds if all of its keys do, `any` if one of its mappings does,
 * `not` if its mapping does not. Walked with a stack of its own; a mapping is
 * left as soon as it is decided, so what is not asked need not be set.
 */
#include "base/texts.h"
#include "base/util.h"
#include "manifest/glob.h"
#include "manifest/loader.h"

/* A mapping (all keys) or the list of an `any` (one item). */
struct level {
    struct lf_yaml *next; /* key, or item */
    bool is_any;
    bool negated; /* by `not` */
};

struct decide {
    struct lf_loader *loader;
    struct level levels[LF_YAML_DEPTH_LIMIT];
    unsigned depth;
    enum lf_built built;
};

typedef bool compare_fn(struct decide *decide, struct lf_yaml *value,
                        struct lf_str fact);

static bool compare_equal(struct decide *decide, struct lf_yaml *value,
                          struct lf_str fact)
{
    (void)decide;
    return fact.data && lf_str_equal(value->text, fact);
}

/* A name that is not in the environment counts as empty, as in expansion. */
static bool compare_env(struct decide *decide, struct lf_yaml *value,
                        struct lf_str fact)
{
    (void)decide;
    return lf_str_equal(value->text, fact);
}

static bool compare_glob(struct decide *decide, struct lf_yaml *value,
                         struct lf_str fact)
{
    struct lf_arena arena = {0};
    struct lf_glob glob;
    bool same = false;
    if (lf_glob_compile(&arena, value->text, LF_GLOB_NAME, &glob)) {
        same = fact.data && lf_glob_match(&glob, fact);
    } else {
        lf_error_oom(decide->loader->err);
        decide->built = LF_BUILT_FAILED;
    }
    lf_arena_finish(&arena);
    return same;
}

static bool compare_profile(struct decide *decide, struct lf_yaml *value,
                            struct lf_str fact)
{
    const struct lf_manifest *manifest = decide->loader->manifest;
    (void)fact;
    return lf_texts_have(manifest->profiles, manifest->n_profiles, value->text);
}

static bool open_resolver(struct lf_loader *loader)
{
    const char *root = loader->request->root ? loader->request->root : "/";
    if (loader->resolver)
        return true;
    return lf_view_open(root, &loader->view, loader->err) &&
           lf_resolver_new(loader->view, &loader->resolver, loader->err);
}

static bool compare_exists(struct decide *decide, struct lf_yaml *value,
                           struct lf_str fact)
{
    struct lf_loader *loader = decide->loader;
    struct lf_resolution *found = NULL;
    struct lf_str text, path;
    (void)fact;
    decide->built =
            lf_build_spelled_path(loader, value, LF_START_SOURCE, &text, &path);
    if (decide->built != LF_BUILT)
        return false;
    bool of_dir =
            lf_str_ends(text, LF_STR("/")) || lf_str_ends(text, LF_STR("/."));
    struct lf_resolve_request request = {.path = path};
    loader->manifest->asked_disk = true;
    if (!open_resolver(loader) ||
        !lf_resolve(loader->resolver, &request, &found, loader->err)) {
        decide->built = LF_BUILT_FAILED;
        return false;
    }
    /* a path is built without the slash at its end */
    bool exists = found->outcome == LF_OUTCOME_OK &&
                  (!of_dir || found->node.kind == LF_NODE_DIR);
    lf_resolution_free(found);
    return exists;
}

/* A text, or a list of which any will do. */
static bool any_of(struct decide *decide, struct lf_yaml *value,
                   compare_fn *compare, struct lf_str fact)
{
    bool is_list = value->kind == LF_YAML_LIST;
    struct lf_yaml *item = is_list ? value->child : value;
    for (; item && decide->built == LF_BUILT; item = item->next) {
        if (!item->bad && compare(decide, item, fact))
            return true;
        if (!is_list)
            break;
    }
    return false;
}

static bool environment_holds(struct decide *decide, struct lf_yaml *map)
{
    const struct lf_facts *facts = decide->loader->request->facts;
    for (struct lf_yaml *key = map->child; key; key = key->next->next) {
        if (!key->bad && !any_of(decide, key->next, compare_env,
                                 lf_facts_env(facts, key->text)))
            return false;
    }
    return true;
}

static const struct {
    const char *key;
    compare_fn *compare;
} facts[] = {
        {"os",      compare_equal  },
        {"arch",    compare_equal  },
        {"host",    compare_glob   },
        {"user",    compare_equal  },
        {"profile", compare_profile},
        {"exists",  compare_exists },
};

/* A key that needs no level of its own. */
static bool key_holds(struct decide *decide, const struct lf_yaml *key)
{
    struct lf_loader *loader = decide->loader;
    if (lf_str_equal(key->text, LF_STR("env")))
        return environment_holds(decide, key->next);
    for (size_t i = 0; i < LF_COUNT(facts); i++) {
        if (lf_str_equal(key->text, lf_str(facts[i].key)))
            return any_of(decide, key->next, facts[i].compare,
                          lf_facts_named(loader->request->facts, key->text));
    }
    return true;
}

static void push(struct decide *decide, const struct lf_yaml *node,
                 bool negated)
{
    decide->levels[decide->depth++] =
            (struct level){.next = node->child,
                           .is_any = node->kind == LF_YAML_LIST,
                           .negated = negated};
}

/* Leave the deepest level with its outcome. Returns the outcome that counts for
 * the level above, which it may in turn decide. */
static bool leave(struct decide *decide, bool holds)
{
    for (;;) {
        const struct level *level = &decide->levels[--decide->depth];
        holds = holds != level->negated;
        if (decide->depth == 0)
            return holds;
        const struct level *above = &decide->levels[decide->depth - 1];
        if (above->is_any != holds)
            return holds; /* not decided yet: go on with what is next there */
    }
}

/* Look at what is next at the deepest level. */
static bool step(struct decide *decide)
{
    struct level *level = &decide->levels[decide->depth - 1];
    struct lf_yaml *node = level->next;
    if (!node)
        return leave(decide, !level->is_any);
    if (level->is_any) {
        level->next = node->next;
        if (!node->bad)
            push(decide, node, false);
        return false;
    }
    level->next = node->next->next;
    if (node->bad || node->next->bad)
        return true;
    if (lf_str_equal(node->text, LF_STR("any")))
        push(decide, node->next, false);
    else if (lf_str_equal(node->text, LF_STR("not")))
        push(decide, node->next, true);
    else if (!key_holds(decide, node))
        return leave(decide, false);
    return true;
}

enum lf_built lf_condition_holds(struct lf_loader *loader, struct lf_yaml *when,
                                 bool *ret_holds)
{
    struct decide decide = {.loader = loader, .built = LF_BUILT};
    bool holds = true;
    if (when) {
        push(&decide, when, false);
        while (decide.depth && decide.built == LF_BUILT)
            holds = step(&decide);
    }
    *ret_holds = holds;
    return decide.built;
}

enum lf_built lf_decide_when(struct lf_loader *loader, struct lf_yaml *map,
                             struct lf_subject subject, bool *ret_holds)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_yaml *key = lf_yaml_get_key(map, "when");
    *ret_holds = true;
    if (!key)
        return LF_BUILT;
    if (key->next->bad)
        return LF_BUILT_FAULT;
    enum lf_built built = lf_condition_holds(loader, key->next, ret_holds);
    if (built != LF_BUILT)
        return built;
    struct lf_str name;
    void *all = manifest->conditions;
    if (!lf_keep_text(loader, subject.name, &name))
        return LF_BUILT_FAILED;
    if (!lf_array_reserve(&all, manifest->n_conditions,
                          &manifest->condition_capacity,
                          sizeof(struct lf_condition))) {
        lf_error_oom(loader->err);
        return LF_BUILT_FAILED;
    }
    struct lf_check check = lf_loader_check(loader, loader->current);
    manifest->conditions = all;
    struct lf_condition *condition =
            &manifest->conditions[manifest->n_conditions++];
    *condition = (struct lf_condition){
            .mark = lf_yaml_mark(check.document, key),
            .at = lf_yaml_mark(check.document, subject.node),
            .subject = name,
            .path = manifest->into,
            .is_tree = subject.is_tree,
            .holds = *ret_holds,
    };
    if (*ret_holds || !subject.path ||
        lf_guess_path(loader, subject.path, LF_START_INTO, &condition->path))
        return LF_BUILT;
    return LF_BUILT_FAILED;
}
