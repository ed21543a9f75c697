/* SPDX-License-Identifier: MIT */
/* test_nearest.c - what a mistyped word is taken for */
#include "base/nearest.h"
#include "support/check.h"

static const char *const words[] = {"links",     "trees", "ignore", "into",
                                    "overrides", "when",  "apply",  NULL};

static void test_takes_the_word_with_fewest_edits(void **state)
{
    static const struct {
        const char *typed, *meant;
    } rows[] = {
            {"lnks",     "links"    }, /* left out */
            {"linkss",   "links"    }, /* put in */
            {"lonks",    "links"    }, /* changed */
            {"ilnks",    "links"    }, /* swapped */
            {"LINKS",    "links"    }, /* case is no edit */
            {"aplpy",    "apply"    },
            {"whne",     "when"     },
            {"overides", "overrides"},
            {"ovrridse", "overrides"},
            {"ignored",  "ignore"   },
            {"links",    "links"    },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(
                lf_nearest(lf_str(rows[i].typed), lf_nearest_of_array, words),
                rows[i].meant);
}

static void test_says_nothing_rather_than_something_far(void **state)
{
    static const char *const typed[] = {"",       "x",    "zz",
                                        "colour", "wxyz", "linkfarm"};
    char longest[65 + 1];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(typed); i++)
        assert_null(lf_nearest(lf_str(typed[i]), lf_nearest_of_array, words));
    memset(longest, 'l', 65);
    longest[65] = '\0';
    assert_null(lf_nearest(lf_str(longest), lf_nearest_of_array, words));
}

static void test_skips_candidates_that_are_too_long(void **state)
{
    char longest[65 + 1];
    const char *const mixed[] = {longest, "links", NULL};
    (void)state;
    memset(longest, 'l', 65);
    longest[65] = '\0';
    assert_string_equal(lf_nearest(LF_STR("lnks"), lf_nearest_of_array, mixed),
                        "links");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_takes_the_word_with_fewest_edits),
            cmocka_unit_test(test_says_nothing_rather_than_something_far),
            cmocka_unit_test(test_skips_candidates_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
