/* SPDX-License-Identifier: MIT */
/*
 * lost.c - displaced nodes that the ledger has and the store has not
 */
#include "apply/garbage.h"

#include "base/path.h"

struct looking {
    struct lf_transaction *t;
    lf_lost_fn *fn;
    void *arg;
    bool unsafe; /* the first one of which that is so has been told in `err` */
    struct lf_error *err;
};

/* It may well be there, but is not what is put back. What else is lost comes first. */
static void note_unsafe(struct looking *l, const struct lf_displaced *displaced,
                        struct lf_str place)
{
    struct lf_buf kept = {0};
    lf_state_add_displaced(&l->t->state, &kept, displaced);
    lf_error_set(l->err, LF_CODE_STORE_UNSAFE, 0,
                 "what was moved aside for %.*s may have been exchanged: "
                 "others than root may change where it is kept",
                 (int)place.len, place.data);
    lf_error_help(l->err,
                  "look at %s, and put what is right in the place of the link "
                  "by hand; then apply a manifest without its entry, which "
                  "forgets the old one",
                  kept.data ? kept.data : "it");
    lf_buf_finish(&kept);
    l->unsafe = true;
}

static bool look(struct looking *l, const struct lf_recorded *farm,
                 const struct lf_item *item)
{
    const struct lf_displaced *displaced =
            farm->records[item->detail].displaced;
    struct lf_node node;
    enum lf_swept swept;
    struct lf_error why;
    struct lf_buf place = {0};
    if (!displaced)
        return true;
    if (!lf_sweep_look(l->t, displaced, &swept, &node, &why)) {
        *l->err = why;
        if (why.code == LF_CODE_GARBAGE)
            lf_error_help(l->err, "what cannot be looked at there cannot be "
                                  "put back: remove the cause");
        return false;
    }
    if (swept == LF_SWEPT_STANDS || (swept == LF_SWEPT_UNSAFE && l->unsafe))
        return true;
    lf_path_add(&place, farm->set.dirs[lf_item_dir(item)].path,
                lf_item_name(item));
    bool done = !lf_buf_failed(&place) || lf_error_oom(l->err);
    if (done && swept == LF_SWEPT_UNSAFE)
        note_unsafe(l, displaced, lf_buf_str(&place));
    else if (done)
        l->fn(l->arg, farm->name, lf_buf_str(&place));
    lf_buf_finish(&place);
    return done;
}

bool lf_garbage_lost(struct lf_transaction *t, lf_lost_fn *fn, void *arg,
                     struct lf_error *err)
{
    struct looking l = {.t = t, .fn = fn, .arg = arg, .err = err};
    if (!lf_transaction_ledger(t, err))
        return false;
    for (uint32_t i = 0; i < t->ledger->n_farms; i++) {
        const struct lf_recorded *farm = t->ledger->farms[i];
        for (uint32_t k = 0; k < farm->set.n_items; k++)
            if (!look(&l, farm, &farm->set.items[k]))
                return false;
    }
    return !l.unsafe;
}
