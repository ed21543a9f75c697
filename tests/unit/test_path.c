/* SPDX-License-Identifier: MIT */
/* test_path.c - path.h */
#include "base/path.h"
#include "support/alloc_fail.h"
#include "support/check.h"

static const struct {
    const char *path, *dir, *name;
} splits[] = {
        {"/a/b/c", "/a/b", "c" },
        {"/a",     "/",    "a" },
        {"/",      "/",    ""  },
        {"",       "",     ""  },
        {"a",      "",     "a" },
        {"a/b",    "a",    "b" },
        {"/a/b/",  "/a",   "b" },
        {"//a",    "/",    "a" },
        {"/a//b",  "/a",   "b" },
        {"//",     "/",    ""  },
        {"/a/..",  "/a",   ".."},
        {"a/",     "",     "a" },
        {"/ /\n",  "/ ",   "\n"},
        {"/a/b//", "/a",   "b" },
};

static void test_finds_dots_that_are_components(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool has;
    } rows[] = {
            {"",          false},
            {"/",         false},
            {"/a/b",      false},
            {"a/..b/c..", false},
            {"/a/.b/...", false},
            {".",         true },
            {"..",        true },
            {"/a/./b",    true },
            {"/a//..//b", true },
            {"a/.",       true },
            {"a/../",     true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(lf_path_has_dots(lf_str(rows[i].path)), rows[i].has);
}

static void test_a_path_splits_into_directory_and_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
        assert_str(lf_path_dir(lf_str(splits[i].path)), splits[i].dir);
        assert_str(lf_path_name(lf_str(splits[i].path)), splits[i].name);
    }
    assert_int_equal(lf_path_dir(lf_str(NULL)).len, 0);
    assert_int_equal(lf_path_name(lf_str(NULL)).len, 0);
}

static void test_components_come_one_by_one(void **state)
{
    (void)state;
    struct lf_str rest = lf_str("//a/./bc//../d/");
    const char *want[] = {"a", ".", "bc", "..", "d", "", ""};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_str(lf_path_next(&rest), want[i]);
    rest = lf_str(NULL);
    assert_int_equal(lf_path_next(&rest).len, 0);
}

static void test_joining_puts_one_slash_between(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *path;
    } rows[] = {
            {"/",  "a",   "/a"    },
            {"/a", "b",   "/a/b"  },
            {"",   "a",   "a"     },
            {"/a", "",    "/a"    },
            {"",   "",    ""      },
            {"a/", "b",   "a/b"   },
            {"/a", "b/c", "/a/b/c"},
    };
    struct lf_arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct lf_str dir = lf_str(rows[i].dir), name = lf_str(rows[i].name);
        struct lf_str path = lf_path_join(&arena, dir, name);
        assert_str(path, rows[i].path);
        assert_int_equal(path.data[path.len], '\0');
        struct lf_buf buf = {0};
        lf_path_add(&buf, dir, name);
        assert_str(lf_buf_str(&buf), rows[i].path);
        lf_buf_finish(&buf);
    }
    lf_arena_finish(&arena);
    alloc_fail_at(0);
    struct lf_str none = lf_path_join(&arena, lf_str("/a"), lf_str("b"));
    assert_true(alloc_fail_stop());
    assert_null(none.data);
    assert_int_equal(none.len, 0);
}

