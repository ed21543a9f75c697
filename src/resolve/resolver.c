/* SPDX-License-Identifier: MIT */
/*
 * resolver.c - resolvers and their cache of spelled directories
 *
 * A spelled directory's entry notes every place that its walk has passed. It
 * holds as long as each of them does, so a change of an overlay costs only the
 * entries whose steps lead through it.
 */
#include "resolve/resolver.h"

#include "base/escape.h"
#include "base/path.h"
#include "base/util.h"
#include "resolve/tell.h"
#include <errno.h>

enum { SPELLED_MANY = 128 };

bool lf_resolver_new(struct lf_view *view, struct lf_resolver **ret_resolver,
                     struct lf_error *err)
{
    struct lf_resolver *resolver = calloc(1, sizeof(*resolver));
    if (!resolver)
        return lf_error_oom(err);
    int result = lf_tree_init(&resolver->tree, view);
    if (result < 0) {
        free(resolver);
        if (result == -ENOMEM)
            return lf_error_oom(err);
        lf_error_set(err, LF_CODE_SYSTEM, -result,
                     "cannot look at the root directory: %s",
                     strerror(-result));
        return false;
    }
    resolver->many = SPELLED_MANY;
    *ret_resolver = resolver;
    return true;
}

void lf_resolver_free(struct lf_resolver *resolver)
{
    if (!resolver)
        return;
    lf_tree_finish(&resolver->tree);
    lf_arena_finish(&resolver->arena);
    lf_scratch_finish(&resolver->scratch);
    lf_buf_finish(&resolver->out);
    lf_table_finish(&resolver->spelled);
    free(resolver);
}

void lf_resolver_forget(struct lf_resolver *resolver)
{
    lf_table_finish(&resolver->spelled);
    lf_arena_finish(&resolver->arena);
    resolver->spelled = (struct lf_table){0};
    resolver->arena = (struct lf_arena){0};
    lf_scratch_forget(&resolver->scratch);
    if (resolver->tree.view->ops->derived)
        lf_tree_forget(&resolver->tree);
}

void lf_resolver_hide(struct lf_resolver *resolver,
                      bool (*hides)(void *arg, struct lf_str dir,
                                    struct lf_str name,
                                    const struct lf_node *link),
                      void *arg)
{
    lf_resolver_forget(resolver);
    resolver->tree.hides = hides;
    resolver->tree.hides_arg = arg;
}

void lf_resolver_trim(struct lf_resolver *resolver)
{
    if (resolver->spelled.n_links >= resolver->many)
        lf_resolver_forget(resolver);
}

/* ---- what callers may ask ---- */

static bool refuse(struct lf_str path, const char *why, struct lf_error *err)
{
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, path);
    lf_error_set(err, LF_CODE_RESOLVE_REQUEST, EINVAL, "%s: '%s'", why,
                 shown.data ? shown.data : "");
    lf_buf_finish(&shown);
    return false;
}

bool lf_check_request(struct lf_str path, bool absolute, struct lf_error *err)
{
    if (path.len && memchr(path.data, '\0', path.len))
        return refuse(path, "a path with a NUL names nothing", err);
    if (absolute && (path.len == 0 || path.data[0] != '/'))
        return refuse(path, "the path must be absolute", err);
    return true;
}

#undef lf_unresolved
bool lf_unresolved(struct lf_str path, int error, struct lf_error *err)
{
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, path);
    lf_error_set(err, LF_CODE_UNRESOLVED, error, "'%s' leads nowhere: %s",
                 shown.data ? shown.data : "", strerror(error));
    lf_buf_finish(&shown);
    return false;
}

/* ---- the cache ---- */

static struct lf_spelled *find(struct lf_resolver *resolver, struct lf_str path,
                               uint32_t hash)
{
    struct lf_table_link *link = lf_table_first(&resolver->spelled, hash);
    while (link && !lf_str_equal(((struct lf_spelled *)link)->path, path))
        link = lf_table_next(link);
    return (struct lf_spelled *)link;
}

