/* SPDX-License-Identifier: MIT */
/* test_buf.c - buf.h */
#include "base/buf.h"
#include "base/util.h"
#include "support/alloc_fail.h"
#include "support/check.h"

static void test_an_empty_buffer_is_an_empty_text(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    assert_str(lf_buf_str(&buf), "");
    assert_non_null(lf_buf_str(&buf).data);
    lf_buf_truncate(&buf, 0);
    lf_buf_clear(&buf);
    lf_buf_add(&buf, lf_str(NULL));
    assert_str(lf_buf_str(&buf), "");
    assert_false(lf_buf_failed(&buf));
    lf_buf_finish(&buf);
}

static void test_what_is_added_stands_in_order_before_a_nul(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    lf_buf_add(&buf, lf_str("ab"));
    lf_buf_add_char(&buf, '\0');
    lf_buf_add_char(&buf, 'c');
    lf_buf_add_format(&buf, "-%s-%d-", "text", 42);
    lf_buf_add_u64(&buf, 7);
    assert_str_same(lf_buf_str(&buf), LF_STR("ab\0c-text-42-7"));
    assert_int_equal(buf.data[buf.len], '\0');
    lf_buf_truncate(&buf, 2);
    assert_string_equal(buf.data, "ab");
    lf_buf_add_format(&buf, "%s", "");
    assert_str(lf_buf_str(&buf), "ab");
    lf_buf_finish(&buf);
}

static void test_numbers_are_decimal(void **state)
{
    (void)state;
    const uint64_t numbers[] = {0,   9,          10,         99,
                                100, UINT32_MAX, 1ULL << 63, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char want[32];
        snprintf(want, sizeof(want), "%llu", (unsigned long long)numbers[i]);
        struct lf_buf buf = {0};
        lf_buf_add_u64(&buf, numbers[i]);
        assert_str(lf_buf_str(&buf), want);
        lf_buf_finish(&buf);
    }
}

static void test_it_grows_over_every_boundary(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    for (size_t i = 0; i < 5000; i++) {
        lf_buf_add_char(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.data[buf.len], '\0');
    }
    assert_int_equal(buf.len, 5000);
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    for (size_t len = 0; len < 300; len++) {
        struct lf_buf text = {0};
        lf_buf_add(&text, lf_str_of(buf.data, len));
        lf_buf_add_format(&text, "%.*s", (int)len, buf.data);
        assert_int_equal(text.len, 2 * len);
        assert_int_equal(memcmp(text.data ? text.data : "", buf.data, len), 0);
        lf_buf_finish(&text);
    }
    lf_buf_finish(&buf);
}

static void test_after_a_reserve_adding_needs_no_memory(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    lf_buf_add(&buf, lf_str("start"));
    assert_true(lf_buf_reserve(&buf, 1000));
    alloc_fail_from(0);
    for (int i = 0; i < 1000; i++)
        lf_buf_add_char(&buf, 'x');
    assert_false(alloc_fail_stop());
    assert_false(lf_buf_failed(&buf));
    assert_int_equal(buf.len, 1005);
    lf_buf_finish(&buf);
}

static void test_after_a_failure_nothing_is_added_until_cleared(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    lf_buf_add(&buf, lf_str("kept"));
    assert_false(lf_buf_reserve(&buf, SIZE_MAX));
    assert_true(lf_buf_failed(&buf));
    lf_buf_add(&buf, lf_str("lost"));
    lf_buf_add_char(&buf, 'l');
    lf_buf_add_format(&buf, "%d", 1);
    lf_buf_add_u64(&buf, 1);
    assert_false(lf_buf_reserve(&buf, 1));
    assert_str(lf_buf_str(&buf), "kept");
    lf_buf_clear(&buf);
    assert_false(lf_buf_failed(&buf));
    lf_buf_add(&buf, lf_str("new"));
    assert_str(lf_buf_str(&buf), "new");
    lf_buf_finish(&buf);
}

static void test_what_is_taken_is_from_the_heap_or_nothing(void **state)
{
    (void)state;
    struct lf_buf buf = {0};
    assert_null(lf_buf_take(&buf).data);
    lf_buf_add(&buf, lf_str("text"));
    lf_buf_truncate(&buf, 0);
    assert_null(lf_buf_take(&buf).data);
    lf_buf_add(&buf, lf_str("text"));
    struct lf_str text = lf_buf_take(&buf);
    assert_str(text, "text");
    assert_null(buf.data);
    lf_free_const(text.data);
}

static void test_a_failed_allocation_is_remembered(void **state)
{
    (void)state;
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_buf buf = {0};
        alloc_fail_at(n);
        for (int i = 0; i < 100; i++) {
            lf_buf_add(&buf, lf_str("0123456789"));
            lf_buf_add_format(&buf, "%010d", i);
        }
        bool failed = alloc_fail_stop();
        assert_int_equal(lf_buf_failed(&buf), failed);
        assert_int_equal(buf.len == 2000, !failed);
        lf_buf_finish(&buf);
        assert_false(lf_buf_failed(&buf));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_an_empty_buffer_is_an_empty_text),
            cmocka_unit_test(test_what_is_added_stands_in_order_before_a_nul),
            cmocka_unit_test(test_numbers_are_decimal),
            cmocka_unit_test(test_it_grows_over_every_boundary),
            cmocka_unit_test(test_after_a_reserve_adding_needs_no_memory),
            cmocka_unit_test(
                    test_after_a_failure_nothing_is_added_until_cleared),
            cmocka_unit_test(test_what_is_taken_is_from_the_heap_or_nothing),
            cmocka_unit_test(test_a_failed_allocation_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
