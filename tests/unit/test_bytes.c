/* SPDX-License-Identifier: MIT */
/* test_bytes.c - bytes of a manifest, wherever they stand among others */
#include "manifest/bytes.h"
#include "support/check.h"

#include <string.h>

/* A zero among the first two would be told as UTF-16. */
enum { LEAST = 2, BEFORE = 20, AFTER = 20 };

/* What is told of the byte `c` between so many plain ones. */
static bool check(unsigned char c, size_t before, size_t after,
                  struct lf_diags *diags)
{
    char text[BEFORE + 1 + AFTER];
    memset(text, 'x', sizeof(text));
    text[before] = (char)c;
    struct lf_source source = {.name = lf_str("m.yaml"),
                               .text = lf_str_of(text, before + 1 + after)};
    return lf_bytes_check(&source, diags);
}

/* Eight plain ones are passed at once: the others may stand at any of the places of
 * such eight, or too near to the end for that. */
static void test_each_byte_counts_the_same_at_each_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        struct lf_diags *alone = lf_diags_new(10);
        bool good = check((unsigned char)c, LEAST, 1, alone);
        for (size_t before = LEAST; before <= BEFORE; before++) {
            struct lf_diags *diags = lf_diags_new(10);
            if (check((unsigned char)c, before, AFTER, diags) != good ||
                lf_diags_count(diags) != lf_diags_count(alone))
                fail_msg("byte %u behind %zu others", c, before);
            if (!good) {
                const struct lf_diag *diag = lf_diags_at(diags, 0);
                assert_int_equal(diag->code, lf_diags_at(alone, 0)->code);
                assert_int_equal(diag->mark.line, 1);
                assert_int_equal(diag->mark.column, before + 1);
            }
            lf_diags_free(diags);
        }
        lf_diags_free(alone);
    }
}

static void test_which_bytes_are_good(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        struct lf_diags *diags = lf_diags_new(10);
        bool plain = (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n';
        if (check((unsigned char)c, 5, AFTER, diags) != plain)
            fail_msg("byte %u", c);
        lf_diags_free(diags);
    }
}

/* The last of many lines is counted as the first is. */
static void test_lines_are_counted(void **state)
{
    (void)state;
    char text[9 * 11];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 11 == 10 ? '\n' : 'x';
    text[8 * 11 + 3] = '\x01';
    struct lf_source source = {.name = lf_str("m.yaml"),
                               .text = lf_str_of(text, sizeof(text))};
    struct lf_diags *diags = lf_diags_new(10);
    assert_false(lf_bytes_check(&source, diags));
    assert_int_equal(lf_diags_count(diags), 1);
    assert_int_equal(lf_diags_at(diags, 0)->mark.line, 9);
    assert_int_equal(lf_diags_at(diags, 0)->mark.column, 4);
    lf_diags_free(diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_byte_counts_the_same_at_each_place),
            cmocka_unit_test(test_which_bytes_are_good),
            cmocka_unit_test(test_lines_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
