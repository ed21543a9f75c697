/* SPDX-License-Identifier: MIT */
/*
 * set.c - places in the file system, grouped by directory and sorted
 *
 * Sealing sorts indices of four bytes and only then moves the items, each
 * once: the memory it needs besides the set is four bytes for each item, and four for
 * each in the largest directory.
 * Directories are sorted by path, items are dealt to their directory by
 * counting, and only names within one directory are compared.
 */
#include "base/set.h"

#include "base/path.h"
#include "base/strmap.h"
#include "base/util.h"

#include <assert.h>

/* ---- building ---- */

struct lf_set_index {
    struct lf_strmap dirs; /* path -> index */
    /* callers ask for the same directory in a row; LF_NO_DIR: for none yet */
    uint32_t last;
};

#define LF_NO_DIR UINT32_MAX

static void index_free(struct lf_set_index *index)
{
    if (!index)
        return;
    lf_strmap_finish(&index->dirs);
    free(index);
}

static struct lf_set_index *index_new(void)
{
    struct lf_set_index *index = calloc(1, sizeof(*index));
    if (index)
        index->last = LF_NO_DIR;
    return index;
}

void lf_set_forget(struct lf_set *set)
{
    struct lf_arena texts = set->arena;
    index_free(set->index);
    free(set->dirs);
    free(set->items);
    *set = (struct lf_set){.arena = texts, .sealed = true};
}

void lf_set_move(struct lf_set *from, struct lf_set *to)
{
    assert(from->sealed && !to->dirs && !to->items);
    *to = *from;
    to->arena = (struct lf_arena){0};
    *from = (struct lf_set){.arena = from->arena, .sealed = true};
}

void lf_set_forget_items(struct lf_set *set)
{
    assert(!set->index);
    free(set->items);
    set->items = NULL;
    set->n_items = set->item_capacity = 0;
    for (uint32_t i = 0; i < set->n_dirs; i++)
        set->dirs[i].first = set->dirs[i].count = 0;
}

void lf_set_finish(struct lf_set *set)
{
    lf_set_forget(set);
    lf_arena_finish(&set->arena);
    *set = (struct lf_set){0};
}

static bool add_dir(struct lf_set *set, struct lf_str path, uint32_t *ret_dir)
{
    void *dirs = set->dirs;
    if (set->n_dirs == LF_SET_DIRS_MOST ||
        !lf_array_reserve(&dirs, set->n_dirs, &set->dir_capacity,
                          sizeof(*set->dirs)))
        return false;
    set->dirs = dirs;
    struct lf_str copy = lf_arena_str(&set->arena, path);
    if (!copy.data ||
        !lf_strmap_add(&set->index->dirs, copy, set->n_dirs, ret_dir))
        return false;
    set->dirs[set->n_dirs++] = (struct lf_dir){.path = copy};
    return true;
}

bool lf_set_has_dir(const struct lf_set *set, struct lf_str path,
                    uint32_t *ret_dir)
{
    assert(!set->sealed);
    return set->index && path.data && path.len <= UINT32_MAX &&
           lf_strmap_find(&set->index->dirs, path, ret_dir);
}

bool lf_set_dir(struct lf_set *set, struct lf_str path, uint32_t *ret_dir)
{
    assert(!set->sealed);
    if (path.len > UINT32_MAX)
        return false;
    if (!set->index && !(set->index = index_new()))
        return false;
    struct lf_set_index *index = set->index;
    if (!path.data)
        path = LF_STR("");
    if (index->last == LF_NO_DIR ||
        !lf_str_equal(set->dirs[index->last].path, path)) {
        if (!lf_strmap_find(&index->dirs, path, ret_dir) &&
            !add_dir(set, path, ret_dir))
            return false;
        index->last = *ret_dir;
    }
    *ret_dir = index->last;
    return true;
}

bool lf_set_add(struct lf_set *set, uint32_t dir, struct lf_str name,
                uint32_t detail)
{
    struct lf_str copy = lf_arena_str(&set->arena, name);
    return copy.data && lf_set_borrow(set, dir, copy, detail);
}

