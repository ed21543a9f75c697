/* SPDX-License-Identifier: MIT */
/*
 * pattern_index.c - the last pattern of a long list that matches
 *
 * Texts are sorted, and each one knows the longest other one that it begins with. All
 * texts that a path begins with are then on the way up from the greatest one that is
 * not greater than the path: whatever lies between a beginning of the path and the path
 * has that beginning, too. Of ends the same holds from the right to the left.
 */
#include "manifest/pattern_index.h"

#include "base/path.h"
#include "base/util.h"

#include <stdlib.h>

#define NONE UINT32_MAX

enum {
    SEARCHED_LEAST = 16, /* patterns that are worth searching */
};

struct item {
    struct lf_str key;
    uint32_t index;
};

/* ---- texts, from either end ---- */

static int compare_ends(struct lf_str a, struct lf_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    for (size_t i = 1; i <= len; i++) {
        uint8_t x = (uint8_t)a.data[a.len - i], y = (uint8_t)b.data[b.len - i];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static int compare(struct lf_str a, struct lf_str b, bool at_end)
{
    return at_end ? compare_ends(a, b) : lf_str_compare(a, b);
}

static bool has(struct lf_str text, struct lf_str key, bool at_end)
{
    return at_end ? lf_str_ends(text, key) : lf_str_starts(text, key);
}

/* ---- making ---- */

static int by_index(const struct item *a, const struct item *b)
{
    return (a->index > b->index) - (a->index < b->index);
}

static int by_begin(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = lf_str_compare(x->key, y->key);
    return order ? order : by_index(x, y);
}

static int by_end(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = compare_ends(x->key, y->key);
    return order ? order : by_index(x, y);
}

/* The longest key that a new one begins with: the one before it, or one above that. */
static uint32_t find_above(const struct lf_pattern_order *order,
                           struct lf_str key, bool at_end)
{
    uint32_t at = order->n_groups ? order->n_groups - 1 : NONE;
    while (at != NONE && !has(key, order->groups[at].key, at_end))
        at = order->groups[at].above;
    return at;
}

static bool make_order(struct lf_pattern_order *order, struct item *items,
                       uint32_t count, bool at_end)
{
    struct lf_pattern_group *group = NULL;
    if (count == 0)
        return true;
    order->items = calloc(count, sizeof(*order->items));
    order->groups = calloc(count, sizeof(*order->groups));
    if (!order->items || !order->groups)
        return false;
    qsort(items, count, sizeof(*items), at_end ? by_end : by_begin);
    for (uint32_t i = 0; i < count; i++) {
        if (!group || !lf_str_equal(group->key, items[i].key)) {
            group = &order->groups[order->n_groups];
            *group = (struct lf_pattern_group){
                    .key = items[i].key,
                    .first = i,
                    .above = find_above(order, items[i].key, at_end),
            };
            order->n_groups++;
        }
        group->count++;
        order->items[i] = items[i].index;
    }
    return true;
}

/* Those of one order, in `items`; those of none are the index's `others`. */
static bool make_orders(struct lf_pattern_index *index, struct item *items,
                        const uint32_t *all, uint32_t count)
{
    struct lf_pattern_key key;
    for (unsigned which = 0; which < 4; which++) {
        bool by_name = which & 1, at_end = which & 2;
        uint32_t n_items = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (lf_pattern_key(index->list, all[i], &key) &&
                key.by_name == by_name && key.at_end == at_end)
                items[n_items++] = (struct item){key.text, all[i]};
        }
        if (!make_order(&index->orders[by_name][at_end], items, n_items,
                        at_end))
            return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!lf_pattern_key(index->list, all[i], &key))
            index->others[index->n_others++] = all[i];
    }
    return true;
}

bool lf_pattern_index_make(struct lf_pattern_index *index,
                           const struct lf_patterns *list,
                           lf_pattern_filter *filter, const void *arg)
{
    *index = (struct lf_pattern_index){.list = list};
    if (list->count == 0)
        return true;
    uint32_t *all = calloc(list->count, sizeof(*all));
    uint32_t count = 0;
    if (!all)
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!filter || filter(arg, i))
            all[count++] = i;
    }
    if (count < SEARCHED_LEAST) {
        index->others = all;
        index->n_others = count;
        return true;
    }
    struct item *items = calloc(count, sizeof(*items));
    index->ordered = true;
    index->others = calloc(count, sizeof(*index->others));
    bool ok = items && index->others && make_orders(index, items, all, count);
    free(items);
    free(all);
    return ok;
}

void lf_pattern_index_finish(struct lf_pattern_index *index)
{
    for (unsigned which = 0; which < 4; which++) {
        free(index->orders[which & 1][which >> 1].items);
        free(index->orders[which & 1][which >> 1].groups);
    }
    free(index->others);
    *index = (struct lf_pattern_index){0};
}

/* ---- asking ---- */

struct question {
    struct lf_pattern_index *index;
    struct lf_str path;
    bool is_dir;
    uint32_t found; /* the last one so far, and one more; 0: none */
};

/* The last of `items`, which are in order, that matches and comes after the one that is
 * found. */
static void try_all(struct question *question, const uint32_t *items,
                    uint32_t count)
{
    const struct lf_patterns *list = question->index->list;
    while (count > 0 && items[count - 1] >= question->found) {
        uint32_t at = items[--count];
        question->index->tried++;
        if (lf_pattern_matches(list, at, question->path, question->is_dir)) {
            question->found = at + 1;
            return;
        }
    }
}

static void try_order(struct question *question,
                      const struct lf_pattern_order *order,
                      struct lf_str subject, bool at_end)
{
    uint32_t low = 0, high = order->n_groups;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(order->groups[middle].key, subject, at_end) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t at = low ? low - 1 : NONE; at != NONE;
         at = order->groups[at].above) {
        const struct lf_pattern_group *group = &order->groups[at];
        if (has(subject, group->key, at_end))
            try_all(question, order->items + group->first, group->count);
    }
}

uint32_t lf_pattern_index_search(struct lf_pattern_index *index,
                                 struct lf_str path, bool is_dir)
{
    struct question question = {.index = index, .path = path, .is_dir = is_dir};
    for (unsigned which = 0; index->ordered && which < 4; which++) {
        bool by_name = which & 1, at_end = which & 2;
        try_order(&question, &index->orders[by_name][at_end],
                  by_name ? lf_path_name(path) : path, at_end);
    }
    try_all(&question, index->others, index->n_others);
    return question.found ? question.found - 1 : LF_NO_PATTERN;
}
