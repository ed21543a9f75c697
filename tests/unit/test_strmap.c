/* SPDX-License-Identifier: MIT */
/* test_strmap.c - from strings to numbers */
#include "base/strmap.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <stdio.h>

enum { KEYS = 1000 };

struct keys {
    char text[KEYS][16];
};

static struct lf_str key_at(struct keys *keys, unsigned i)
{
    snprintf(keys->text[i], sizeof(keys->text[i]), "%u", i * 7);
    return lf_str(keys->text[i]);
}

/* Growing as it goes, and with room for all or for some from the beginning. */
static void test_each_key_is_there_once(void **state)
{
    (void)state;
    static struct keys keys;
    for (unsigned room = 0; room <= KEYS; room += KEYS / 4) {
        struct lf_strmap map = {0};
        uint32_t value;
        assert_false(lf_strmap_find(&map, lf_str("0"), &value));
        assert_true(lf_strmap_reserve(&map, room));
        uint32_t capacity = map.capacity;
        for (unsigned i = 0; i < KEYS; i++) {
            assert_true(lf_strmap_add(&map, key_at(&keys, i), i, &value));
            assert_int_equal(value, i);
        }
        assert_true(room < KEYS || map.capacity == capacity);
        for (unsigned i = 0; i < KEYS; i++) {
            assert_true(lf_strmap_add(&map, key_at(&keys, i), KEYS, &value));
            assert_int_equal(value, i);
            assert_true(lf_strmap_find(&map, key_at(&keys, i), &value));
            assert_int_equal(value, i);
        }
        assert_int_equal(map.count, KEYS);
        assert_false(lf_strmap_find(&map, lf_str("1"), &value));
        lf_strmap_finish(&map);
    }
}

/* One is the beginning of the other, and one is empty. */
static void test_keys_differ_by_length_too(void **state)
{
    (void)state;
    static const char *const keys[] = {"", "a", "ab", "abc"};
    struct lf_strmap map = {0};
    uint32_t value;
    for (uint32_t i = 0; i < ARRAY_LEN(keys); i++)
        assert_true(lf_strmap_add(&map, lf_str(keys[i]), i, &value));
    for (uint32_t i = 0; i < ARRAY_LEN(keys); i++) {
        assert_true(lf_strmap_find(&map, lf_str(keys[i]), &value));
        assert_int_equal(value, i);
    }
    lf_strmap_finish(&map);
}

static void fill(struct lf_strmap *map, struct keys *keys)
{
    uint32_t value;
    for (unsigned i = 0; i < KEYS; i++)
        assert_true(lf_strmap_add(map, key_at(keys, i), i, &value));
}

/* So nobody can choose keys that all want one slot. */
static void test_where_a_key_stands_depends_on_the_map(void **state)
{
    (void)state;
    static struct keys keys;
    struct lf_strmap one = {0}, other = {0};
    uint32_t same = 0;
    fill(&one, &keys);
    fill(&other, &keys);
    assert_int_equal(one.capacity, other.capacity);
    for (uint32_t i = 0; i < one.capacity; i++)
        same += one.slots[i].key && one.slots[i].key == other.slots[i].key;
    assert_true(same < KEYS / 2);
    lf_strmap_finish(&one);
    lf_strmap_finish(&other);
}

static void test_what_cannot_grow_stays_as_it_was(void **state)
{
    (void)state;
    static struct keys keys;
    struct lf_strmap map = {0};
    uint32_t value, count = 0;
    while (map.count < map.capacity / 2 || map.capacity == 0) {
        assert_true(lf_strmap_add(&map, key_at(&keys, count), count, &value));
        count++;
    }
    alloc_fail_at(0);
    bool added = lf_strmap_add(&map, key_at(&keys, count), count, &value);
    assert_true(alloc_fail_stop());
    assert_false(added);
    assert_false(lf_strmap_reserve(&map, UINT32_MAX));
    for (unsigned i = 0; i < count; i++) {
        assert_true(lf_strmap_find(&map, key_at(&keys, i), &value));
        assert_int_equal(value, i);
    }
    assert_int_equal(map.count, count);
    lf_strmap_finish(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_key_is_there_once),
            cmocka_unit_test(test_keys_differ_by_length_too),
            cmocka_unit_test(test_where_a_key_stands_depends_on_the_map),
            cmocka_unit_test(test_what_cannot_grow_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
