/* SPDX-License-Identifier: MIT */
/* test_diag.c - the list of diagnostics of error.h */
#include "support/alloc_fail.h"
#include "support/check.h"

#include <linkfarm/error.h>

static const struct lf_mark nowhere = {0};

static void test_diagnostics_keep_order_and_own_their_texts(void **state)
{
    (void)state;
    struct lf_source source = {0};
    struct lf_diags *diags = lf_diags_new(100);
    char help[] = "do this\nand that";
    char name[] = "lnks";
    lf_diags_add(diags, LF_CODE_SYSTEM, LF_SEVERITY_ERROR,
                 (struct lf_mark){&source, 3, 1, 4}, help, "unknown key \"%s\"",
                 name);
    memset(help, 'x', sizeof(help) - 1);
    memset(name, 'x', sizeof(name) - 1);
    lf_diags_add(diags, LF_CODE_INTERNAL, LF_SEVERITY_WARNING, nowhere, NULL,
                 "second");
    assert_int_equal(lf_diags_count(diags), 2);
    const struct lf_diag *first = lf_diags_at(diags, 0);
    assert_int_equal(first->code, LF_CODE_SYSTEM);
    assert_int_equal(first->severity, LF_SEVERITY_ERROR);
    assert_ptr_equal(first->mark.source, &source);
    assert_int_equal(first->mark.line, 3);
    assert_int_equal(first->mark.width, 4);
    assert_str(first->message, "unknown key \"lnks\"");
    assert_int_equal(first->message.data[first->message.len], '\0');
    assert_str(first->help, "do this\nand that");
    const struct lf_diag *second = lf_diags_at(diags, 1);
    assert_int_equal(second->severity, LF_SEVERITY_WARNING);
    assert_str(second->help, "");
    assert_null(lf_diags_at(diags, 2));
    lf_diags_free(diags);
}

static void test_the_first_are_kept_and_the_rest_counted(void **state)
{
    (void)state;
    struct lf_diags *diags = lf_diags_new(10);
    for (int i = 0; i < 100000; i++)
        lf_diags_add(diags, LF_CODE_SYSTEM,
                     i % 2 ? LF_SEVERITY_ERROR : LF_SEVERITY_NOTE, nowhere,
                     NULL, "number %d", i);
    assert_int_equal(lf_diags_count(diags), 10);
    assert_int_equal(lf_diags_errors(diags), 50000);
    assert_int_equal(lf_diags_dropped(diags), 99990);
    assert_str(lf_diags_at(diags, 9)->message, "number 9");
    assert_null(lf_diags_at(diags, 10));
    assert_false(lf_diags_failed(diags));
    lf_diags_free(diags);
}

static void test_an_empty_list_has_nothing(void **state)
{
    (void)state;
    struct lf_diags *diags = lf_diags_new(1);
    assert_int_equal(lf_diags_count(diags), 0);
    assert_int_equal(lf_diags_errors(diags), 0);
    assert_int_equal(lf_diags_dropped(diags), 0);
    assert_null(lf_diags_at(diags, 0));
    lf_diags_free(diags);
    lf_diags_free(NULL);
}

static void test_running_out_of_memory_is_remembered(void **state)
{
    (void)state;
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        alloc_fail_at(n);
        struct lf_diags *diags = lf_diags_new(1000);
        if (!diags) {
            assert_int_equal(n, 0);
            assert_true(alloc_fail_stop());
            continue;
        }
        for (int i = 0; i < 40; i++)
            lf_diags_add(diags, LF_CODE_SYSTEM, LF_SEVERITY_ERROR, nowhere,
                         "help that is long enough to need some room",
                         "message %d", i);
        assert_int_equal(lf_diags_failed(diags), alloc_fail_stop());
        assert_int_equal(lf_diags_errors(diags), 40);
        assert_int_equal(lf_diags_count(diags) + lf_diags_dropped(diags), 40);
        for (size_t i = 0; i < lf_diags_count(diags); i++)
            assert_memory_equal(lf_diags_at(diags, i)->message.data, "message",
                                7);
        lf_diags_free(diags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_diagnostics_keep_order_and_own_their_texts),
            cmocka_unit_test(test_the_first_are_kept_and_the_rest_counted),
            cmocka_unit_test(test_an_empty_list_has_nothing),
            cmocka_unit_test(test_running_out_of_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
