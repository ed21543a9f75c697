/* SPDX-License-Identifier: MIT */
/*
 * test_resolve_requests.c - what nobody may ask
 *
 * A path with a NUL, one that is not absolute, a link at the root: none has an
 * answer, on any disk. Each is an error of the caller, and says which.
 */
#include "base/util.h"
#include "manifest/expander.h"
#include "support/check.h"

#include <linkfarm/resolve.h>
#include <linkfarm/resolve_windows.h>

/* One function for all requests; what it gives back is of no interest. */
typedef bool ask_fn(struct lf_resolver *resolver, struct lf_str path,
                    struct lf_error *err);

static bool ask_resolve(struct lf_resolver *resolver, struct lf_str path,
                        struct lf_error *err)
{
    struct lf_resolve_request request = {.path = path};
    struct lf_resolution *resolution;
    bool done = lf_resolve(resolver, &request, &resolution, err);
    if (done)
        lf_resolution_free(resolution);
    return done;
}

static bool ask_dir(struct lf_resolver *resolver, struct lf_str path,
                    struct lf_error *err)
{
    struct lf_str dir;
    int error;
    return lf_resolve_dir(resolver, path, &dir, &error, err);
}

static bool ask_place(struct lf_resolver *resolver, struct lf_str path,
                      struct lf_error *err)
{
    struct lf_str dir, name, blocked;
    return lf_locate(resolver, path, 0, NULL, 0, &dir, &name, &blocked, err);
}

static bool ask_text(struct lf_resolver *resolver, struct lf_str path,
                     struct lf_error *err)
{
    struct lf_str text;
    enum lf_reltext_reason reason;
    bool done = lf_reltext(resolver, path, LF_STR("/a"), LF_RELTEXT_PHYSICAL,
                           &text, &reason, err);
    if (done)
        lf_free_const(text.data);
    return done;
}

static bool ask_source(struct lf_resolver *resolver, struct lf_str path,
                       struct lf_error *err)
{
    struct lf_str text;
    enum lf_reltext_reason reason;
    bool done = lf_reltext(resolver, LF_STR("/a"), path, LF_RELTEXT_PHYSICAL,
                           &text, &reason, err);
    if (done)
        lf_free_const(text.data);
    return done;
}

static bool ask_windows(struct lf_resolver *resolver, struct lf_str path,
                        struct lf_error *err)
{
    struct lf_win_context context = {.cwd = LF_STR("C:\\")};
    struct lf_win_full_path full;
    (void)resolver;
    bool done = lf_win_full_path(path, &context, &full, err);
    if (done)
        lf_free_const(full.full.data);
    return done;
}

#define PATH(literal)                                                          \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }

static const struct request {
    const char *title;
    ask_fn *ask;
    struct lf_str path;
    const char *says; /* NULL: it may be asked */
} requests[] = {
        {"resolve",             ask_resolve, PATH("/a"),     NULL         },
        {"resolve, NUL",        ask_resolve, PATH("/a\0b"),  "NUL"        },
        {"directory",           ask_dir,     PATH("/a"),     NULL         },
        {"directory, NUL",      ask_dir,     PATH("/\0"),    "NUL"        },
        {"directory, relative", ask_dir,     PATH("a"),      "absolute"   },
        {"directory, empty",    ask_dir,     PATH(""),       "absolute"   },
        {"place",               ask_place,   PATH("/a/b"),   NULL         },
        {"place, relative",     ask_place,   PATH("a/b"),    "absolute"   },
        {"place, NUL",          ask_place,   PATH("/a/\0"),  "NUL"        },
        {"place, the root",     ask_place,   PATH("/"),      "at the root"},
        {"place, a dot",        ask_place,   PATH("/a/."),   "at the root"},
        {"place, two dots",     ask_place,   PATH("/a/.."),  "at the root"},
        {"text",                ask_text,    PATH("/a/b"),   NULL         },
        {"text, relative",      ask_text,    PATH("b"),      "absolute"   },
        {"text, the root",      ask_text,    PATH("//"),     "at the root"},
        {"source, relative",    ask_source,  PATH("b"),      "absolute"   },
        {"source, the root",    ask_source,  PATH("/"),      NULL         },
        {"Windows",             ask_windows, PATH("C:\\a"),  NULL         },
        {"Windows, empty",      ask_windows, PATH(""),       "empty"      },
        {"Windows, NUL",        ask_windows, PATH("C:\\\0"), "NUL"        },
};

