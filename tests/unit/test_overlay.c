/* SPDX-License-Identifier: MIT */
/*
 * test_overlay.c - an overlay answers as the tree that it plans would
 *
 * Random changes are planned over a described tree, and made in a list of what
 * stands where. After each, a tree that is described anew from the list must
 * give the same answers: so nothing that the overlay or its resolver remember
 * may be older than the last change. LF_SEED repeats one run.
 */
#include "support/check.h"

#include "base/util.h"
#include "resolve/overlay.h"
#include "resolve/tell.h"
#include <stdlib.h>

enum { SLOTS = 64, ROUNDS = 300, CHANGES = 24, QUESTIONS = 40, TEXT = 64 };
enum { NAMES = 5 };

struct standing {
    char path[TEXT], text[TEXT];
    enum lf_node_kind kind;
};

/* Links that are put at once: one for each name, or none. */
struct links {
    char dir[TEXT];
    char texts[NAMES][TEXT];
};

struct world {
    uint64_t state;
    struct standing standing[SLOTS];
    size_t n;
    struct lf_view *base, *overlay;
    struct lf_resolver *resolver;
    char last[TEXT]; /* path that was asked for */
    struct links runs[CHANGES];
    size_t n_runs;
};

static const char *const names[NAMES] = {"a", "b", "c", "d", "e"};

/* splitmix64, Vigna 2015 */
static size_t below(struct world *w, size_t n)
{
    uint64_t z = w->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (size_t)((z ^ z >> 31) % n);
}

static const char *name(struct world *w)
{
    return names[below(w, NAMES)];
}

static struct lf_view *describe(const struct world *w)
{
    struct lf_view *view;
    struct lf_error err;
    assert_done(lf_view_memory_new(&view, &err), &err);
    for (size_t i = 0; i < w->n; i++)
        assert_done(lf_view_memory_add(view, w->standing[i].kind,
                                       lf_str(w->standing[i].path),
                                       lf_str(w->standing[i].text), &err),
                    &err);
    return view;
}

/* ---- the list ---- */

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && path[len] == '/';
}

static struct standing *at(struct world *w, const char *path)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->standing[i].path, path) == 0)
            return &w->standing[i];
    return NULL;
}

static void drop(struct world *w, const char *path)
{
    for (size_t i = w->n; i-- > 0;)
        if (strcmp(w->standing[i].path, path) == 0 ||
            is_below(w->standing[i].path, path))
            memmove(&w->standing[i], &w->standing[i + 1],
                    (--w->n - i) * sizeof(w->standing[i]));
}

static void put(struct world *w, enum lf_node_kind kind, const char *path,
                const char *text)
{
    struct standing new = {.kind = kind};
    snprintf(new.path, sizeof(new.path), "%s", path);
    snprintf(new.text, sizeof(new.text), "%s", text);
    w->standing[w->n++] = new;
}

/* A free or taken place in a directory that stands, two levels deep at most. */
static void choose_place(struct world *w, char *ret)
{
    const struct standing *dir = w->n ? &w->standing[below(w, w->n)] : NULL;
    bool inside = dir && dir->kind == LF_NODE_DIR && strlen(dir->path) < 6;
    snprintf(ret, TEXT, "%s/%s", inside && below(w, 4) ? dir->path : "",
             name(w));
}

static void choose_text(struct world *w, char *ret)
{
    static const char *const begins[] = {"", "../", "/"};
    const char *begin = begins[below(w, ARRAY_LEN(begins))];
    if (below(w, 2))
        snprintf(ret, TEXT, "%s%s", begin, name(w));
    else
        snprintf(ret, TEXT, "%s%s/%s", begin, name(w), name(w));
}

/* ---- the changes ---- */

static struct lf_str name_at(const void *arg, uint32_t index)
{
    (void)arg;
    return lf_str(names[index]);
}

/* Every other one is told in two parts. */
static struct lf_pair text_at(const void *arg, uint32_t index)
{
    const struct links *links = arg;
    struct lf_str text = lf_str(links->texts[index]);
    size_t half = index % 2 ? text.len / 2 : 0;
    return (struct lf_pair){lf_str_of(text.data, half),
                            lf_str_of(text.data + half, text.len - half)};
}

