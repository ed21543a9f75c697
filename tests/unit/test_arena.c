/* SPDX-License-Identifier: MIT */
/* test_arena.c - arena.h and util.h */
#include "base/arena.h"
#include "base/util.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <stdalign.h>

static bool is_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static void test_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct lf_arena arena = {0};
    unsigned char *all[600];
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        all[i] = lf_arena_alloc(&arena, i * 7);
        assert_non_null(all[i]);
        assert_int_equal((uintptr_t)all[i] % alignof(max_align_t), 0);
        assert_true(is_zero((char *)all[i], i * 7));
        memset(all[i], (int)(i % 255) + 1, i * 7);
        /* unaligned text between must not disturb the next */
        assert_str(lf_arena_str(&arena, lf_str("x")), "x");
    }
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(all[i][j], i % 255 + 1);
    }
    lf_arena_finish(&arena);
}

static void test_text_is_copied_and_ends_in_a_nul(void **state)
{
    (void)state;
    struct lf_arena arena = {0};
    char bytes[] = {'a', '\0', 'b', 'c'};
    struct lf_str copy = lf_arena_str(&arena, lf_str_of(bytes, 3));
    memset(bytes, 'z', sizeof(bytes));
    assert_str_same(copy, LF_STR("a\0b"));
    assert_int_equal(copy.data[3], '\0');
    copy = lf_arena_str(&arena, lf_str(NULL));
    assert_non_null(copy.data);
    assert_int_equal(copy.len, 0);
    assert_int_equal(copy.data[0], '\0');
    lf_arena_finish(&arena);
}

static void test_two_texts_stand_one_behind_the_other(void **state)
{
    (void)state;
    static const struct {
        struct lf_str first, second;
    } texts[] = {
            {{"text", 4}, {"name", 4}},
            {{"text", 3}, {"name", 1}},
            {{"", 0},     {"name", 4}},
            {{NULL, 0},   {NULL, 0}  },
    };
    struct lf_arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct lf_str got =
                lf_arena_two(&arena, texts[i].first, texts[i].second);
        assert_str_same(got, texts[i].first);
        assert_int_equal(got.data[got.len], '\0');
        assert_str_same(lf_str_of(got.data + got.len + 1, texts[i].second.len),
                        texts[i].second);
        assert_int_equal(got.data[got.len + 1 + texts[i].second.len], '\0');
    }
    assert_null(lf_arena_two(&arena, lf_str_of("", SIZE_MAX), LF_STR("")).data);
    assert_null(lf_arena_two(&arena, LF_STR(""), lf_str_of("", SIZE_MAX)).data);
    alloc_fail_from(0);
    lf_arena_finish(&arena);
    struct lf_str none = lf_arena_two(&arena, LF_STR("a"), LF_STR("b"));
    assert_true(alloc_fail_stop());
    assert_null(none.data);
}

static void test_a_finished_arena_is_usable_again(void **state)
{
    (void)state;
    struct lf_arena arena = {0};
    lf_arena_finish(&arena);
    assert_int_equal(lf_arena_size(&arena), 0);
    assert_non_null(lf_arena_alloc(&arena, 10));
    lf_arena_finish(&arena);
    assert_int_equal(lf_arena_size(&arena), 0);
    assert_str(lf_arena_str(&arena, lf_str("again")), "again");
    lf_arena_finish(&arena);
}

static void test_an_arena_takes_in_what_another_has(void **state)
{
    (void)state;
    enum { LARGE = 5000000 };
    for (int held = 0; held < 2; held++) {
        struct lf_arena arena = {0}, other = {0}, none = {0};
        char *own = held ? lf_arena_bytes(&arena, 10) : NULL;
        struct lf_str texts[300];
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
            texts[i] = lf_arena_str(&other, lf_str("some text of the other"));
        assert_non_null(lf_arena_alloc(&other, LARGE));
        size_t size = lf_arena_size(&arena) + lf_arena_size(&other);
        lf_arena_join(&arena, &other);
        lf_arena_join(&arena, &none);
        assert_int_equal(lf_arena_size(&arena), size);
        assert_int_equal(lf_arena_size(&other), 0);
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
            assert_str(texts[i], "some text of the other");
        /* its own block stays the one in use */
        if (held)
            assert_ptr_equal(lf_arena_bytes(&arena, 10), own + 10);
        assert_non_null(lf_arena_bytes(&other, 10));
        lf_arena_finish(&other);
        lf_arena_finish(&arena);
    }
}