static void test_what_has_no_answer_is_refused(void **state)
{
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_error err;
    (void)state;
    assert_done(lf_view_memory_new(&view, &err), &err);
    assert_done(lf_resolver_new(view, &resolver, &err), &err);
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        const struct request *request = &requests[i];
        err = (struct lf_error){0};
        bool done = request->ask(resolver, request->path, &err);
        if (done != (request->says == NULL))
            fail_msg("%s: %s", request->title,
                     done ? "was answered" : err.message);
        if (done)
            continue;
        if (err.code != LF_CODE_RESOLVE_REQUEST ||
            !strstr(err.message, request->says))
            fail_msg("%s: LF%03d %s", request->title, (int)err.code,
                     err.message);
    }
    lf_resolver_free(resolver);
    lf_view_free(view);
}

/* A described tree for Windows has roots at which no link can stand. */
static void test_windows_has_no_link_at_a_root(void **state)
{
    struct lf_win_context context = {.cwd = LF_STR("C:\\")};
    struct lf_win_tree *tree;
    struct lf_error err;
    struct lf_str text;
    enum lf_reltext_reason reason;
    (void)state;
    assert_done(lf_win_tree_new(&tree, &err), &err);
    assert_refused(lf_win_reltext(tree, &context, LF_STR("C:\\"),
                                  LF_STR("C:\\a"), &text, &reason, &err),
                   &err, LF_CODE_RESOLVE_REQUEST);
    lf_win_tree_free(tree);
}

/* Nothing, and what a listing did not say, are not described: they would be there
 * and not be there. */
static void test_a_described_node_is_something(void **state)
{
    struct lf_view *view;
    struct lf_win_tree *tree;
    struct lf_error err;
    (void)state;
    assert_done(lf_view_memory_new(&view, &err), &err);
    assert_refused(lf_view_memory_add(view, LF_NODE_NOTHING, LF_STR("/a/b"),
                                      LF_STR(""), &err),
                   &err, LF_CODE_VIEW_CHANGE);
    assert_refused(lf_view_memory_add(view, LF_NODE_UNKNOWN, LF_STR("/a/b"),
                                      LF_STR(""), &err),
                   &err, LF_CODE_VIEW_CHANGE);
    /* and nothing was made on the way */
    assert_done(lf_view_memory_add(view, LF_NODE_FILE, LF_STR("/a"), LF_STR(""),
                                   &err),
                &err);
    lf_view_free(view);
    assert_done(lf_win_tree_new(&tree, &err), &err);
    assert_refused(lf_win_tree_add(tree, LF_WIN_NOTHING, LF_STR("C:\\a\\b"),
                                   LF_STR(""), &err),
                   &err, LF_CODE_VIEW_CHANGE);
    assert_done(lf_win_tree_add(tree, LF_WIN_FILE, LF_STR("C:\\a"), LF_STR(""),
                                &err),
                &err);
    lf_win_tree_free(tree);
}

/* One more than ten million, without making them. */
static void test_a_farm_has_a_most(void **state)
{
    struct lf_error err = {0};
    struct lf_desired desired = {.n_wishes = LF_LINK_COUNT_LIMIT};
    struct lf_expander expander = {.err = &err, .desired = &desired};
    const struct lf_entry entry = {.line = 7, .column = 3};
    struct lf_wish wish = {.entry = &entry};
    (void)state;
    assert_refused(
            lf_expand_wish(&expander, LF_STR("/d"), LF_STR("name"), &wish),
            &err, LF_CODE_TOO_MANY_LINKS);
    assert_int_equal(err.mark.line, 7);
    assert_int_equal(err.mark.column, 3);
    assert_non_null(strstr(err.help, "several farms"));
    assert_int_equal(desired.n_wishes, LF_LINK_COUNT_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_what_has_no_answer_is_refused),
            cmocka_unit_test(test_windows_has_no_link_at_a_root),
            cmocka_unit_test(test_a_described_node_is_something),
            cmocka_unit_test(test_a_farm_has_a_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