static void put_links(struct world *w)
{
    struct links *links = &w->runs[w->n_runs++];
    static const struct lf_link_run_ops ops = {name_at, text_at};
    struct lf_link_run run = {&ops, links, NAMES};
    struct lf_error err;
    const struct standing *dir = w->n ? &w->standing[below(w, w->n)] : NULL;
    bool inside = dir && dir->kind == LF_NODE_DIR && strlen(dir->path) < 6;
    memset(links, 0, sizeof(*links));
    snprintf(links->dir, TEXT, "%s", inside ? dir->path : "/");
    for (size_t i = 0; i < NAMES && w->n < SLOTS - 2; i++) {
        char path[TEXT];
        if (below(w, 2))
            continue;
        choose_text(w, links->texts[i]);
        snprintf(path, TEXT, "%.4s/%s", inside ? links->dir : "", names[i]);
        drop(w, path);
        put(w, LF_NODE_LINK, path, links->texts[i]);
    }
    assert_done(lf_view_put_links(w->overlay, lf_str(links->dir), &run, &err),
                &err);
}

static void change(struct world *w)
{
    char path[TEXT], text[TEXT] = "";
    struct lf_error err;
    if (below(w, 4) == 0) {
        put_links(w);
        return;
    }
    choose_place(w, path);
    const struct standing *here = at(w, path);
    size_t kind = w->n < SLOTS - 2 ? below(w, 6) : 5;
    if (kind < 3) {
        choose_text(w, text);
        drop(w, path);
        put(w, LF_NODE_LINK, path, text);
        assert_done(
                lf_view_put_link(w->overlay, lf_str(path), lf_str(text), &err),
                &err);
    } else if (kind == 3) {
        if (!here || here->kind != LF_NODE_DIR) {
            drop(w, path);
            put(w, LF_NODE_DIR, path, "");
        }
        assert_done(lf_view_put_dir(w->overlay, lf_str(path), &err), &err);
    } else if (kind == 4) {
        drop(w, path);
        put(w, LF_NODE_FILE, path, "");
        assert_done(lf_view_put_file(w->overlay, lf_str(path), &err), &err);
    } else {
        drop(w, path);
        assert_done(lf_view_remove(w->overlay, lf_str(path), &err), &err);
    }
}

/* As planners do: many paths with one beginning, one after the other. */
static void choose_question(struct world *w, char *ret)
{
    const char *slash = strrchr(w->last, '/');
    if (slash && below(w, 2))
        snprintf(ret, TEXT, "%.*s/%s", (int)(slash - w->last), w->last,
                 name(w));
    else
        snprintf(ret, TEXT, "/%s/%s/%s", name(w), below(w, 4) ? name(w) : "..",
                 name(w));
    memcpy(w->last, ret, sizeof(w->last));
}

static void compare(struct world *w, struct lf_resolver *truth)
{
    static const unsigned flags[] = {0, 0, LF_RESOLVE_NOFOLLOW,
                                     LF_RESOLVE_MISSING_TAIL, LF_RESOLVE_TRACE};
    char path[TEXT];
    struct lf_error err;
    struct lf_resolution *got, *want;
    choose_question(w, path);
    struct lf_resolve_request request = {
            .path = lf_str(path), .flags = flags[below(w, ARRAY_LEN(flags))]};
    assert_done(lf_resolve(w->resolver, &request, &got, &err), &err);
    assert_done(lf_resolve(truth, &request, &want, &err), &err);
    if (got->outcome != want->outcome || got->links != want->links ||
        got->n_steps != want->n_steps || got->node.kind != want->node.kind ||
        !lf_str_equal(got->path, want->path))
        fail_msg("%s, flags %#x: %s at %s by %u links, not %s at %s by %u",
                 path, request.flags, lf_outcome_name(got->outcome),
                 got->path.data, got->links, lf_outcome_name(want->outcome),
                 want->path.data, want->links);
    lf_resolution_free(got);
    lf_resolution_free(want);
}

/* Directories are remembered by their spelling, and each helps with those below
 * it: here one in two is asked for above the other. */
static void compare_dirs(struct world *w, struct lf_resolver *truth)
{
    char path[TEXT];
    struct lf_error err;
    struct lf_str got, want;
    int got_error, want_error;
    choose_question(w, path);
    for (unsigned i = 0; i < 2; i++) {
        assert_done(lf_resolve_dir(w->resolver, lf_str(path), &got, &got_error,
                                   &err),
                    &err);
        assert_done(
                lf_resolve_dir(truth, lf_str(path), &want, &want_error, &err),
                &err);
        if (got_error != want_error || !lf_str_equal(got, want))
            fail_msg("%s: %s at %s, not %s at %s", path,
                     lf_errno_name(got_error), got.data,
                     lf_errno_name(want_error), want.data);
        size_t len = strlen(path);
        snprintf(path + len, sizeof(path) - len, "/%s",
                 below(w, 6) ? name(w) : "..");
    }
}

/* Over a resolver that knows some of the base already, and that has been under
 * another overlay, of which nothing may be left. */