static void test_within_is_by_whole_components(void **state)
{
    (void)state;
    static const struct {
        const char *path, *dir;
        bool within;
    } rows[] = {
            {"/a",    "/a",   true },
            {"/a/b",  "/a",   true },
            {"/ab",   "/a",   false},
            {"/a",    "/a/b", false},
            {"/",     "/",    true },
            {"/a",    "/",    true },
            {"/b",    "/a",   false},
            {"/a-b",  "/a",   false},
            {"/a//b", "/a",   true },
            {"/a/b",  "/a/",  true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(
                lf_path_within(lf_str(rows[i].path), lf_str(rows[i].dir)),
                rows[i].within);
}

static void test_below_a_name_in_a_directory(void **state)
{
    (void)state;
    static const struct {
        const char *path, *dir, *name;
        bool below;
    } rows[] = {
            {"/a/b",   "/a", "b", true },
            {"/a/b/c", "/a", "b", true },
            {"/a/bc",  "/a", "b", false},
            {"/a",     "/a", "b", false},
            {"/b",     "/a", "b", false},
            {"/ab/b",  "/a", "b", false},
            {"/a/c/b", "/a", "b", false},
            {"/b",     "/",  "b", true },
            {"/b/c",   "/",  "b", true },
            {"/",      "/",  "b", false},
            {"b",      "",   "b", true },
            {"b/c",    "",   "b", true },
            {"/b",     "",   "b", false},
            {"",       "",   "b", false},
            {"d/b/c",  "d",  "b", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(lf_path_below(lf_str(rows[i].path),
                                       lf_str(rows[i].dir),
                                       lf_str(rows[i].name)),
                         rows[i].below);
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void
test_a_directory_comes_directly_before_what_is_below_it(void **state)
{
    (void)state;
    static const char *const sorted[] = {
            "",
            "/",
            "/\x01",
            "/a",
            "/a/0",
            "/a/b",
            "/a/b/c",
            "/a/\xff",
            "/a\x01",
            "/a-b",
            "/a-b/c",
            "/a.d",
            "/a0",
            "/a_very_long_directory_name_beyond_one_stride/x",
            "/a_very_long_directory_name_beyond_one_stride/x/y",
            "/a_very_long_directory_name_beyond_one_stride/y",
            "/a_very_long_directory_name_beyond_one_stride-",
            "/b",
            "/\x80",
            "/\xff",
            "0",
    };
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
        for (size_t j = 0; j < ARRAY_LEN(sorted); j++)
            assert_int_equal(
                    sign(lf_path_compare(lf_str(sorted[i]), lf_str(sorted[j]))),
                    (i > j) - (i < j));
    }
}

/* Where two paths begin to differ, in or behind a stride, is of no account. */
static void test_paths_differ_anywhere(void **state)
{
    (void)state;
    char a[40], b[40];
    for (size_t len = 1; len <= sizeof(a); len++) {
        for (size_t at = 0; at < len; at++) {
            memset(a, 'p', sizeof(a));
            memset(b, 'p', sizeof(b));
            b[at] = 'q';
            a[len - 1] = at + 1 < len ? 'z' : 'p';
            struct lf_str left = lf_str_of(a, len), right = lf_str_of(b, len);
            assert_true(lf_path_compare(left, right) < 0);
            assert_true(lf_path_compare(right, left) > 0);
            b[at] = '/';
            assert_true(lf_path_compare(left, right) > 0);
            b[at] = (char)0xff;
            assert_true(lf_path_compare(left, right) < 0);
            assert_true(lf_path_compare(lf_str_of(a, at), left) < 0);
            assert_int_equal(lf_path_compare(left, left), 0);
        }
    }
}

static void test_the_normal_form_is_lexical(void **state)
{
    (void)state;
    static const struct {
        const char *path, *normal;
    } rows[] = {
            {"/",               "/"     },
            {"//",              "/"     },
            {"/.",              "/"     },
            {"/..",             "/"     },
            {"/../..",          "/"     },
            {"/a",              "/a"    },
            {"/a/",             "/a"    },
            {"//a//b//",        "/a/b"  },
            {"/a/./b/.",        "/a/b"  },
            {"/a/../b",         "/b"    },
            {"/a/..",           "/"     },
            {"/a/b/../..",      "/"     },
            {"/a/b/../../../c", "/c"    },
            {"/...",            "/..."  },
            {"/a/..b",          "/a/..b"},
            {"/a/.b/",          "/a/.b" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct lf_buf buf = {0};
        lf_buf_add(&buf, lf_str("x/y"));
        assert_true(lf_path_normalise(&buf, lf_str(rows[i].path)));
        assert_str(lf_str_of(buf.data + 3, buf.len - 3), rows[i].normal);
        assert_memory_equal(buf.data, "x/y", 3);
        lf_buf_clear(&buf);
        assert_true(lf_path_normalise(&buf, lf_str(rows[i].normal)));
        assert_str(lf_buf_str(&buf), rows[i].normal);
        lf_buf_finish(&buf);
    }
}

static void test_only_absolute_paths_have_a_normal_form(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    lf_buf_add(&buf, lf_str("kept"));
    assert_false(lf_path_normalise(&buf, lf_str("")));
    assert_false(lf_path_normalise(&buf, lf_str("a/b")));
    assert_false(lf_path_normalise(&buf, lf_str("./a")));
    assert_str(lf_buf_str(&buf), "kept");
    lf_buf_finish(&buf);
}

static void test_normalising_without_memory_is_remembered(void **state)
{
    (void)state;
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_buf buf = {0};
        alloc_fail_at(n);
        for (int i = 0; i < 20; i++)
            lf_path_normalise(&buf, lf_str("/aaaa/../bbbbbbbb/./cccc/../.."));
        assert_int_equal(lf_buf_failed(&buf), alloc_fail_stop());
        lf_buf_finish(&buf);
    }
}

static void test_what_a_text_ends_in(void **state)
{
    (void)state;
    static const struct {
        const char *text, *suffix;
        bool ends;
    } ends[] = {
            {"../s/name", "name", true },
            {"name",      "name", true },
            {"ame",       "name", false},
            {"naMe",      "name", false},
            {"name/",     "name", false},
            {"name",      "",     true },
            {"",          "",     true },
            {"",          "n",    false},
    };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (lf_str_ends(lf_str(ends[i].text), lf_str(ends[i].suffix)) !=
            ends[i].ends)
            fail_msg("row %zu", i);
    assert_true(lf_str_ends(lf_str(NULL), lf_str(NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_what_a_text_ends_in),
            cmocka_unit_test(test_finds_dots_that_are_components),
            cmocka_unit_test(test_a_path_splits_into_directory_and_name),
            cmocka_unit_test(test_components_come_one_by_one),
            cmocka_unit_test(test_below_a_name_in_a_directory),
            cmocka_unit_test(test_joining_puts_one_slash_between),
            cmocka_unit_test(test_within_is_by_whole_components),
            cmocka_unit_test(
                    test_a_directory_comes_directly_before_what_is_below_it),
            cmocka_unit_test(test_paths_differ_anywhere),
            cmocka_unit_test(test_the_normal_form_is_lexical),
            cmocka_unit_test(test_only_absolute_paths_have_a_normal_form),
            cmocka_unit_test(test_normalising_without_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
