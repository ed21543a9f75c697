/* SPDX-License-Identifier: MIT */
/* test_set.c - set.h */
#include "base/path.h"
#include "base/set.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <stdlib.h>

/* What a set is compared with: all places in one array, sorted by qsort(3),
 * the order of adding being the last key. */
struct place {
    char dir[24];
    char name[12];
    uint32_t detail;
};

static int order_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = lf_place_compare(lf_str(a->dir), lf_str(a->name),
                                 lf_str(b->dir), lf_str(b->name));
    return order ? order : (a->detail > b->detail) - (a->detail < b->detail);
}

static void random_place(struct place *place, uint32_t detail, int dirs,
                         int names)
{
    static const char *const separators[] = {"/", "-", "0", "\x01", "\xff"};
    snprintf(place->dir, sizeof(place->dir), "/%d%s%d", rand() % dirs,
             separators[rand() % 5], rand() % dirs);
    snprintf(place->name, sizeof(place->name), "%d", rand() % names);
    place->detail = detail;
}

static bool add(struct lf_set *set, const struct place *place)
{
    uint32_t dir = UINT32_MAX;
    return lf_set_dir(set, lf_str(place->dir), &dir) &&
           lf_set_add(set, dir, lf_str(place->name), place->detail);
}

/* What is sorted already. */
static bool append(struct lf_set *set, const struct place *places, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!lf_set_append(set, lf_str(places[i].dir), lf_str(places[i].name),
                           places[i].detail))
            return false;
    return lf_set_seal(set);
}

static void check_grouping(const struct lf_set *set)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < set->n_dirs; i++) {
        const struct lf_dir *dir = &set->dirs[i];
        assert_true(dir->count > 0);
        assert_int_equal(dir->first, next);
        for (uint32_t j = 0; j < dir->count; j++)
            assert_int_equal(lf_item_dir(&set->items[dir->first + j]), i);
        next += dir->count;
        if (i > 0)
            assert_true(lf_path_compare(dir[-1].path, dir->path) < 0);
    }
    assert_int_equal(next, set->n_items);
}

static void check_same(const struct lf_set *set, const struct place *places,
                       size_t n)
{
    assert_int_equal(set->n_items, n);
    check_grouping(set);
    for (size_t i = 0; i < n; i++) {
        const struct lf_item *item = &set->items[i];
        assert_str(set->dirs[lf_item_dir(item)].path, places[i].dir);
        assert_str(lf_item_name(item), places[i].name);
        assert_int_equal(item->detail, places[i].detail);
        const struct lf_item *found =
                lf_set_find(set, lf_str(places[i].dir), lf_str(places[i].name));
        assert_non_null(found);
        assert_true(found <= item);
        assert_str_same(lf_item_name(found), lf_item_name(item));
        assert_int_equal(lf_item_dir(found), lf_item_dir(item));
        if (found > set->items)
            assert_false(
                    lf_item_dir(found - 1) == lf_item_dir(found) &&
                    lf_str_equal(lf_item_name(found - 1), lf_item_name(found)));
    }
}

static void test_a_sealed_set_is_what_a_plain_sort_gives(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        int dirs, names;
    } rows[] = {
            {0,     1,  1   },
            {1,     1,  1   },
            {2,     2,  2   },
            {7,     2,  3   },
            {100,   1,  10  },
            {100,   9,  2   },
            {1000,  3,  1000},
            {1000,  30, 30  },
            {5000,  2,  3   },
            {5000,  99, 999 },
            {20000, 50, 99  }
    };
    for (unsigned seed = 0; seed < 5 * ARRAY_LEN(rows); seed++) {
        size_t n = rows[seed / 5].n;
        srand(seed);
        struct place *places = calloc(n + 1, sizeof(*places));
        assert_non_null(places);
        struct lf_set set = {0};
        for (size_t i = 0; i < n; i++) {
            random_place(&places[i], (uint32_t)i, rows[seed / 5].dirs,
                         rows[seed / 5].names);
            assert_true(add(&set, &places[i]));
        }
        qsort(places, n, sizeof(*places), order_places);
        assert_true(lf_set_seal(&set));
        check_same(&set, places, n);
        assert_true(lf_set_seal(&set));
        check_same(&set, places, n);
        lf_set_finish(&set);
        assert_true(append(&set, places, n));
        check_same(&set, places, n);
        lf_set_finish(&set);
        free(places);
    }
}

static void test_a_directory_is_interned_once(void **state)
{
    (void)state;
    struct lf_set set = {0};
    uint32_t first, again, other;
    char path[] = "/a";
    assert_false(lf_set_has_dir(&set, lf_str("/a"), &again));
    assert_true(lf_set_dir(&set, lf_str(path), &first));
    assert_true(lf_set_dir(&set, lf_str("/b"), &other));
    path[1] = 'x'; /* the set has a copy */
    assert_true(lf_set_dir(&set, lf_str("/a"), &again));
    assert_int_equal(first, again);
    assert_int_not_equal(first, other);
    assert_true(lf_set_has_dir(&set, lf_str("/b"), &again));
    assert_int_equal(other, again);
    assert_false(lf_set_has_dir(&set, lf_str("/c"), &again));
    assert_int_equal(set.n_dirs, 2);
    lf_set_finish(&set);
}

