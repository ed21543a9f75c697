/* SPDX-License-Identifier: MIT */
/* test_row.c - the rows of plan.h */
#include "base/pair.h"
#include "plan/plan.h"
#include "support/alloc_fail.h"
#include "support/check.h"

/* How a row comes to its path: that of a directory stands there. */
static const struct {
    const char *dir, *name, *path;
} paths[] = {
        {"/",    "a",   "/a"     },
        {"/d",   "a",   "/d/a"   },
        {"/d/e", "bc",  "/d/e/bc"},
        {"/d",   "..x", "/d/..x" },
};

static void test_a_path_is_joined_or_stands_there(void **state)
{
    (void)state;
    struct lf_buf room = {0};
    struct lf_plan plan = {0};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const struct lf_str dir = lf_str(paths[i].dir);
        size_t len = strlen(paths[i].name);
        const struct lf_common in = {.dir = &dir, .start = LF_STR("../s/")};
        struct lf_planned planned = {.in = &in,
                                     .text = paths[i].name,
                                     .text_len = (uint16_t)len,
                                     .name_len = (uint8_t)len};
        assert_str(lf_planned_path(&planned, &room), paths[i].path);
        assert_str(lf_plan_path(&plan, &planned), paths[i].path);
        planned = (struct lf_planned){.in = &in,
                                      .text = paths[i].path,
                                      .is_dir = true,
                                      .mode = 0700,
                                      .name_len = (uint8_t)len,
                                      .writes = true,
                                      .recorded = true};
        lf_buf_clear(&room);
        assert_str(lf_planned_path(&planned, &room), paths[i].path);
        assert_str(lf_plan_path(&plan, &planned), paths[i].path);
        assert_str(lf_planned_dir_path(&planned), paths[i].path);
        assert_str(lf_planned_name(&planned), paths[i].name);
        assert_int_equal(room.len, 0);
        assert_int_equal(lf_pair_len(lf_planned_text(&planned)), 0);
        assert_int_equal(lf_pair_len(lf_planned_old_text(&planned)), 0);
        assert_int_equal(lf_planned_mode(&planned), 0700);
    }
    lf_arena_finish(&plan.arena);
    lf_buf_finish(&room);
}

static void test_a_name_ends_the_text_or_follows_it(void **state)
{
    (void)state;
    static const struct {
        const char *start, *rest, *both, *name, *text;
        bool behind;
    } names[] = {
            {"",      "../s/name", "../s/name",        "name",  "../s/name", false},
            {"",      "name",      "name",             "name",  "name",      false},
            {"",      "../s/name", "../s/name\0.name", ".name", "../s/name", true },
            {"",      "",          "\0n",              "n",     "",          true },
            {"../s/", "name",      "name",             "name",  "../s/name", false},
            {"../s/", "name",      "name\0.name",      ".name", "../s/name", true },
    };
    const struct lf_str dir = lf_str("/d");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct lf_common in = {.dir = &dir,
                                     .start = lf_str(names[i].start)};
        struct lf_planned planned = {
                .in = &in,
                .text = names[i].both,
                .text_len = (uint16_t)strlen(names[i].rest),
                .name_len = (uint8_t)strlen(names[i].name),
                .behind = names[i].behind,
                .writes = true,
        };
        assert_str(lf_planned_name(&planned), names[i].name);
        struct lf_pair_room room;
        assert_str(lf_pair_join(lf_planned_text(&planned), &room),
                   names[i].text);
        assert_int_equal(lf_pair_len(lf_planned_old_text(&planned)), 0);
        assert_int_equal(lf_planned_mode(&planned), 0);
    }
}

static void test_what_is_said_in_a_few_bits(void **state)
{
    (void)state;
    static const struct lf_source source = {0};
    static const struct lf_asking_file file = {.source = &source};
    const struct lf_common in = {.file = &file};
    struct lf_rare rare = {.column = 70000};
    struct lf_planned planned = {.in = &in, .line = 1, .column = 65534};
    for (enum lf_fate fate = LF_FATE_NONE; fate <= LF_FATE_SAME; fate++) {
        lf_planned_set_fate(&planned, fate);
        assert_int_equal(lf_planned_fate(&planned), fate);
    }
    static const enum lf_origin origins[] = {LF_ORIGIN_MADE, LF_ORIGIN_CLAIMED,
                                             LF_ORIGIN_ADOPTED, LF_ORIGIN_MADE};
    for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
        lf_planned_set_origin(&planned, origins[i]);
        assert_int_equal(lf_planned_origin(&planned), origins[i]);
    }
    assert_int_equal(lf_planned_mark(&planned).column, 65534);
    planned.column = LF_COLUMN_FAR;
    planned.rare = &rare;
    assert_int_equal(lf_planned_mark(&planned).column, 70000);
    assert_int_equal(lf_planned_at(&planned).column, 70000);
    assert_true(sizeof(planned) <= 40);
}

static const struct {
    const char *dir, *name, *path;
    bool has;
} sources[] = {
        {"/s",  "a", "/s/a",   true },
        {"/",   "a", "/a",     true },
        {"/s",  "a", "/s/b",   false},
        {"/s",  "a", "/t/a",   false},
        {"/s",  "a", "/s/aa",  false},
        {"/s",  "a", "/s/a/b", false},
        {"/s",  "a", "/s",     false},
        {"/s",  "a", "",       false},
        {"/s",  "a", "/s0a",   false},
        {"/",   "a", "/b",     false},
        {"/sa", "b", "/s/ab",  false},
        {NULL,  "",  "/s/a",   false},
        {NULL,  "",  "",       false},
};

static void test_whether_a_source_is_at_a_path(void **state)
{
    (void)state;
    struct lf_plan plan = {0};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        const struct lf_str dir = lf_str(sources[i].dir);
        const struct lf_common in = {.source_dir =
                                             sources[i].dir ? &dir : NULL};
        const struct lf_planned planned = {
                .in = &in,
                .text = sources[i].name,
                .text_len = (uint16_t)strlen(sources[i].name),
                .source_name_len = (uint8_t)strlen(sources[i].name)};
        if (lf_planned_has_source(&planned, lf_str(sources[i].path)) !=
            sources[i].has)
            fail_msg("row %zu", i);
        if (sources[i].has)
            assert_str(lf_plan_source(&plan, &planned), sources[i].path);
        else if (!sources[i].dir)
            assert_str(lf_plan_source(&plan, &planned), "");
    }
    lf_arena_finish(&plan.arena);
}

static void test_without_memory_there_is_no_path(void **state)
{
    (void)state;
    const struct lf_str dir = lf_str("/d");
    struct lf_buf room = {0};
    struct lf_plan plan = {0};
    const struct lf_common in = {.dir = &dir, .source_dir = &dir};
    const struct lf_planned planned = {.in = &in,
                                       .name_len = 1,
                                       .text = "a",
                                       .text_len = 1,
                                       .source_name_len = 1};
    alloc_fail_from(0);
    struct lf_str path = lf_planned_path(&planned, &room);
    struct lf_str kept = lf_plan_path(&plan, &planned);
    struct lf_str source = lf_plan_source(&plan, &planned);
    assert_true(alloc_fail_stop());
    assert_null(path.data);
    assert_null(kept.data);
    assert_null(source.data);
    lf_buf_finish(&room);
    lf_arena_finish(&plan.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_path_is_joined_or_stands_there),
            cmocka_unit_test(test_a_name_ends_the_text_or_follows_it),
            cmocka_unit_test(test_what_is_said_in_a_few_bits),
            cmocka_unit_test(test_whether_a_source_is_at_a_path),
            cmocka_unit_test(test_without_memory_there_is_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
