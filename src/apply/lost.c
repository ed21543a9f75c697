/* SPDX-License-Identifier: MIT */
/*
 * lost.c - displaced nodes that the ledger has and the store has not
 */
#include "apply/garbage.h"

#include "base/path.h"

static bool look(struct lf_transaction *t, const struct lf_recorded *farm,
                 const struct lf_item *item, lf_lost_fn *fn, void *arg,
                 struct lf_error *err)
{
    const struct lf_displaced *displaced =
            farm->records[item->detail].displaced;
    struct lf_node node;
    enum lf_swept swept;
    struct lf_buf place = {0};
    if (!displaced)
        return true;
    if (!lf_sweep_look(t, displaced, &swept, &node, err)) {
        if (err->code == LF_CODE_GARBAGE)
            lf_error_help(err, "what cannot be looked at there cannot be put "
                               "back: remove the cause");
        return false;
    }
    if (swept == LF_SWEPT_STANDS)
        return true;
    lf_path_add(&place, farm->set.dirs[lf_item_dir(item)].path,
                lf_item_name(item));
    bool done = !lf_buf_failed(&place) || lf_error_oom(err);
    if (done)
        fn(arg, farm->name, lf_buf_str(&place));
    lf_buf_finish(&place);
    return done;
}

bool lf_garbage_lost(struct lf_transaction *t, lf_lost_fn *fn, void *arg,
                     struct lf_error *err)
{
    if (!lf_transaction_ledger(t, err))
        return false;
    for (uint32_t i = 0; i < t->ledger->n_farms; i++) {
        const struct lf_recorded *farm = t->ledger->farms[i];
        for (uint32_t k = 0; k < farm->set.n_items; k++)
            if (!look(t, farm, &farm->set.items[k], fn, arg, err))
                return false;
    }
    return true;
}