static void test_directories_without_items_are_dropped(void **state)
{
    (void)state;
    struct lf_set set = {0};
    uint32_t dir;
    assert_true(lf_set_dir(&set, lf_str("/empty"), &dir));
    assert_true(lf_set_dir(&set, lf_str("/b"), &dir));
    assert_true(lf_set_add(&set, dir, lf_str("x"), 5));
    assert_true(lf_set_dir(&set, lf_str("/a/empty"), &dir));
    assert_true(lf_set_seal(&set));
    assert_int_equal(set.n_dirs, 1);
    assert_str(set.dirs[0].path, "/b");
    assert_int_equal(lf_set_find(&set, lf_str("/b"), lf_str("x"))->detail, 5);
    assert_null(lf_set_find(&set, lf_str("/b"), lf_str("w")));
    assert_null(lf_set_find(&set, lf_str("/b"), lf_str("y")));
    assert_null(lf_set_find(&set, lf_str("/a"), lf_str("x")));
    assert_null(lf_set_find(&set, lf_str("/empty"), lf_str("x")));
    assert_null(lf_set_find(&set, lf_str("/z"), lf_str("x")));
    lf_set_finish(&set);

    assert_true(lf_set_dir(&set, lf_str("/empty"), &dir));
    assert_true(lf_set_seal(&set));
    assert_int_equal(set.n_dirs, 0);
    assert_null(lf_set_find(&set, lf_str("/empty"), lf_str("x")));
    lf_set_finish(&set);
}

static void test_places_are_found_directory_by_directory(void **state)
{
    (void)state;
    static const struct place places[] = {
            {"/a",   "x", 1},
            {"/a",   "z", 2},
            {"/a/b", "y", 3}
    };
    struct lf_set set = {0};
    assert_true(append(&set, places, ARRAY_LEN(places)));
    const struct lf_dir *dir = lf_set_find_dir(&set, lf_str("/a"));
    assert_ptr_equal(dir, &set.dirs[0]);
    assert_ptr_equal(lf_set_find_in(&set, dir, lf_str("z")), &set.items[1]);
    assert_null(lf_set_find_in(&set, dir, lf_str("y")));
    assert_null(lf_set_find_in(&set, dir, lf_str("zz")));
    dir = lf_set_find_dir(&set, lf_str("/a/b"));
    assert_ptr_equal(lf_set_find_in(&set, dir, lf_str("y")), &set.items[2]);
    assert_null(lf_set_find_dir(&set, lf_str("/")));
    assert_null(lf_set_find_dir(&set, lf_str("/a/c")));
    lf_set_finish(&set);
}

static void test_an_untouched_set_can_be_sealed_and_finished(void **state)
{
    (void)state;
    struct lf_set set = {0};
    assert_true(lf_set_seal(&set));
    assert_null(lf_set_find(&set, lf_str("/"), lf_str("x")));
    lf_set_finish(&set);
    lf_set_finish(&set);
}

static void test_texts_outlive_what_says_where_places_are(void **state)
{
    (void)state;
    struct lf_set set = {0};
    uint32_t dir;
    assert_true(lf_set_dir(&set, lf_str("/d"), &dir));
    assert_true(lf_set_add(&set, dir, lf_str("name"), 1));
    assert_true(lf_set_seal(&set));
    struct lf_str path = set.dirs[0].path, name = lf_item_name(&set.items[0]);
    lf_set_forget(&set);
    assert_int_equal(set.n_items, 0);
    assert_null(lf_set_find(&set, lf_str("/d"), lf_str("name")));
    assert_str(path, "/d");
    assert_str(name, "name");
    lf_set_finish(&set);
}

static void test_places_move_without_their_texts(void **state)
{
    (void)state;
    struct lf_set from = {0}, to = {0};
    uint32_t dir;
    assert_true(lf_set_dir(&from, lf_str("/d"), &dir));
    assert_true(lf_set_add(&from, dir, lf_str("name"), 7));
    assert_true(lf_set_seal(&from));
    lf_set_move(&from, &to);
    assert_null(lf_set_find(&from, lf_str("/d"), lf_str("name")));
    const struct lf_item *item = lf_set_find(&to, lf_str("/d"), lf_str("name"));
    assert_non_null(item);
    assert_int_equal(item->detail, 7);
    lf_set_forget_items(&to);
    assert_int_equal(to.n_items, 0);
    assert_non_null(lf_set_find_dir(&to, lf_str("/d")));
    assert_null(lf_set_find(&to, lf_str("/d"), lf_str("name")));
    lf_set_finish(&to);
    lf_set_finish(&from);
}