static bool add_item(struct lf_set *set, uint32_t dir, struct lf_str name,
                     uint32_t detail)
{
    if (set->n_items >= UINT32_MAX - 1 || name.len > UINT8_MAX)
        return false;
    void *items = set->items;
    if (!lf_array_reserve(&items, set->n_items, &set->item_capacity,
                          sizeof(*set->items)))
        return false;
    set->items = items;
    set->items[set->n_items++] = (struct lf_item){
            .name_data = name.data,
            .dir_and_len = dir << 8 | (uint32_t)name.len,
            .detail = detail,
    };
    set->dirs[dir].count++;
    return true;
}

bool lf_set_borrow(struct lf_set *set, uint32_t dir, struct lf_str name,
                   uint32_t detail)
{
    assert(!set->sealed && dir < set->n_dirs);
    return add_item(set, dir, name, detail);
}

bool lf_set_append(struct lf_set *set, struct lf_str dir, struct lf_str name,
                   uint32_t detail)
{
    assert(!set->index);
    const struct lf_dir *last =
            set->n_dirs ? &set->dirs[set->n_dirs - 1] : NULL;
    set->sealed = true;
    if (!last || !lf_str_equal(last->path, dir)) {
        void *dirs = set->dirs;
        assert(!last || lf_path_compare(last->path, dir) < 0);
        if (set->n_dirs == LF_SET_DIRS_MOST ||
            !lf_array_reserve(&dirs, set->n_dirs, &set->dir_capacity,
                              sizeof(*set->dirs)))
            return false;
        set->dirs = dirs;
        set->dirs[set->n_dirs++] =
                (struct lf_dir){.path = dir, .first = set->n_items};
    }
    return add_item(set, set->n_dirs - 1, name, detail);
}

/* ---- sealing ---- */

typedef int order_fn(const struct lf_set *set, uint32_t a, uint32_t b);

static int order_dirs(const struct lf_set *set, uint32_t a, uint32_t b)
{
    return lf_path_compare(set->dirs[a].path, set->dirs[b].path);
}

static int order_names(const struct lf_set *set, uint32_t a, uint32_t b)
{
    return lf_str_compare(lf_item_name(&set->items[a]),
                          lf_item_name(&set->items[b]));
}

/* Merge the sorted runs order[0..left) and order[left..n). */
static void merge(const struct lf_set *set, order_fn *compare, uint32_t *order,
                  size_t left, size_t n, uint32_t *scratch)
{
    memcpy(scratch, order, left * sizeof(*order));
    size_t i = 0, j = left, to = 0;
    while (i < left && j < n) {
        if (compare(set, scratch[i], order[j]) <= 0)
            order[to++] = scratch[i++];
        else
            order[to++] = order[j++];
    }
    memcpy(order + to, scratch + i, (left - i) * sizeof(*order));
}

/*
 * Stable, in n log n comparisons at worst and n when sorted already. Not
 * qsort(3): it is not stable, and musl's and glibc's differ in their worst
 * case and in whether they use the heap.
 */
static void merge_sort(const struct lf_set *set, order_fn *compare,
                       uint32_t *order, size_t n, uint32_t *scratch)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; n - low > width; low += 2 * width) {
            uint32_t *run = order + low;
            size_t len = n - low < 2 * width ? n - low : 2 * width;
            if (compare(set, run[width - 1], run[width]) > 0)
                merge(set, compare, run, width, len, scratch);
            if (n - low <= 2 * width)
                break;
        }
    }
}

/*
 * The directories that have items, in order, in a new array; `moved` gets, for
 * each old index, the new one. NULL: no memory.
 */
static struct lf_dir *sort_dirs(const struct lf_set *set, uint32_t *moved,
                                uint32_t *ret_count)
{
    size_t n = set->n_dirs;
    LF_AUTO_FREE struct lf_dir *sorted = calloc(n, sizeof(*sorted));
    LF_AUTO_FREE uint32_t *order = calloc(2 * n, sizeof(*order));
    if (!sorted || !order)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    merge_sort(set, order_dirs, order, n, order + n);

    uint32_t count = 0, first = 0;
    for (size_t i = 0; i < n; i++) {
        const struct lf_dir *dir = &set->dirs[order[i]];
        if (dir->count == 0)
            continue;
        moved[order[i]] = count;
        sorted[count++] = (struct lf_dir){dir->path, first, dir->count};
        first += dir->count;
    }
    *ret_count = count;
    struct lf_dir *ret = sorted;
    sorted = NULL;
    return ret;
}

