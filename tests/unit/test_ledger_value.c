/* SPDX-License-Identifier: MIT */
/* test_ledger_value.c - farms and records, as they are put together */
#include "base/farm_name.h"
#include "ledger/ledger.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/sample_ledger.h"

static void test_farms_stand_in_the_order_of_their_names(void **state)
{
    static const char *const names[] = {"m", "b", "z", "a", "c"};
    struct lf_ledger *ledger = sample_empty(1);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        sample_farm(ledger, names[i], 1);
    for (uint32_t i = 1; i < ledger->n_farms; i++)
        assert_true(lf_str_compare(ledger->farms[i - 1]->name,
                                   ledger->farms[i]->name) < 0);
    assert_str(lf_ledger_find(ledger, LF_STR("c"))->name, "c");
    assert_null(lf_ledger_find(ledger, LF_STR("d")));
    lf_ledger_drop(ledger, LF_STR("d"));
    assert_int_equal(ledger->n_farms, 5);
    lf_ledger_drop(ledger, LF_STR("a"));
    lf_ledger_drop(ledger, LF_STR("z"));
    assert_int_equal(ledger->n_farms, 3);
    assert_null(lf_ledger_find(ledger, LF_STR("a")));
    assert_str(lf_ledger_find(ledger, LF_STR("m"))->name, "m");
    lf_ledger_free(ledger);
    lf_ledger_free(NULL);
    (void)state;
}

static void test_a_farm_has_a_fit_and_new_name(void **state)
{
    struct lf_error err;
    struct lf_recorded *farm;
    struct lf_ledger *ledger = sample_empty(1);
    sample_farm(ledger, "a", 1);
    assert_refused(lf_ledger_add(ledger, LF_STR("a"), &farm, &err), &err,
                   LF_CODE_INTERNAL);
    assert_refused(lf_ledger_add(ledger, LF_STR("a b"), &farm, &err), &err,
                   LF_CODE_INTERNAL);
    assert_int_equal(ledger->n_farms, 1);
    lf_ledger_free(ledger);
    (void)state;
}

