/* SPDX-License-Identifier: MIT */
/*
 * refs.c - the displaced nodes that records keep
 */
#include "apply/garbage.h"

#include "base/path.h"
#include "base/util.h"
#include <stdlib.h>

int lf_refs_compare(const void *a, const void *b)
{
    const struct lf_displaced *x = &((const struct lf_ref *)a)->displaced;
    const struct lf_displaced *y = &((const struct lf_ref *)b)->displaced;
    int order = lf_str_compare(x->store, y->store);
    if (order == 0)
        order = (x->transaction > y->transaction) -
                (x->transaction < y->transaction);
    if (order == 0)
        order = (x->number > y->number) - (x->number < y->number);
    return order;
}

void lf_refs_sort(struct lf_refs *refs)
{
    if (refs->count > 1)
        qsort(refs->items, refs->count, sizeof(*refs->items), lf_refs_compare);
}

bool lf_refs_has(const struct lf_refs *refs, const struct lf_ref *ref)
{
    return refs->count > 0 && bsearch(ref, refs->items, refs->count,
                                      sizeof(*ref), lf_refs_compare);
}

bool lf_refs_add(struct lf_refs *refs, struct lf_arena *arena,
                 const struct lf_recorded *farm, struct lf_error *err)
{
    for (uint32_t i = 0; i < farm->set.n_items; i++) {
        const struct lf_item *item = &farm->set.items[i];
        const struct lf_displaced *displaced =
                farm->records[item->detail].displaced;
        if (!displaced)
            continue;
        struct lf_ref ref = {.displaced = *displaced};
        ref.displaced.store = lf_arena_str(arena, displaced->store);
        ref.place = lf_path_join(arena, farm->set.dirs[lf_item_dir(item)].path,
                                 lf_item_name(item));
        void *items = refs->items;
        if (!ref.displaced.store.data || !ref.place.data ||
            !lf_array_reserve(&items, refs->count, &refs->capacity,
                              sizeof(ref)))
            return lf_error_oom(err);
        refs->items = items;
        refs->items[refs->count++] = ref;
    }
    return true;
}
