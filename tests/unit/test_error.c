/* SPDX-License-Identifier: MIT */
/* test_error.c - error.h, codes.h and the names of node.h */
#include "base/escape.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <errno.h>
#include <linkfarm/node.h>
#include <stdlib.h>

static void test_codes_ascend_and_have_a_meaning_and_an_exit(void **state)
{
    (void)state;
    size_t count = 0;
    enum lf_code before = LF_CODE_NONE;
    for (;; count++) {
        enum lf_code code = lf_code_at(count);
        if (code == LF_CODE_NONE)
            break;
        if (code <= before)
            fail_msg("LF%03d stands after LF%03d", (int)code, (int)before);
        assert_in_range(code, 1, 999);
        assert_non_null(lf_code_meaning(code));
        assert_true(strlen(lf_code_meaning(code)) > 0);
        assert_in_range(lf_code_exit(code), 0, 143);
        before = code;
    }
    assert_true(count > 0);
    assert_int_equal(lf_code_at(count + 1), LF_CODE_NONE);
    assert_int_equal(lf_code_at(SIZE_MAX), LF_CODE_NONE);
}

static void test_what_is_no_code_has_no_meaning(void **state)
{
    (void)state;
    assert_null(lf_code_meaning(LF_CODE_NONE));
    assert_null(lf_code_meaning((enum lf_code)999));
    assert_int_equal(lf_code_exit(LF_CODE_NONE), 0);
    assert_int_equal(lf_code_exit((enum lf_code)999), 1);
    assert_int_equal(lf_code_exit(LF_CODE_NO_MEMORY), 1);
}

static void test_setting_replaces_everything(void **state)
{
    (void)state;
    struct lf_source source = {0};
    struct lf_error err;
    memset(&err, 'x', sizeof(err));
    err.mark.source = &source;
    lf_error_set(&err, LF_CODE_SYSTEM, ENOENT, "cannot open '%s'", "a");
    assert_int_equal(err.code, LF_CODE_SYSTEM);
    assert_int_equal(err.os_errno, ENOENT);
    assert_null(err.mark.source);
    assert_int_equal(err.mark.line, 0);
    assert_string_equal(err.message, "cannot open 'a'");
    assert_string_equal(err.help, "");
    lf_error_help(&err, "try %d", 2);
    assert_string_equal(err.help, "try 2");
    assert_string_equal(err.message, "cannot open 'a'");
}

static void test_texts_may_be_made_from_themselves(void **state)
{
    (void)state;
    struct lf_error err;
    lf_error_set(&err, LF_CODE_SYSTEM, 0, "inner");
    lf_error_help(&err, "cure");
    lf_error_help(&err, "%s, then %s", err.help, err.message);
    assert_string_equal(err.help, "cure, then inner");
    lf_error_set(&err, LF_CODE_SYSTEM, 0, "outer: %s", err.message);
    assert_string_equal(err.message, "outer: inner");
    lf_error_prefix(&err, "while %s", err.message);
    assert_string_equal(err.message, "while outer: inner: outer: inner");
}

static void test_context_comes_first_and_keeps_the_rest(void **state)
{
    (void)state;
    struct lf_source source = {0};
    struct lf_error err;
    lf_error_set(&err, LF_CODE_SYSTEM, EIO, "read failed");
    lf_error_help(&err, "look at the disk");
    err.mark = (struct lf_mark){&source, 3, 4, 5};
    lf_error_prefix(&err, "while reading the %s", "ledger");
    assert_string_equal(err.message, "while reading the ledger: read failed");
    assert_string_equal(err.help, "look at the disk");
    assert_int_equal(err.os_errno, EIO);
    assert_int_equal(err.mark.line, 3);
}

static void test_what_does_not_fit_is_cut_in_the_middle(void **state)
{
    (void)state;
    struct lf_error err;
    for (size_t len = sizeof(err.message) - 8; len < sizeof(err.message) + 8;
         len++) {
        char *text = malloc(len + 1);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)('a' + i % 26);
        text[len] = '\0';
        lf_error_set(&err, LF_CODE_SYSTEM, 0, "%s", text);
        if (len < sizeof(err.message)) {
            assert_string_equal(err.message, text);
        } else {
            assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
            assert_non_null(strstr(err.message, "..."));
            assert_memory_equal(err.message, text, 1000);
            assert_string_equal(err.message + 1047, text + len - 1000);
        }
        free(text);
    }
}

static void test_a_cut_does_not_split_a_character(void **state)
{
    (void)state;
    struct lf_error err;
    char text[4200];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof(text));
        for (size_t i = shift; i + 4 < sizeof(text); i += 4)
            memcpy(text + i, "\xf0\x9f\x94\xa7", 4);
        text[sizeof(text) - 1] = '\0';
        lf_error_set(&err, LF_CODE_SYSTEM, 0, "%s", text);
        lf_error_help(&err, "%s", text);
        assert_false(lf_needs_escape(lf_str(err.message)));
        assert_false(lf_needs_escape(lf_str(err.help)));
        assert_true(strlen(err.message) > sizeof(err.message) - 10);
    }
    /* bytes that no character is made of are cut all the same */
    memset(text, '\x80', sizeof(text) - 1);
    lf_error_set(&err, LF_CODE_SYSTEM, 0, "%s", text);
    assert_true(strlen(err.message) > sizeof(err.message) - 10);
}

static void test_errors_can_be_told_without_memory(void **state)
{
    (void)state;
    static char text[5000];
    memset(text, 'y', sizeof(text) - 1);
    struct lf_error err;
    alloc_fail_from(0);
    lf_error_set(&err, LF_CODE_SYSTEM, EIO, "short %d", 1);
    assert_string_equal(err.message, "short 1");
    lf_error_set(&err, LF_CODE_SYSTEM, EIO, "long %s", text);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
    assert_memory_equal(err.message, "long yyy", 8);
    lf_error_set(&err, LF_CODE_SYSTEM, EIO, "x");
    lf_error_prefix(&err, "while testing");
    assert_true(alloc_fail_stop());
    assert_string_equal(err.message, "x");

    memset(&err, 'x', sizeof(err));
    assert_false(lf_error_oom(&err));
    assert_int_equal(err.code, LF_CODE_NO_MEMORY);
    assert_int_equal(err.os_errno, ENOMEM);
    assert_string_equal(err.message, "out of memory");
    assert_string_equal(err.help, "");
}

static void test_kinds_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {
            [LF_NODE_NOTHING] = "nothing",    [LF_NODE_FILE] = "file",
            [LF_NODE_DIR] = "directory",      [LF_NODE_LINK] = "link",
            [LF_NODE_OTHER] = "special file", [LF_NODE_UNKNOWN] = "unknown",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_string_equal(lf_node_kind_name((enum lf_node_kind)i), names[i]);
    assert_string_equal(lf_node_kind_name((enum lf_node_kind)77), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_codes_ascend_and_have_a_meaning_and_an_exit),
            cmocka_unit_test(test_what_is_no_code_has_no_meaning),
            cmocka_unit_test(test_setting_replaces_everything),
            cmocka_unit_test(test_texts_may_be_made_from_themselves),
            cmocka_unit_test(test_context_comes_first_and_keeps_the_rest),
            cmocka_unit_test(test_what_does_not_fit_is_cut_in_the_middle),
            cmocka_unit_test(test_a_cut_does_not_split_a_character),
            cmocka_unit_test(test_errors_can_be_told_without_memory),
            cmocka_unit_test(test_kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
