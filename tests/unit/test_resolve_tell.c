/* SPDX-License-Identifier: MIT */
/*
 * test_resolve_tell.c - directories that the caller has seen in a resolver's stead
 *
 * What is told answers as a look would, and saves it. What is told where the
 * resolver cannot know that it is so changes nothing. And what a resolver has seen
 * others can be told, without a look.
 */
#include "resolve/overlay.h"
#include "resolve/resolver.h"
#include "resolve/tell.h"
#include "support/check.h"
#include "support/scratch.h"

#include <linkfarm/resolve.h>
#include <sys/stat.h>

struct telling {
    const char *title;
    const char *asked; /* before; NULL: nothing is */
    const char *told;
    enum lf_node_kind kind;
    const char *dir; /* that is asked about afterwards */
    unsigned looks;  /* that it costs */
};

static const struct telling tellings[] = {
        {"nothing told",        "/a",   NULL,     LF_NODE_DIR,  "/a/b",   1},
        {"told",                "/a",   "/a/b",   LF_NODE_DIR,  "/a/b",   0},
        {"below what was told", "/a",   "/a/b",   LF_NODE_DIR,  "/a/b/c", 1},
        {"beside it",           "/a",   "/a/b",   LF_NODE_DIR,  "/a/d",   1},
        {"told and known",      "/a/b", "/a/b",   LF_NODE_DIR,  "/a/b",   0},
        {"no directory",        "/a",   "/a/b",   LF_NODE_FILE, "/a/b",   1},
        {"above is not known",  "/a",   "/a/b/c", LF_NODE_DIR,  "/a/b/c", 2},
        {"above is a link",     "/l",   "/l/b",   LF_NODE_DIR,  "/l/b",   1},
        {"above is missing",    "/a/x", "/a/x/y", LF_NODE_DIR,  "/a/x/y", 0},
        {"no name",             "/a",   "/a/.",   LF_NODE_DIR,  "/a/b",   1},
};

static struct lf_str below(const struct scratch *scratch, const char *path,
                           char *buf, size_t size)
{
    int len = snprintf(buf, size, "%s%s", scratch->path, path);
    assert_in_range(len, 1, size - 1);
    return lf_str(buf);
}

static void resolve(struct lf_resolver *resolver, struct lf_str path,
                    struct lf_str *ret)
{
    struct lf_error err;
    int error;
    assert_done(lf_resolve_dir(resolver, path, ret, &error, &err), &err);
    assert_int_equal(error, 0);
}

static struct lf_node node_of(const char *path, enum lf_node_kind kind)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return (struct lf_node){.kind = kind, .dev = st.st_dev, .ino = st.st_ino};
}

static void test_tell(void **state)
{
    char buf[512];
    struct lf_error err;
    struct scratch *scratch = scratch_new();
    scratch_nodes(scratch, "a/b/c/\na/d/\nl -> a\n");
    for (size_t i = 0; i < ARRAY_LEN(tellings); i++) {
        const struct telling *telling = &tellings[i];
        struct lf_view *view;
        struct lf_resolver *resolver, *fresh;
        struct lf_str dir, want;
        print_message("# %s\n", telling->title);
        assert_done(lf_view_open("/", &view, &err), &err);
        assert_done(lf_resolver_new(view, &resolver, &err), &err);
        resolve(resolver, below(scratch, telling->asked, buf, sizeof(buf)),
                &dir);
        if (telling->told) {
            struct lf_str told =
                    below(scratch, telling->told, buf, sizeof(buf));
            struct lf_node node = {.kind = telling->kind};
            if (scratch_exists(scratch, telling->told + 1))
                node = node_of(buf, telling->kind);
            assert_done(lf_resolver_tell(resolver, told, &node, &err), &err);
        }
        uint64_t before = lf_view_lookups(view);
        struct lf_str asked = below(scratch, telling->dir, buf, sizeof(buf));
        resolve(resolver, asked, &dir);
        assert_int_equal(lf_view_lookups(view) - before, telling->looks);
        assert_done(lf_resolver_new(view, &fresh, &err), &err);
        resolve(fresh, asked, &want);
        assert_str_same(dir, want);
        lf_resolver_free(fresh);
        lf_resolver_free(resolver);
        lf_view_free(view);
    }
    scratch_free(scratch);
    (void)state;
}