static bool holds(struct lf_resolver *resolver, struct lf_spelled *spelled)
{
    uint64_t generation = resolver->tree.view->generation;
    if (spelled->seen == generation)
        return true;
    for (size_t i = 0; i < spelled->n_deps; i++)
        if (!lf_tree_holds(&resolver->tree, spelled->deps[i]))
            return false;
    spelled->seen = generation;
    return true;
}

static struct lf_spelled *insert(struct lf_resolver *resolver,
                                 struct lf_str path, uint32_t hash)
{
    struct lf_spelled *spelled =
            lf_arena_alloc(&resolver->arena, sizeof(*spelled));
    struct lf_str copy = lf_arena_str(&resolver->arena, path);
    if (!spelled || !copy.data)
        return NULL;
    spelled->path = copy;
    spelled->seen = UINT64_MAX;
    if (!lf_table_add(&resolver->spelled, &spelled->link, hash))
        return NULL;
    return spelled;
}

/* ---- making an entry ---- */

/* Most directories are spelled as they are: then one copy serves for both. */
static bool copy_dir(struct lf_resolver *resolver, const struct lf_walk *walk,
                     struct lf_spelled *spelled)
{
    struct lf_buf *out = &resolver->out;
    lf_buf_clear(out);
    lf_place_path_add(out, walk->at);
    if (walk->scratch->tail.len) {
        if (out->len > 1)
            lf_buf_add_char(out, '/');
        lf_buf_add(out, lf_buf_str(&walk->scratch->tail));
    }
    if (lf_buf_failed(out))
        return false;
    spelled->dir = spelled->path;
    if (!lf_str_equal(lf_buf_str(out), spelled->path))
        spelled->dir = lf_arena_str(&resolver->arena, lf_buf_str(out));
    return spelled->dir.data != NULL;
}

/* What the walk has passed, and before that what `above` has, or NULL. */
static bool copy_deps(struct lf_resolver *resolver,
                      const struct lf_spelled *above,
                      struct lf_spelled *spelled)
{
    const struct lf_scratch *scratch = &resolver->scratch;
    size_t before = above ? above->n_deps : 0;
    spelled->n_deps = before + scratch->n_deps;
    spelled->deps = above ? above->deps : NULL;
    if (scratch->n_deps == 0)
        return true;
    struct lf_place **deps = lf_arena_alloc_array(
            &resolver->arena, spelled->n_deps, sizeof(*deps));
    if (!deps)
        return false;
    if (before)
        memcpy(deps, spelled->deps, before * sizeof(*deps));
    memcpy(deps + before, scratch->deps, scratch->n_deps * sizeof(*deps));
    spelled->deps = deps;
    return true;
}

static bool copy_links(struct lf_resolver *resolver, const struct lf_walk *walk,
                       struct lf_spelled *spelled)
{
    spelled->n_links = 0;
    spelled->links = NULL;
    if (walk->n_hops == 0)
        return true;
    spelled->links = lf_arena_alloc_array(&resolver->arena, walk->n_hops,
                                          sizeof(*spelled->links));
    if (!spelled->links)
        return false;
    for (unsigned i = 0; i < walk->n_hops; i++) {
        const struct lf_followed *hop = &walk->hops[i];
        struct lf_str name = lf_arena_str(
                &resolver->arena,
                lf_str_of(walk->scratch->log.data + hop->name, hop->name_len));
        if (!name.data)
            return false;
        spelled->links[spelled->n_links++] =
                (struct lf_spelled_link){hop->spelled, hop->dir, name};
    }
    return true;
}

/* Whether it names something in a directory, and not the directory itself or the one
 * above. */
static bool is_plain(struct lf_str name)
{
    return name.len > 0 && name.len <= LF_NAME_LIMIT &&
           !lf_str_equal(name, LF_STR(".")) &&
           !lf_str_equal(name, LF_STR(".."));
}

/* The entry of the directory above, if it is spelled as it is and no link is on
 * the way to it: then all that is left to do is one name. */
