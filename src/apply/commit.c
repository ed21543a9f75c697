/* SPDX-License-Identifier: MIT */
/*
 * commit.c - the ledger that will be true after the plan
 */
#include "apply/compile.h"
#include "base/util.h"

static void add_stored(const struct lf_compiled *compiled, uint32_t index,
                       uint32_t *next, struct lf_record *record)
{
    while (*next < compiled->n_stored && compiled->stored[*next].action < index)
        ++*next;
    if (*next < compiled->n_stored && compiled->stored[*next].action == index)
        record->displaced = &compiled->stored[*next].displaced;
}

static bool add_record(const struct lf_plan *plan,
                       const struct lf_compiled *compiled, uint32_t index,
                       uint32_t *next, struct lf_ledger *ledger,
                       struct lf_recorded *farm, struct lf_error *err)
{
    const struct lf_planned *planned = &plan->planned[index];
    if (planned->fate == LF_FATE_NONE)
        return true;
    struct lf_record record = {
            .kind = planned->is_dir ? LF_RECORD_DIR : LF_RECORD_LINK,
            .origin = planned->origin,
            .text = lf_planned_text(planned),
            .file = planned->asker->file,
            .line = planned->asker->line,
            .column = planned->asker->column,
            .generation = planned->fate == LF_FATE_SAME ? planned->since
                                                        : farm->generation,
            .displaced = lf_planned_displaced(planned),
    };
    add_stored(compiled, index, next, &record);
    return lf_recorded_add(ledger, farm, *planned->dir,
                           lf_planned_name(planned), &record, err);
}

static int by_action(const void *a, const void *b)
{
    const struct lf_stored *left = a, *right = b;
    return (left->action > right->action) - (left->action < right->action);
}

bool lf_compile_ledger(const struct lf_plan *plan, struct lf_compiled *compiled,
                       int64_t time, struct lf_ledger *ledger,
                       struct lf_error *err)
{
    struct lf_recorded *farm;
    uint32_t next = 0;
    ledger->transaction = compiled->steps.transaction;
    if (plan->purpose == LF_PURPOSE_ADOPT)
        return true; /* of no farm */
    if (compiled->n_stored > 1)
        qsort(compiled->stored, compiled->n_stored, sizeof(*compiled->stored),
              by_action);
    lf_ledger_drop(ledger, plan->farm);
    if (!lf_ledger_add(ledger, plan->farm, &farm, err) ||
        !lf_recorded_describe(ledger, farm, &plan->head, err))
        return false;
    farm->time = time;
    farm->generation = plan->generation + 1;
    for (uint32_t i = 0; i < plan->n_planned; i++)
        if (!add_record(plan, compiled, i, &next, ledger, farm, err))
            return false;
    return lf_set_seal(&farm->set) || lf_error_oom(err);
}
