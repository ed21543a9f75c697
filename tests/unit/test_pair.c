/* SPDX-License-Identifier: MIT */
/* test_pair.c - texts in two parts */
#include "base/pair.h"
#include "support/check.h"

static struct lf_pair part(const char *text, size_t at)
{
    struct lf_str whole = lf_str(text);
    return (struct lf_pair){lf_str_of(whole.data, at),
                            lf_str_of(whole.data + at, whole.len - at)};
}

static const char *const texts[] = {"",    "a",    "b",     "ab",   "ba",
                                    "aab", "aaab", "../s/", "../s", "../s/a"};

/* Wherever it is parted. */
static void test_it_is_the_text_that_it_makes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (size_t at = 0; at <= strlen(texts[i]); at++) {
            struct lf_pair pair = part(texts[i], at);
            struct lf_pair_room room;
            struct lf_str joined = lf_pair_join(pair, &room);
            assert_str(joined, texts[i]);
            assert_int_equal(joined.data[joined.len], '\0');
            assert_int_equal(lf_pair_len(pair), joined.len);
            for (size_t j = 0; j < ARRAY_LEN(texts); j++)
                if (lf_pair_is(pair, lf_str(texts[j])) != (i == j))
                    fail_msg("\"%s\" and \"%s\"", texts[i], texts[j]);
            assert_true(lf_pair_begins(pair, texts[i][0]) || i == 0);
            assert_false(lf_pair_begins(pair, 'x'));
        }
}

static void test_two_are_equal_however_they_are_parted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (size_t j = 0; j < ARRAY_LEN(texts); j++)
            for (size_t at = 0; at <= strlen(texts[i]); at++)
                for (size_t other = 0; other <= strlen(texts[j]); other++)
                    if (lf_pair_equal(part(texts[i], at),
                                      part(texts[j], other)) != (i == j))
                        fail_msg("\"%s\" at %zu and \"%s\" at %zu", texts[i],
                                 at, texts[j], other);
}

/* Undefined behaviour is only seen with the sanitizers. */
static void test_nothing_may_be_no_memory_at_all(void **state)
{
    (void)state;
    struct lf_pair none = {
            {NULL, 0},
            {NULL, 0}
    };
    struct lf_pair whole = {
            {NULL, 0},
            lf_str("ab")
    };
    assert_true(lf_pair_equal(none, none));
    assert_true(lf_pair_equal(none, part("", 0)));
    assert_true(lf_pair_equal(whole, whole));
    assert_true(lf_pair_equal(part("ab", 1), whole));
    assert_false(lf_pair_equal(none, whole));
    assert_true(lf_pair_is(none, lf_str(NULL)));
    assert_false(lf_pair_begins(none, 'a'));
}

static void test_the_longest_has_room(void **state)
{
    (void)state;
    char text[LF_PATH_LIMIT + 1];
    memset(text, 'x', LF_PATH_LIMIT);
    text[LF_PATH_LIMIT] = '\0';
    struct lf_pair_room room;
    assert_str(lf_pair_join(part(text, 1), &room), text);
    assert_str(lf_pair_join(part(text, LF_PATH_LIMIT), &room), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_it_is_the_text_that_it_makes),
            cmocka_unit_test(test_two_are_equal_however_they_are_parted),
            cmocka_unit_test(test_nothing_may_be_no_memory_at_all),
            cmocka_unit_test(test_the_longest_has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