static void test_farm_names_are_file_names(void **state)
{
    static const char long_name[] = "0123456789012345678901234567890123456789"
                                    "012345678901234567890123";
    static const char *const good[] = {"a", "A.b_c-9", "...", "-", long_name};
    static const char *const bad[] = {"", ".", "..", "a/b", "a b", "\xc3\xa4"};
    char longer[sizeof(long_name) + 1];
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(lf_farm_name_valid(lf_str(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(lf_farm_name_valid(lf_str(bad[i])));
    assert_false(lf_farm_name_valid(LF_STR("a\0b")));
    snprintf(longer, sizeof(longer), "%sx", long_name);
    assert_false(lf_farm_name_valid(lf_str(longer)));
    (void)state;
}

static void test_a_farm_is_described_in_order(void **state)
{
    static const struct lf_str unsorted[] = {
            {"b", 1},
            {"a", 1}
    };
    static const struct lf_str twice[] = {
            {"a", 1},
            {"a", 1}
    };
    static const struct lf_str relative[] = {
            {"a", 1}
    };
    static const struct lf_str swapped[] = {
            {"/b", 2},
            {"/a", 2}
    };
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(1);
    struct lf_recorded *farm = sample_farm(ledger, "a", 1);
    const struct lf_recorded_head wrong[] = {
            {.manifest = {"/m", 2},
             .into = {"/u", 2},
             .profiles = unsorted,
             .n_profiles = 2                                                 },
            {.manifest = {"/m", 2},
             .into = {"/u", 2},
             .profiles = twice,
             .n_profiles = 2                                                 },
            {.manifest = {"/m", 2}, .into = {"~/", 2}},
            {.manifest = {"/m", 2},
             .into = {"/u", 2},
             .traverse = relative,
             .n_traverse = 1},
            {.manifest = {"/m", 2},
             .into = {"/u", 2},
             .traverse = swapped,
             .n_traverse = 2                         },
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_refused(lf_recorded_describe(ledger, farm, &wrong[i], &err),
                       &err, LF_CODE_INTERNAL);
    assert_str(farm->head.into, "/home/u");
    lf_ledger_free(ledger);
    (void)state;
}

static void test_nothing_is_recorded_that_cannot_be_read_back(void **state)
{
    char long_text[4097];
    memset(long_text, 'a', sizeof(long_text));
    const struct lf_displaced no_kind = {.kind = LF_NODE_NOTHING};
    const struct lf_displaced unknown = {.kind = LF_NODE_UNKNOWN};
    const struct lf_displaced no_store = {.kind = LF_NODE_FILE,
                                          .store = LF_STR("s")};
    const struct {
        struct lf_str dir, name;
        struct lf_record record;
    } rows[] = {
            {LF_STR("u"),   LF_STR("a"),         {.text = LF_STR("x")}},
            {LF_STR(""),    LF_STR("a"),         {.text = LF_STR("x")}},
            {LF_STR("/u/"), LF_STR("a"),         {.text = LF_STR("x")}},
            {LF_STR("/u"),  LF_STR(""),          {.text = LF_STR("x")}},
            {LF_STR("/u"),  LF_STR("."),         {.text = LF_STR("x")}},
            {LF_STR("/u"),  LF_STR("a/b"),       {.text = LF_STR("x")}},
            {LF_STR("/u"),  LF_STR("a\0b"),      {.text = LF_STR("x")}},
            {LF_STR("/u"),  lf_str_of(long_text, 256),                  {.text = LF_STR("x")}},
            {LF_STR("/u"),             LF_STR("a"),                     {.text = LF_STR("")}                  },
            {LF_STR("/u"),             LF_STR("a"),                     {.text = LF_STR("x\0")}},
            {LF_STR("/u"),             LF_STR("a"),                     {.text = lf_str_of(long_text, 4096)}                  },
            {LF_STR("/u"),
             LF_STR("a"),
             {.text = LF_STR("x"), .has_mode = true}                                              },
            {LF_STR("/u"),
             LF_STR("a"),
             {.kind = LF_RECORD_DIR, .text = LF_STR("x")}                                              },
            {LF_STR("/u"),
             LF_STR("a"),
             {.kind = LF_RECORD_DIR, .displaced = &no_kind}                                              },
            {LF_STR("/u"),
             LF_STR("a"),
             {.kind = LF_RECORD_DIR, .displaced = &unknown}                                              },
            {LF_STR("/u"),
             LF_STR("a"),
             {.kind = LF_RECORD_DIR, .displaced = &no_store}                                              },
    };
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(1);
    struct lf_recorded *farm = sample_farm(ledger, "a", 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_refused(lf_recorded_add(ledger, farm, rows[i].dir, rows[i].name,
                                       &rows[i].record, &err),
                       &err, LF_CODE_INTERNAL);
    assert_int_equal(farm->n_records, 0);
    lf_ledger_free(ledger);
    (void)state;
}

static void test_the_limits_are_recorded(void **state)
{
    char longest[4095];
    memset(longest, 'a', sizeof(longest));
    struct lf_record record = {.text = lf_str_of(longest, sizeof(longest))};
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(1), *got = NULL;
    struct lf_recorded *farm = sample_farm(ledger, "a", 1);
    assert_done(lf_recorded_add(ledger, farm, LF_STR("/"),
                                lf_str_of(longest, 255), &record, &err),
                &err);
    assert_done(lf_recorded_seal(farm, &err), &err);
    struct lf_buf text = sample_text(ledger);
    assert_done(
            lf_ledger_decode(lf_buf_str(&text), LF_STR("LEDGER"), &got, &err),
            &err);
    assert_int_equal(got->farms[0]->records[0].text.len, 4095);
    lf_buf_finish(&text);
    lf_ledger_free(got);
    lf_ledger_free(ledger);
    (void)state;
}

static void test_a_place_has_one_record(void **state)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(1);
    struct lf_recorded *farm = sample_farm(ledger, "a", 1);
    sample_link(ledger, farm, "/u/a", "x");
    sample_link(ledger, farm, "/u/b", "x");
    sample_link(ledger, farm, "/u/a", "y");
    assert_refused(lf_recorded_seal(farm, &err), &err, LF_CODE_INTERNAL);
    assert_string_equal(err.message, "farm 'a' has two records for one place");
    lf_ledger_free(ledger);
    (void)state;
}

static void test_records_of_one_file_share_its_name(void **state)
{
    struct lf_ledger *ledger = sample_empty(1);
    struct lf_recorded *a = sample_farm(ledger, "a", 1);
    struct lf_recorded *b = sample_farm(ledger, "b", 1);
    b->head.manifest = a->head.manifest;
    sample_link(ledger, a, "/u/a", "x");
    sample_link(ledger, b, "/u/b", "x");
    assert_ptr_equal(a->records[0].file.data, b->records[0].file.data);
    lf_ledger_free(ledger);
    (void)state;
}

/* ---- memory ---- */

static void build(struct lf_ledger **ret_ledger, struct lf_error *err)
{
    static const struct lf_str profiles[] = {
            {"a", 1}
    };
    static const struct lf_str traverse[] = {
            {"/a", 2}
    };
    static const struct lf_displaced displaced = {
            .kind = LF_NODE_FILE, .store = {"/s", 2}
    };
    static const struct lf_record record = {
            .text = {"x",  1},
              .file = {"/m", 2},
              .displaced = &displaced
    };
    const struct lf_recorded_head head = {
            .manifest = {"/m", 2},
            .into = {"/u", 2},
            .profiles = profiles,
            .n_profiles = 1,
            .traverse = traverse,
            .n_traverse = 1
    };
    struct lf_ledger *ledger = NULL;
    struct lf_recorded *farm;
    if (!lf_ledger_new(&ledger, err))
        return;
    if (!lf_ledger_add(ledger, LF_STR("a"), &farm, err) ||
        !lf_recorded_describe(ledger, farm, &head, err) ||
        !lf_recorded_add(ledger, farm, LF_STR("/u"), LF_STR("a"), &record,
                         err) ||
        !lf_recorded_seal(farm, err)) {
        lf_ledger_free(ledger);
        return;
    }
    *ret_ledger = ledger;
}

static void test_building_without_memory_fails_cleanly(void **state)
{
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_error err = {0};
        struct lf_ledger *ledger = NULL;
        alloc_fail_at(n);
        build(&ledger, &err);
        if (alloc_fail_stop())
            assert_refused(ledger, &err, LF_CODE_NO_MEMORY);
        else
            assert_done(ledger, &err);
        lf_ledger_free(ledger);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_farms_stand_in_the_order_of_their_names),
            cmocka_unit_test(test_a_farm_has_a_fit_and_new_name),
            cmocka_unit_test(test_farm_names_are_file_names),
            cmocka_unit_test(test_a_farm_is_described_in_order),
            cmocka_unit_test(test_nothing_is_recorded_that_cannot_be_read_back),
            cmocka_unit_test(test_the_limits_are_recorded),
            cmocka_unit_test(test_a_place_has_one_record),
            cmocka_unit_test(test_records_of_one_file_share_its_name),
            cmocka_unit_test(test_building_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