static const struct lf_spelled *above_of(struct lf_resolver *resolver,
                                         struct lf_str path,
                                         struct lf_str *ret_name)
{
    size_t len = path.len;
    while (len && path.data[len - 1] != '/')
        len--;
    struct lf_str name = lf_str_of(path.data + len, path.len - len);
    if (len < 2 || path.data[len - 2] == '/' || !is_plain(name))
        return NULL;
    struct lf_str dir = lf_str_of(path.data, len - 1);
    struct lf_spelled *above =
            find(resolver, dir, lf_table_hash(resolver, dir));
    bool serves = above && above->seen != UINT64_MAX && above->error == 0 &&
                  above->n_links == 0 && above->dir.data == above->path.data &&
                  holds(resolver, above);
    *ret_name = name;
    return serves ? above : NULL;
}

/* As fill(), by what is known of the directory above. `*ret_done` is false where
 * that does not serve. */
static bool fill_from(struct lf_resolver *resolver, struct lf_spelled *spelled,
                      const struct lf_spelled *above, struct lf_walk *walk,
                      struct lf_str name, bool *ret_done)
{
    struct lf_scratch *scratch = &resolver->scratch;
    scratch->n_deps = 0;
    walk->at = above->at;
    walk->missing = above->missing + 1;
    *ret_done = true;
    if (above->missing == 0) {
        walk->start = above->at;
        if (!lf_walk(walk, name))
            return false;
        *ret_done = walk->error == 0 && walk->n_hops == 0;
        if (!*ret_done)
            return true;
    }
    spelled->outcome = LF_OUTCOME_OK;
    spelled->error = 0;
    spelled->at = walk->at;
    spelled->missing = walk->missing;
    spelled->dir = spelled->path;
    spelled->n_links = 0;
    return copy_deps(resolver, above, spelled);
}

/* On failure the entry stays, and holds in no generation. */
static bool fill(struct lf_resolver *resolver, struct lf_spelled *spelled,
                 bool trusted)
{
    spelled->seen = UINT64_MAX;
    spelled->n_deps = 0;
    struct lf_walk walk = {
            .tree = &resolver->tree,
            .scratch = &resolver->scratch,
            .start = resolver->tree.root,
            .root = resolver->tree.root,
            .flags = LF_WALK_DIR | LF_WALK_DEPS | LF_RESOLVE_MISSING_TAIL |
                     (trusted ? LF_WALK_TRUSTED : 0U),
    };
    struct lf_str name;
    const struct lf_spelled *above = above_of(resolver, spelled->path, &name);
    bool done = false;
    if (above && !fill_from(resolver, spelled, above, &walk, name, &done))
        return false;
    if (done) {
        spelled->seen = resolver->tree.view->generation;
        return true;
    }
    walk.start = resolver->tree.root;
    if (!lf_walk(&walk, spelled->path))
        return false;
    spelled->outcome = walk.outcome;
    spelled->error = walk.error;
    spelled->at = walk.at;
    spelled->missing = walk.missing;
    if (!copy_dir(resolver, &walk, spelled) ||
        !copy_deps(resolver, NULL, spelled) ||
        !copy_links(resolver, &walk, spelled))
        return false;
    spelled->seen = resolver->tree.view->generation;
    return true;
}

bool lf_spelled_get(struct lf_resolver *resolver, struct lf_str path,
                    bool trusted, const struct lf_spelled **ret,
                    struct lf_error *err)
{
    uint32_t hash = lf_table_hash(resolver, path);
    struct lf_spelled *spelled = find(resolver, path, hash);
    if (spelled && spelled->seen != UINT64_MAX && holds(resolver, spelled)) {
        *ret = spelled;
        return true;
    }
    if (!spelled)
        spelled = insert(resolver, path, hash);
    if (!spelled || !fill(resolver, spelled, trusted))
        return lf_error_oom(err);
    *ret = spelled;
    return true;
}

bool lf_resolver_tell(struct lf_resolver *resolver, struct lf_str path,
                      const struct lf_node *node, struct lf_error *err)
{
    struct lf_str name = lf_path_name(path);
    if (!resolver->tree.view->ops->plain || node->kind != LF_NODE_DIR ||
        !is_plain(name))
        return true;
    struct lf_place *above = lf_tree_seen(&resolver->tree, lf_path_dir(path));
    return !above || lf_tree_put(&resolver->tree, above, name, node) ||
           lf_error_oom(err);
}
