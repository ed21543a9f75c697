/* SPDX-License-Identifier: MIT */
/*
 * commit.c - the ledger that will be true after the plan
 */
#include "apply/compile.h"
#include <stdlib.h>

static int compare_stored(const void *key, const void *item)
{
    const uint32_t *action = key;
    const struct lf_stored *stored = item;
    return (*action > stored->action) - (*action < stored->action);
}

static int by_action(const void *a, const void *b)
{
    return compare_stored(&((const struct lf_stored *)a)->action, b);
}

/* What this transaction moves aside, or what was moved aside before. */
static const struct lf_displaced *displaced_by(const struct lf_compiled *c,
                                               const struct lf_planned *planned,
                                               uint32_t index)
{
    const struct lf_stored *stored = NULL;
    if (c->n_stored > 0)
        stored = bsearch(&index, c->stored, c->n_stored, sizeof(*c->stored),
                         compare_stored);
    return stored ? &stored->displaced : lf_planned_displaced(planned);
}

/* For struct lf_record_feed. */
static bool tell(void *arg, uint32_t index, struct lf_str *ret_dir,
                 struct lf_str *ret_name, struct lf_record *ret_record)
{
    struct lf_new_records *records = arg;
    const struct lf_planned *planned = &records->plan->planned[index];
    if (lf_planned_fate(planned) == LF_FATE_NONE)
        return false;
    *ret_dir = *planned->in->dir;
    *ret_name = lf_planned_name(planned);
    *ret_record = (struct lf_record){
            .kind = planned->is_dir ? LF_RECORD_DIR : LF_RECORD_LINK,
            .origin = (uint8_t)lf_planned_origin(planned),
            .mode = planned->exact_mode ? planned->mode & 07777 : 0,
            .has_mode = planned->exact_mode,
            .text = lf_pair_join(lf_planned_text(planned), &records->text),
            .file = planned->in->file->path,
            .line = planned->line,
            .column = lf_planned_column(planned),
            .generation = planned->fate_same ? planned->in->since
                                             : records->generation,
            .displaced = displaced_by(records->compiled, planned, index),
    };
    return true;
}

bool lf_compile_ledger(const struct lf_plan *plan, struct lf_compiled *compiled,
                       int64_t time, struct lf_ledger *ledger,
                       struct lf_new_records *ret_records, struct lf_error *err)
{
    struct lf_recorded *farm;
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
    farm->generation = lf_plan_generation(plan);
    ret_records->plan = plan;
    ret_records->compiled = compiled;
    ret_records->generation = farm->generation;
    farm->feed = (struct lf_record_feed){
            .count = plan->n_planned, .tell = tell, .arg = ret_records};
    return true;
}