static struct lf_resolver *cover_known(struct world *w)
{
    struct lf_resolver *known;
    struct lf_view *first;
    struct lf_error err;
    assert_done(lf_resolver_new(w->base, &known, &err), &err);
    for (size_t i = 0; i < w->n; i++) {
        struct lf_resolution *found;
        struct lf_resolve_request request = {
                .path = lf_str(w->standing[i].path)};
        assert_done(lf_resolve(known, &request, &found, &err), &err);
        lf_resolution_free(found);
    }
    assert_done(lf_view_overlay_on(known, &first, &err), &err);
    for (size_t i = 0; i < w->n; i++)
        (void)lf_view_remove(first, lf_str(w->standing[i].path), &err);
    (void)lf_view_put_file(first, LF_STR("/a"), &err);
    lf_view_free(first);
    assert_done(lf_view_overlay_on(known, &w->overlay, &err), &err);
    return known;
}

static void round_of_changes(struct world *w, bool is_known, size_t many)
{
    struct lf_resolver *known = NULL;
    struct lf_error err;
    w->n = w->n_runs = 0;
    for (size_t i = 0; i < 8; i++) {
        char path[TEXT], text[TEXT] = "";
        choose_place(w, path);
        enum lf_node_kind kind = below(w, 2) ? LF_NODE_DIR : LF_NODE_LINK;
        if (kind == LF_NODE_LINK)
            choose_text(w, text);
        if (!at(w, path))
            put(w, kind, path, text);
    }
    w->base = describe(w);
    if (is_known)
        known = cover_known(w);
    else
        assert_done(lf_view_overlay_new(w->base, &w->overlay, &err), &err);
    assert_done(lf_resolver_new(w->overlay, &w->resolver, &err), &err);
    lf_overlay_of(w->overlay)->self->many = w->resolver->many = many;
    for (size_t i = 0; i < CHANGES; i++) {
        struct lf_resolver *truth;
        change(w);
        lf_resolver_trim(w->resolver);
        struct lf_view *view = describe(w);
        assert_done(lf_resolver_new(view, &truth, &err), &err);
        for (size_t j = 0; j < QUESTIONS; j++) {
            compare(w, truth);
            compare_dirs(w, truth);
        }
        lf_resolver_free(truth);
        lf_view_free(view);
    }
    lf_resolver_free(w->resolver);
    lf_view_free(w->overlay);
    lf_resolver_free(known);
    lf_view_free(w->base);
}

static void test_as_the_tree(void **state)
{
    (void)state;
    const char *seed = getenv("LF_SEED");
    struct world w = {.state = seed ? strtoull(seed, NULL, 0) : 1};
    print_message("# seed %llu\n", (unsigned long long)w.state);
    for (size_t i = 0; i < ROUNDS; i++)
        round_of_changes(&w, i % 2 > 0, i % 3 == 0 ? i % 5 : SIZE_MAX);
}

static struct lf_str told_name(const void *arg, uint32_t index)
{
    (void)index;
    return ((const struct lf_str *)arg)[0];
}

static struct lf_pair told_text(const void *arg, uint32_t index)
{
    (void)index;
    return lf_pair_of(((const struct lf_str *)arg)[1]);
}

static enum lf_node_kind kind_at(struct lf_view *view, const char *path)
{
    struct lf_resolver *resolver;
    struct lf_resolution *found;
    struct lf_error err;
    struct lf_resolve_request request = {.path = lf_str(path),
                                         .flags = LF_RESOLVE_NOFOLLOW};
    assert_done(lf_resolver_new(view, &resolver, &err), &err);
    assert_done(lf_resolve(resolver, &request, &found, &err), &err);
    enum lf_node_kind kind = found->outcome == LF_OUTCOME_OK ? found->node.kind
                                                             : LF_NODE_NOTHING;
    lf_resolution_free(found);
    lf_resolver_free(resolver);
    return kind;
}

/* All views have one type: those that take no changes say so. */
static void test_other_views(void **state)
{
    (void)state;
    struct lf_view *views[2], *overlay;
    struct lf_error err;
    assert_done(lf_view_memory_new(&views[0], &err), &err);
    assert_done(lf_view_open("/", &views[1], &err), &err);
    assert_done(lf_view_overlay_new(views[0], &overlay, &err), &err);
    for (size_t i = 0; i < LF_COUNT(views); i++) {
        struct lf_view *view = views[i];
        struct lf_str path = LF_STR("/new"), other = LF_STR("/other");
        assert_refused(lf_view_put_link(view, path, other, &err), &err,
                       LF_CODE_VIEW_CHANGE);
        assert_refused(lf_view_put_dir(view, path, &err), &err,
                       LF_CODE_VIEW_CHANGE);
        assert_refused(lf_view_put_file(view, path, &err), &err,
                       LF_CODE_VIEW_CHANGE);
        assert_refused(lf_view_remove(view, path, &err), &err,
                       LF_CODE_VIEW_CHANGE);
        assert_refused(lf_view_rename(view, path, other, &err), &err,
                       LF_CODE_VIEW_CHANGE);
    }
    struct lf_view *undescribed[] = {views[1], overlay};
    for (size_t i = 0; i < LF_COUNT(undescribed); i++)
        assert_refused(lf_view_memory_add(undescribed[i], LF_NODE_FILE,
                                          LF_STR("/new"), LF_STR(""), &err),
                       &err, LF_CODE_VIEW_CHANGE);
    lf_view_free(overlay);
    lf_view_free(views[0]);
    lf_view_free(views[1]);
}