/* Put in `order` the indices of the items, by directory and then by name. */
static void sort_items(struct lf_set *set, const struct lf_dir *dirs,
                       uint32_t n_dirs, uint32_t *next, uint32_t *order,
                       uint32_t *scratch)
{
    for (uint32_t i = 0; i < n_dirs; i++)
        next[i] = dirs[i].first;
    for (uint32_t i = 0; i < set->n_items; i++)
        order[next[lf_item_dir(&set->items[i])]++] = i;
    for (uint32_t i = 0; i < n_dirs; i++)
        merge_sort(set, order_names, order + dirs[i].first, dirs[i].count,
                   scratch);
}

/* Move each item to its place, cycle by cycle; uses up `order`. */
static void arrange(struct lf_item *items, uint32_t n, uint32_t *order)
{
    for (uint32_t start = 0; start < n; start++) {
        struct lf_item first = items[start];
        uint32_t at = start;
        while (order[at] != start) {
            uint32_t from = order[at];
            items[at] = items[from];
            order[at] = at;
            at = from;
        }
        items[at] = first;
        order[at] = at;
    }
}

static size_t most_in_dir(const struct lf_set *set)
{
    size_t most = 0;
    for (uint32_t i = 0; i < set->n_dirs; i++)
        most = set->dirs[i].count > most ? set->dirs[i].count : most;
    return most;
}

static bool sort(struct lf_set *set)
{
    size_t n = set->n_items, n_dirs = set->n_dirs;
    LF_AUTO_FREE uint32_t *moved = calloc(2 * n_dirs, sizeof(*moved));
    /* and as much again as the largest directory has */
    LF_AUTO_FREE uint32_t *order = calloc(n + most_in_dir(set), sizeof(*order));
    if (!moved || !order)
        return false;
    uint32_t kept = 0;
    struct lf_dir *dirs = sort_dirs(set, moved, &kept);
    if (!dirs)
        return false;

    /* nothing fails from here on, so the set is never half sorted */
    for (size_t i = 0; i < n; i++)
        lf_item_set_dir(&set->items[i], moved[lf_item_dir(&set->items[i])]);
    sort_items(set, dirs, kept, moved + n_dirs, order, order + n);
    arrange(set->items, set->n_items, order);
    free(set->dirs);
    set->dirs = dirs;
    set->dir_capacity = set->n_dirs;
    set->n_dirs = kept;
    return true;
}

bool lf_set_seal(struct lf_set *set)
{
    if (set->sealed)
        return true;
    if (set->n_items == 0)
        set->n_dirs = 0;
    else if (!sort(set))
        return false;
    index_free(set->index);
    set->index = NULL;
    set->sealed = true;
    return true;
}

/* ---- asking ---- */

const struct lf_dir *lf_set_find_dir(const struct lf_set *set,
                                     struct lf_str path)
{
    assert(set->sealed);
    uint32_t low = 0, high = set->n_dirs;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = lf_path_compare(set->dirs[middle].path, path);
        if (order == 0)
            return &set->dirs[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct lf_item *lf_set_find_in(const struct lf_set *set,
                                     const struct lf_dir *dir,
                                     struct lf_str name)
{
    uint32_t low = dir->first, end = dir->first + dir->count, high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_str_compare(lf_item_name(&set->items[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end || !lf_str_equal(lf_item_name(&set->items[low]), name))
        return NULL;
    return &set->items[low];
}

const struct lf_item *lf_set_find(const struct lf_set *set, struct lf_str dir,
                                  struct lf_str name)
{
    const struct lf_dir *in = lf_set_find_dir(set, dir);
    return in ? lf_set_find_in(set, in, name) : NULL;
}

void lf_set_below(const struct lf_set *set, struct lf_str path,
                  uint32_t *ret_first, uint32_t *ret_end)
{
    uint32_t low = 0, high = set->n_dirs;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_path_compare(set->dirs[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_first = low;
    high = set->n_dirs;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_path_within(set->dirs[middle].path, path))
            low = middle + 1;
        else
            high = middle;
    }
    *ret_end = low;
}

int lf_place_compare(struct lf_str dir_a, struct lf_str name_a,
                     struct lf_str dir_b, struct lf_str name_b)
{
    int order = lf_path_compare(dir_a, dir_b);
    return order ? order : lf_str_compare(name_a, name_b);
}