/* A view of planned changes knows more of a directory than its node. */
static void test_other_views(void **state)
{
    struct lf_error err;
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_str dir;
    const struct lf_node node = {.kind = LF_NODE_DIR};
    assert_done(lf_view_memory_new(&view, &err), &err);
    assert_done(lf_view_memory_add(view, LF_NODE_DIR, lf_str("/a/b"),
                                   lf_str(""), &err),
                &err);
    assert_done(lf_resolver_new(view, &resolver, &err), &err);
    resolve(resolver, lf_str("/a"), &dir);
    assert_done(lf_resolver_tell(resolver, lf_str("/a/b"), &node, &err), &err);
    uint64_t before = lf_view_lookups(view);
    resolve(resolver, lf_str("/a/b"), &dir);
    assert_int_equal(lf_view_lookups(view) - before, 1);
    lf_resolver_free(resolver);
    lf_view_free(view);
    (void)state;
}

/* ---- what was seen ---- */

struct seeing {
    const char *title;
    const char *resolved; /* before */
    const char *asked;
    bool seen;
};

static const struct seeing seeings[] = {
        {"the root",               "/a",   "/",      true },
        {"resolved",               "/a/b", "/a/b",   true },
        {"above it",               "/a/b", "/a",     true },
        {"below it",               "/a/b", "/a/b/c", false},
        {"beside it",              "/a/b", "/a/d",   false},
        {"missing",                "/a/x", "/a/x",   false},
        {"a link",                 "/l",   "/l",     false},
        {"through a link",         "/l/b", "/l/b",   false},
        {"what a link leads to",   "/l/b", "/a/b",   true },
        {"a name that ends there", "/a/b", "/a/",    true },
};

static void test_what_was_seen_is_known(void **state)
{
    char buf[512];
    struct lf_error err;
    struct lf_str dir;
    struct scratch *scratch = scratch_new();
    scratch_nodes(scratch, "a/b/c/\na/d/\nl -> a\n");
    for (size_t i = 0; i < ARRAY_LEN(seeings); i++) {
        const struct seeing *seeing = &seeings[i];
        struct lf_view *view;
        struct lf_resolver *resolver;
        assert_done(lf_view_open(scratch->path, &view, &err), &err);
        assert_done(lf_resolver_new(view, &resolver, &err), &err);
        resolve(resolver, lf_str(seeing->resolved), &dir);
        uint64_t before = lf_view_lookups(view);
        const struct lf_place *place =
                lf_tree_seen(&resolver->tree, lf_str(seeing->asked));
        if ((place != NULL) != seeing->seen)
            fail_msg("%s: seen %d", seeing->title, place != NULL);
        assert_int_equal(lf_view_lookups(view), before);
        if (place) {
            snprintf(buf, sizeof(buf), "%s%s", scratch->path, seeing->asked);
            struct lf_node node = node_of(buf, LF_NODE_DIR);
            assert_true(lf_node_same(place->node, &node));
        }
        lf_resolver_free(resolver);
        lf_view_free(view);
    }
    scratch_free(scratch);
    (void)state;
}

/* What changed since is not what was seen. */
static void test_a_change_is_not_what_was_seen(void **state)
{
    struct lf_error err;
    struct lf_view *base, *overlay;
    struct lf_resolver *resolver;
    struct lf_str dir;
    assert_done(lf_view_memory_new(&base, &err), &err);
    assert_done(lf_view_memory_add(base, LF_NODE_DIR, lf_str("/a/b"),
                                   lf_str(""), &err),
                &err);
    assert_done(lf_view_overlay_new(base, &overlay, &err), &err);
    assert_done(lf_resolver_new(overlay, &resolver, &err), &err);
    resolve(resolver, lf_str("/a/b"), &dir);
    assert_non_null(lf_tree_seen(&resolver->tree, lf_str("/a/b")));
    assert_done(lf_view_remove(overlay, lf_str("/a/b"), &err), &err);
    assert_null(lf_tree_seen(&resolver->tree, lf_str("/a/b")));
    lf_resolver_free(resolver);
    lf_view_free(overlay);
    lf_view_free(base);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_tell),
            cmocka_unit_test(test_other_views),
            cmocka_unit_test(test_what_was_seen_is_known),
            cmocka_unit_test(test_a_change_is_not_what_was_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