/* What cannot be a link, or stand where it is to, is refused; and a run without
 * links makes no directory for them. */
static void test_links_that_cannot_be(void **state)
{
    (void)state;
    char long_text[LF_PATH_LIMIT + 2];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    struct lf_str told[2] = {lf_str("a"), lf_str(long_text)};
    static const struct lf_link_run_ops ops = {told_name, told_text};
    struct lf_link_run run = {&ops, told, 1};
    struct lf_view *base, *overlay;
    struct lf_error err;
    assert_done(lf_view_memory_new(&base, &err), &err);
    assert_done(lf_view_memory_add(base, LF_NODE_FILE, LF_STR("/file"),
                                   LF_STR(""), &err),
                &err);
    assert_done(lf_view_overlay_new(base, &overlay, &err), &err);
    assert_refused(lf_view_put_links(overlay, LF_STR("/d"), &run, &err), &err,
                   LF_CODE_VIEW_CHANGE);
    told[0] = lf_str_of(long_text, LF_NAME_LIMIT + 1);
    told[1] = lf_str("x");
    assert_refused(lf_view_put_links(overlay, LF_STR("/d"), &run, &err), &err,
                   LF_CODE_VIEW_CHANGE);
    told[0] = lf_str("a");
    assert_refused(lf_view_put_links(overlay, LF_STR("/file"), &run, &err),
                   &err, LF_CODE_VIEW_CHANGE);
    told[1] = lf_str("");
    assert_done(lf_view_put_links(overlay, LF_STR("/d"), &run, &err), &err);
    assert_int_equal(kind_at(overlay, "/d"), LF_NODE_NOTHING);
    told[1] = lf_str("x");
    assert_done(lf_view_put_links(overlay, LF_STR("/d"), &run, &err), &err);
    assert_int_equal(kind_at(overlay, "/d"), LF_NODE_DIR);
    assert_int_equal(kind_at(overlay, "/d/a"), LF_NODE_LINK);
    assert_int_equal(kind_at(overlay, "/d/b"), LF_NODE_NOTHING);
    lf_view_free(overlay);
    lf_view_free(base);
}

/* Names of one directory in any order: each is found, and no other. */
static void test_order(void **state)
{
    (void)state;
    static const char *const orders[][5] = {
            {"/d/a", "/d/b", "/d/c", "/d/d", "/d/e"},
            {"/d/e", "/d/d", "/d/c", "/d/b", "/d/a"},
            {"/d/b", "/d/a", "/d/b", "/d/e", "/d/a"},
            {"/d/a", "/d/a", "/d/a", "/d/a", "/d/a"},
    };
    for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
        struct lf_view *base, *overlay;
        struct lf_resolver *resolver;
        struct lf_error err;
        assert_done(lf_view_memory_new(&base, &err), &err);
        assert_done(lf_view_overlay_new(base, &overlay, &err), &err);
        for (size_t i = 0; i < 5; i++)
            assert_done(lf_view_put_file(overlay, lf_str(orders[o][i]), &err),
                        &err);
        assert_done(lf_resolver_new(overlay, &resolver, &err), &err);
        for (size_t i = 0; i < 5; i++) {
            for (char c = 'a'; c <= 'f'; c++) {
                char path[] = {'/', 'd', '/', c, '\0'};
                struct lf_resolution *found;
                struct lf_resolve_request request = {.path = lf_str(path)};
                bool there = false;
                for (size_t j = 0; j < 5; j++)
                    there = there || strcmp(orders[o][j], path) == 0;
                assert_done(lf_resolve(resolver, &request, &found, &err), &err);
                assert_int_equal(found->outcome,
                                 there ? LF_OUTCOME_OK : LF_OUTCOME_MISSING);
                lf_resolution_free(found);
            }
        }
        lf_resolver_free(resolver);
        lf_view_free(overlay);
        lf_view_free(base);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_as_the_tree),
            cmocka_unit_test(test_other_views),
            cmocka_unit_test(test_links_that_cannot_be),
            cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
