/* SPDX-License-Identifier: MIT */
/*
 * merge.c - two sets in step
 */
#include "observe/merge.h"

static const struct lf_item *peek(const struct lf_merge *merge, int side)
{
    const struct lf_set *set = merge->sides[side]->set;
    return set && merge->next[side] < set->n_items
                   ? &set->items[merge->next[side]]
                   : NULL;
}

static struct lf_str dir_of(const struct lf_merge *merge, int side,
                            const struct lf_item *item)
{
    return merge->sides[side]->set->dirs[lf_item_dir(item)].path;
}

bool lf_merge_next(struct lf_merge *merge, struct lf_merged *ret)
{
    const struct lf_item *a = peek(merge, 0);
    const struct lf_item *b = peek(merge, 1);
    if (!a && !b)
        return false;
    int order = !a ? 1 : !b ? -1 : 0;
    if (a && b)
        order = lf_place_compare(dir_of(merge, 0, a), lf_item_name(a),
                                 dir_of(merge, 1, b), lf_item_name(b));
    int side = order <= 0 ? 0 : 1;
    const struct lf_item *item = side == 0 ? a : b;
    *ret = (struct lf_merged){
            .dir = dir_of(merge, side, item),
            .name = lf_item_name(item),
            .details = {order <= 0 ? a->detail : LF_NOT_MET,
                        order >= 0 ? b->detail : LF_NOT_MET},
    };
    merge->next[0] += order <= 0;
    merge->next[1] += order >= 0;
    return true;
}
