/* SPDX-License-Identifier: MIT */
/*
 * test_pattern_index.c - the last pattern of a long list that matches
 *
 * An index says what the plain loop over the list says, and does not try each pattern
 * with each path.
 */
#include "manifest/pattern_index.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <stdlib.h>

enum { MANY = 2000 };

struct list {
    struct lf_arena arena;
    struct lf_patterns patterns;
};

static void add(struct list *list, const char *text)
{
    const char *fault;
    assert_true(lf_patterns_add(&list->patterns, &list->arena, lf_str(text),
                                &fault));
}

static void finish(struct list *list)
{
    lf_patterns_finish(&list->patterns);
    lf_arena_finish(&list->arena);
}

/* ---- against the loop ---- */

static unsigned next(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

/* Few bytes, so that texts begin and end with each other. */
static void make_pattern(unsigned *seed, char *text)
{
    static const char *const pieces[] = {
            "a",    "b",    "ab",  "ba",   "/",    "*",    "?",   "**",
            "**/",  "/**",  "*a",  "b*",   "[ab]", "[!a]", "a/b", "\\a",
            "\\*",  "a]",   "]b",  "**/a", "/a",   "b/",   ".",   "a/*b",
            "[]a]", "\\\\", "\\ ", " ",    "*/b",  "aa",   "bb",  "a/**/b",
    };
    text[0] = '\0';
    if (next(seed, 5) == 0)
        strcat(text, "!");
    for (unsigned n = 1 + next(seed, 5); n > 0; n--)
        strcat(text, pieces[next(seed, ARRAY_LEN(pieces))]);
    if (next(seed, 5) == 0)
        strcat(text, "/");
}

/* Sometimes with what is a sign in patterns. */
static void make_path(unsigned *seed, char *path)
{
    static const char bytes[] = "aaaabbbb.*] \\";
    size_t len = 0;
    for (unsigned part = 1 + next(seed, 3); part > 0; part--) {
        for (unsigned n = 1 + next(seed, 5); n > 0; n--)
            path[len++] = bytes[next(seed, sizeof(bytes) - 1)];
        path[len++] = '/';
    }
    path[len - 1] = '\0';
}

static bool is_odd(const void *arg, uint32_t index)
{
    (void)arg;
    return index % 2 == 1;
}

static uint32_t loop_last(const struct lf_patterns *list, struct lf_str path,
                          bool is_dir, lf_pattern_filter *filter)
{
    uint32_t found = LF_NO_PATTERN;
    for (uint32_t i = 0; i < list->count; i++) {
        if ((!filter || filter(NULL, i)) &&
            lf_pattern_matches(list, i, path, is_dir))
            found = i;
    }
    return found;
}

static void compare(const struct lf_patterns *list, lf_pattern_filter *filter,
                    unsigned *seed)
{
    struct lf_pattern_index index = {0};
    char path[64];
    assert_true(lf_pattern_index_make(&index, list, filter, NULL));
    for (unsigned i = 0; i < 100; i++) {
        make_path(seed, path);
        bool is_dir = next(seed, 2);
        uint32_t want = loop_last(list, lf_str(path), is_dir, filter);
        uint32_t got = lf_pattern_index_last(&index, lf_str(path), is_dir);
        if (got != want)
            print_error("# \"%s\", %s\n", path, is_dir ? "directory" : "file");
        assert_int_equal(got, want);
    }
    lf_pattern_index_finish(&index);
}

static void test_says_what_the_loop_says(void **state)
{
    (void)state;
    unsigned seed = 1;
    char text[64];
    for (unsigned round = 0; round < 600; round++) {
        struct list list = {0};
        for (unsigned n = 1 + next(&seed, 60); n > 0; n--) {
            make_pattern(&seed, text);
            add(&list, text);
        }
        compare(&list.patterns, NULL, &seed);
        compare(&list.patterns, is_odd, &seed);
        finish(&list);
    }
}

/* ---- what is tried ---- */

struct shape {
    const char *title, *pattern, *path;
};

/* A number stands for the sign #. */
static const struct shape shapes[] = {
        {"names",                    "n#",        "d/n#"    },
        {"directories",              "n#/",       "d/n#"    },
        {"paths",                    "/d/n#",     "d/n#"    },
        {"beginnings of names",      "n#*",       "d/n#.c"  },
        {"ends of names",            "*#",        "d/n#"    },
        {"ends behind a bracket",    "[a-z]#",    "d/n#"    },
        {"beginnings of paths",      "d/n#/**",   "d/n#/x/y"},
        {"ends of paths",            "**/n#",     "d/n#"    },
        {"ends of paths that begin", "d/**/x/n#", "d/x/x/n#"},
        {"taken back",               "!n#",       "d/n#"    },
};

static void fill(char text[64], const char *shape, unsigned number)
{
    const char *sign = strchr(shape, '#');
    assert_non_null(sign);
    snprintf(text, 64, "%.*s%05u%s", (int)(sign - shape), shape, number,
             sign + 1);
}

static void test_tries_few(void **state)
{
    const struct shape *shape = *state;
    struct list list = {0};
    struct lf_pattern_index index = {0};
    char text[64];
    for (unsigned i = 0; i < MANY; i++) {
        fill(text, shape->pattern, i);
        add(&list, text);
    }
    assert_true(lf_pattern_index_make(&index, &list.patterns, NULL, NULL));
    for (unsigned i = 0; i < MANY; i++) {
        fill(text, shape->path, i);
        assert_int_equal(lf_pattern_index_last(&index, lf_str(text), true), i);
    }
    assert_in_range(index.tried, MANY, 2 * MANY);
    /* and what matches none */
    fill(text, shape->path, MANY);
    assert_int_equal(lf_pattern_index_last(&index, lf_str(text), true),
                     LF_NO_PATTERN);
    assert_in_range(index.tried, MANY, 2 * MANY);
    lf_pattern_index_finish(&index);
    finish(&list);
}

static void test_needs_memory(void **state)
{
    (void)state;
    struct list list = {0};
    for (unsigned i = 0; i < ARRAY_LEN(shapes); i++) {
        for (unsigned n = 0; n < 3; n++)
            add(&list, shapes[i].pattern);
    }
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_pattern_index index = {0};
        alloc_fail_at(n);
        bool done = lf_pattern_index_make(&index, &list.patterns, NULL, NULL);
        assert_int_equal(done, !alloc_fail_stop());
        lf_pattern_index_finish(&index);
    }
    finish(&list);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(shapes) + 2] = {
            cmocka_unit_test(test_says_what_the_loop_says),
            cmocka_unit_test(test_needs_memory),
    };
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        tests[i + 2] =
                (struct CMUnitTest){shapes[i].title, test_tries_few, NULL, NULL,
                                    (void *)(uintptr_t)&shapes[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
