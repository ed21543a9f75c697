/* SPDX-License-Identifier: MIT */
/*
 * adopted.c - what adopting by hand wants, as a desired set
 */
#include "base/util.h"
#include "plan/plan.h"
#include <stdlib.h>

static bool add_wish(struct lf_desired *desired, const struct lf_entry *entry,
                     const struct lf_adoptee *adoptee, struct lf_str into,
                     struct lf_error *err)
{
    struct lf_arena *arena = &desired->set.arena;
    struct lf_str text;
    uint32_t dir;
    if (!lf_relative_text(adoptee->dir, into, adoptee->name, &text, err))
        return false;
    struct lf_wish wish = {.kind = LF_WISH_LINK, .entry = entry};
    lf_wish_set_text(&wish, lf_arena_str(arena, text));
    lf_free_const(text.data);
    return (wish.text &&
            lf_desired_set_source(desired, &wish, LF_STR(""), into,
                                  adoptee->name) &&
            lf_set_dir(&desired->set, adoptee->dir, &dir) &&
            lf_set_add(&desired->set, dir, adoptee->name, desired->n_wishes) &&
            lf_desired_add(desired, &wish)) ||
           lf_error_oom(err);
}

static bool fill(struct lf_desired *desired, const struct lf_adoptee *adoptees,
                 size_t count, struct lf_str into, struct lf_error *err)
{
    struct lf_entry *entry =
            lf_arena_alloc(&desired->set.arena, sizeof(*entry));
    struct lf_str kept = lf_arena_str(&desired->set.arena, into);
    if (!entry || !kept.data)
        return lf_error_oom(err);
    *entry = (struct lf_entry){.kind = LF_ENTRY_LINK,
                               .conflict = LF_CONFLICT_ADOPT};
    for (size_t i = 0; i < count; i++)
        if (!add_wish(desired, entry, &adoptees[i], kept, err))
            return false;
    return lf_set_seal(&desired->set) || lf_error_oom(err);
}

bool lf_desired_of_adopted(const struct lf_adoptee *adoptees, size_t count,
                           struct lf_str into, struct lf_desired **ret_desired,
                           struct lf_error *err)
{
    struct lf_desired *desired = calloc(1, sizeof(*desired));
    if (!desired)
        return lf_error_oom(err);
    if (!fill(desired, adoptees, count, into, err)) {
        lf_desired_free(desired);
        return false;
    }
    *ret_desired = desired;
    return true;
}