static void test_a_million_items_in_bad_orders_stay_linear_enough(void **state)
{
    (void)state;
    /* reversed, and all names alike but for the end: what quicksorts and
     * insertion sorts are slow at; a square of this would not end */
    struct lf_set set = {0};
    uint32_t dir;
    for (uint32_t i = 1000000; i-- > 0;) {
        char text[32];
        snprintf(text, sizeof(text), "/same/%03u", i % 1000);
        assert_true(lf_set_dir(&set, lf_str(text), &dir));
        snprintf(text, sizeof(text), "name%07u", i / 3000);
        assert_true(lf_set_add(&set, dir, lf_str(text), i));
    }
    assert_true(lf_set_seal(&set));
    assert_int_equal(set.n_dirs, 1000);
    check_grouping(&set);
    for (uint32_t i = 1; i < set.n_items; i++) {
        const struct lf_item *a = &set.items[i - 1], *b = a + 1;
        int order = lf_item_dir(a) == lf_item_dir(b)
                            ? lf_str_compare(lf_item_name(a), lf_item_name(b))
                            : -1;
        assert_true(order < 0 || (order == 0 && a->detail > b->detail));
    }
    lf_set_finish(&set);
}

static bool build(struct lf_set *set, const struct place *places, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!add(set, &places[i]))
            return false;
    }
    return lf_set_seal(set);
}

static void test_running_out_of_memory_is_an_error_and_not_the_end(void **state)
{
    (void)state;
    enum { N = 400 };
    static struct place places[N], sorted[N];
    srand(7);
    for (uint32_t i = 0; i < N; i++)
        random_place(&places[i], i, 30, 30);
    memcpy(sorted, places, sizeof(places));
    qsort(sorted, N, sizeof(*sorted), order_places);
    size_t n = 0;
    for (; !alloc_fail_done(n); n++) {
        struct lf_set set = {0};
        alloc_fail_at(n);
        bool done = build(&set, places, N);
        bool failed = alloc_fail_stop();
        assert_true(done != failed);
        /* a seal that failed may be tried again */
        if (!done && set.n_items == N)
            done = lf_set_seal(&set);
        if (done)
            check_same(&set, sorted, N);
        lf_set_finish(&set);
    }
    assert_true(n > 20);
    for (n = 0; !alloc_fail_done(n); n++) {
        struct lf_set set = {0};
        alloc_fail_at(n);
        bool done = append(&set, sorted, N);
        assert_true(done != alloc_fail_stop());
        if (done)
            check_same(&set, sorted, N);
        lf_set_finish(&set);
    }
    assert_true(n > 5);
}

static void test_no_more_items_than_can_be_counted(void **state)
{
    (void)state;
    struct lf_set set = {0};
    uint32_t dir;
    assert_true(lf_set_dir(&set, lf_str("/"), &dir));
    set.n_items = UINT32_MAX - 1; /* as if so many had been added */
    assert_false(lf_set_add(&set, dir, lf_str("x"), 0));
    set.n_items = 0;
    lf_set_finish(&set);
    assert_true(lf_set_append(&set, lf_str("/"), lf_str("a"), 0));
    set.n_items = UINT32_MAX - 1;
    assert_false(lf_set_append(&set, lf_str("/"), lf_str("b"), 0));
    set.n_items = 1;
    lf_set_finish(&set);
}

static void test_limits_of_an_item(void **state)
{
    (void)state;
    char name[257];
    struct lf_set set = {0};
    uint32_t dir;
    memset(name, 'n', sizeof(name) - 1);
    name[256] = '\0';
    assert_true(lf_set_dir(&set, lf_str("/a"), &dir));
    assert_false(lf_set_add(&set, dir, lf_str(name), 0));
    assert_false(lf_set_borrow(&set, dir, lf_str(name), 0));
    assert_true(lf_set_add(&set, dir, lf_str(name + 1), UINT32_MAX));
    assert_str(lf_item_name(&set.items[0]), name + 1);
    assert_int_equal(set.items[0].detail, UINT32_MAX);
    lf_item_set_dir(&set.items[0], LF_SET_DIRS_MOST - 1);
    assert_int_equal(lf_item_dir(&set.items[0]), LF_SET_DIRS_MOST - 1);
    assert_str(lf_item_name(&set.items[0]), name + 1);
    set.n_dirs = LF_SET_DIRS_MOST; /* as if there were so many */
    assert_false(lf_set_dir(&set, lf_str("/b"), &dir));
    set.n_dirs = 1;
    lf_set_finish(&set);
    assert_true(sizeof(struct lf_item) <= 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_sealed_set_is_what_a_plain_sort_gives),
            cmocka_unit_test(test_a_directory_is_interned_once),
            cmocka_unit_test(test_directories_without_items_are_dropped),
            cmocka_unit_test(test_places_are_found_directory_by_directory),
            cmocka_unit_test(test_an_untouched_set_can_be_sealed_and_finished),
            cmocka_unit_test(test_places_move_without_their_texts),
            cmocka_unit_test(test_texts_outlive_what_says_where_places_are),
            cmocka_unit_test(
                    test_a_million_items_in_bad_orders_stay_linear_enough),
            cmocka_unit_test(
                    test_running_out_of_memory_is_an_error_and_not_the_end),
            cmocka_unit_test(test_no_more_items_than_can_be_counted),
            cmocka_unit_test(test_limits_of_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