static void test_a_large_piece_leaves_the_rest_of_the_block_in_use(void **state)
{
    (void)state;
    struct lf_arena arena = {0};
    char *before = lf_arena_bytes(&arena, 10);
    char *large = lf_arena_alloc(&arena, 5000000);
    assert_non_null(large);
    assert_true(is_zero(large, 5000000));
    assert_ptr_equal(lf_arena_bytes(&arena, 10), before + 10);
    lf_arena_finish(&arena);
}

static void test_overhead_of_many_small_pieces_is_small(void **state)
{
    (void)state;
    struct lf_arena arena = {0};
    size_t asked = 0;
    for (size_t i = 0; i < 1000000; i++) {
        assert_non_null(lf_arena_bytes(&arena, 12));
        asked += 12;
    }
    /* at most one block of 1 MiB is not yet full */
    assert_true(lf_arena_size(&arena) < asked + (1 << 20) + asked / 100);
    lf_arena_finish(&arena);
}

static void test_sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct lf_arena arena = {0};
    assert_null(lf_arena_alloc(&arena, SIZE_MAX));
    assert_null(lf_arena_alloc(&arena, SIZE_MAX - 8));
    assert_null(lf_arena_alloc_array(&arena, SIZE_MAX / 4, 8));
    assert_null(lf_arena_alloc_array(&arena, 8, SIZE_MAX / 4));
    assert_null(lf_arena_str(&arena, lf_str_of("", SIZE_MAX)).data);
    assert_int_equal(lf_arena_size(&arena), 0);
    assert_non_null(lf_arena_alloc(&arena, 1));
    assert_null(lf_arena_alloc(&arena, SIZE_MAX));
    assert_non_null(lf_arena_alloc_array(&arena, 0, 0));
    lf_arena_finish(&arena);
}

static bool fill(struct lf_arena *arena)
{
    for (size_t i = 0; i < 64; i++) {
        struct lf_str text = lf_arena_str(arena, lf_str("some text"));
        if (!text.data || !lf_arena_alloc(arena, i * 100))
            return false;
        assert_str(text, "some text");
    }
    return lf_arena_alloc(arena, 100000) != NULL;
}

static void test_running_out_of_memory_is_said_and_harmless(void **state)
{
    (void)state;
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_arena arena = {0};
        alloc_fail_at(n);
        bool done = fill(&arena);
        assert_int_equal(done, !alloc_fail_stop());
        /* what could not be had then can be had now */
        assert_true(fill(&arena));
        lf_arena_finish(&arena);
    }
}

static void test_arrays_grow_by_doubling(void **state)
{
    (void)state;
    void *array = NULL;
    uint32_t capacity = 0;
    assert_true(lf_array_reserve(&array, 0, &capacity, 4));
    assert_int_equal(capacity, 8);
    assert_true(lf_array_reserve(&array, 7, &capacity, 4));
    assert_int_equal(capacity, 8);
    assert_true(lf_array_reserve(&array, 8, &capacity, 4));
    assert_int_equal(capacity, 16);
    free(array);
}

static void test_an_array_that_cannot_grow_is_left_alone(void **state)
{
    (void)state;
    void *array = NULL;
    uint32_t capacity = 0;
    assert_true(lf_array_reserve(&array, 0, &capacity, 8));
    void *before = array;
    alloc_fail_at(0);
    assert_false(lf_array_reserve(&array, 8, &capacity, 8));
    assert_true(alloc_fail_stop());
    assert_ptr_equal(array, before);
    assert_int_equal(capacity, 8);
    assert_false(lf_array_reserve(&array, 8, &capacity, SIZE_MAX / 2));
    assert_ptr_equal(array, before);
    uint32_t full = UINT32_MAX;
    assert_false(lf_array_reserve(&array, UINT32_MAX, &full, 8));
    assert_int_equal(full, UINT32_MAX);
    free(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart),
            cmocka_unit_test(test_text_is_copied_and_ends_in_a_nul),
            cmocka_unit_test(test_two_texts_stand_one_behind_the_other),
            cmocka_unit_test(test_a_finished_arena_is_usable_again),
            cmocka_unit_test(test_an_arena_takes_in_what_another_has),
            cmocka_unit_test(
                    test_a_large_piece_leaves_the_rest_of_the_block_in_use),
            cmocka_unit_test(test_overhead_of_many_small_pieces_is_small),
            cmocka_unit_test(test_sizes_that_overflow_are_refused),
            cmocka_unit_test(test_running_out_of_memory_is_said_and_harmless),
            cmocka_unit_test(test_arrays_grow_by_doubling),
            cmocka_unit_test(test_an_array_that_cannot_grow_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
