/* SPDX-License-Identifier: MIT */
/*
 * emit.c - decided facts become the actions of a plan
 */
#include "plan/emit.h"

#include "base/path.h"
#include "base/util.h"
#include "platform/sys.h"
#include <assert.h>
#include <stdlib.h>

bool lf_action_acts(enum lf_action_kind kind)
{
    switch (kind) {
    case LF_ACTION_CREATE:
    case LF_ACTION_RELINK:
    case LF_ACTION_REPLACE:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
    case LF_ACTION_PRUNE:
    case LF_ACTION_RESTORE:
    case LF_ACTION_MKDIR:
    case LF_ACTION_RMDIR:
    case LF_ACTION_CHMOD:
        return true;
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_SKIP:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_DRIFT:
        break;
    }
    return false;
}

/* A directory that exists and that nobody has to remember. */
static bool concerns_nobody(const struct lf_fact *fact)
{
    return fact->kind == LF_ACTION_KEEP && fact->wish &&
           fact->wish->kind == LF_WISH_DIR && !fact->record && !fact->other;
}

static bool had_link(const struct lf_fact *fact)
{
    return fact->record && fact->record->kind == LF_RECORD_LINK;
}

/* Our link at the place covers something, or did. */
static bool had_cover(const struct lf_fact *fact)
{
    return fact->record && lf_record_covers(fact->record);
}

static enum lf_fate fate_of(const struct lf_fact *fact)
{
    switch (fact->kind) {
    case LF_ACTION_CREATE:
    case LF_ACTION_CLAIM:
    case LF_ACTION_RELINK:
    case LF_ACTION_REPLACE:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
    case LF_ACTION_MKDIR:
        return LF_FATE_NEW;
    case LF_ACTION_KEEP:
        /* a directory that another farm made is remembered by both */
        return fact->record ? LF_FATE_SAME : LF_FATE_NEW;
    case LF_ACTION_CHMOD:
        return LF_FATE_SAME;
    case LF_ACTION_SKIP:
        /* or what the link covered would be forgotten */
        return had_cover(fact) ? LF_FATE_SAME : LF_FATE_NONE;
    case LF_ACTION_PRUNE:
    case LF_ACTION_RESTORE:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_RMDIR:
    case LF_ACTION_DRIFT:
        break;
    }
    return LF_FATE_NONE;
}

/* What a link covers stays covered while a link of ours stands there. */
static const struct lf_displaced *displaced_of(const struct lf_fact *fact)
{
    if (!fact->record || !fact->record->displaced)
        return NULL;
    if (fact->kind == LF_ACTION_BACKUP || fact->kind == LF_ACTION_ADOPT)
        return NULL;
    return fact->record->displaced;
}

static enum lf_origin origin_of(const struct lf_fact *fact, enum lf_fate fate)
{
    if (fate == LF_FATE_SAME && fact->record)
        return fact->record->origin;
    if (fact->kind == LF_ACTION_ADOPT)
        return LF_ORIGIN_ADOPTED;
    /* that it was adopted says what the displaced node is: an old source,
     * which is not put back, whatever the link's text has become */
    if (displaced_of(fact) && fact->record->origin == LF_ORIGIN_ADOPTED)
        return LF_ORIGIN_ADOPTED;
    /* and that it was claimed, that going back further leaves it */
    return fact->kind == LF_ACTION_CLAIM || (fact->wish && fact->wish->claimed)
                   ? LF_ORIGIN_CLAIMED
                   : LF_ORIGIN_MADE;
}

/* The nearest action above that swaps what stands at its place, a directory with all
 * that is in it, or takes it away. Between that and `dir` there may be directories of
 * which nothing is planned. */
static uint32_t swap_above(const struct lf_emitter *e, struct lf_str dir)
{
    uint32_t index;
    for (; e->has_swaps && dir.len > 1; dir = lf_path_dir(dir))
        if (lf_strmap_find(&e->swaps, dir, &index))
            return index;
    return LF_NO_ACTION;
}

/* What the action on the directory of a place, if there is one, means for it: whether
 * that one is made; in which action it happens; and as what a directory was seen that
 * goes with one of those. */
static void take_above(struct lf_emitter *e, const struct lf_item *item,
                       struct lf_common *now)
{
    const struct lf_planned *rows = e->plan->planned;
    uint32_t dir = lf_item_dir(item), index = e->action_of[dir];
    if (e->inside_dir != dir) {
        e->inside = swap_above(e, e->survey->places->dirs[dir].path);
        e->inside_dir = dir;
    }
    now->inside = e->inside;
    if (index == LF_NO_ACTION)
        return;
    const struct lf_planned *planned = &rows[index];
    assert(planned->in); /* a row that has an index is whole */
    now->is_new = planned->kind == LF_ACTION_MKDIR;
    if (now->inside != LF_NO_ACTION && now->inside != index &&
        planned->kind == LF_ACTION_RMDIR &&
        rows[now->inside].kind != LF_ACTION_BACKUP)
        now->node = lf_planned_node(planned);
}

static bool note_swap(struct lf_emitter *e, uint32_t index)
{
    const struct lf_planned *planned = &e->plan->planned[index];
    uint32_t first;
    if (planned->kind != LF_ACTION_REPLACE &&
        planned->kind != LF_ACTION_BACKUP && !planned->whole)
        return true;
    struct lf_str path = lf_plan_path(e->plan, planned);
    e->has_swaps = true;
    return path.data && lf_strmap_add(&e->swaps, path, index, &first);
}

static bool is_same(const struct lf_common *a, const struct lf_common *b)
{
    return a->dir == b->dir && a->source_dir == b->source_dir &&
           lf_str_equal(a->start, b->start) && a->file == b->file &&
           a->since == b->since && a->inside == b->inside &&
           a->node == b->node && a->is_new == b->is_new;
}

static bool take_common(struct lf_emitter *e, const struct lf_common *now,
                        struct lf_planned *planned)
{
    if (!e->in || !is_same(now, e->in)) {
        struct lf_common *kept = lf_arena_alloc(&e->plan->arena, sizeof(*kept));
        if (!kept)
            return false;
        *kept = *now;
        e->in = kept;
    }
    planned->in = e->in;
    return true;
}

static bool take_entries(struct lf_emitter *e, const struct lf_fact *fact,
                         struct lf_planned *planned)
{
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (rare)
        rare->entries = fact->look->entries;
    return rare;
}

/* What a link covers comes back when the link goes: what would keep it from that is
 * refused. Into what is moved aside as a whole nothing can be put back, and a directory
 * in the link's place would cover it for good. */
static bool refuse_cover(struct lf_emitter *e, struct lf_planned *planned)
{
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (!rare)
        return lf_error_oom(e->err);
    rare->reason =
            planned->is_dir
                    ? LF_STR("what our link here covers could not be put back "
                             "any more, with a directory in its place")
                    : LF_STR("what this link covers would be put back into a "
                             "directory that is moved aside");
    rare->help = e->plan->purpose == LF_PURPOSE_ROLLBACK
                         ? LF_STR("go back in two steps: rollback 0 puts it "
                                  "back")
                         : LF_STR("take this entry out of the manifest and "
                                  "apply that first: it puts it back");
    return true;
}

/* Whether something stands, and stays, where the directory of a place is wanted. */
static bool is_barred(const struct lf_emitter *e, const struct lf_item *item)
{
    uint32_t index = e->action_of[lf_item_dir(item)];
    return index != LF_NO_ACTION && e->plan->planned[index].is_dir &&
           e->plan->planned[index].kind == LF_ACTION_CONFLICT;
}

/* Whether a directory would take the place of a link of ours that covers something. */
static bool buries(const struct lf_fact *fact)
{
    return had_cover(fact) && lf_fact_about_dir(fact) &&
           (fact->kind == LF_ACTION_REPLACE || fact->kind == LF_ACTION_MKDIR);
}

/* What was decided of a place by itself, where what happens above it allows that. */
static enum lf_action_kind kind_of(const struct lf_emitter *e,
                                   const struct lf_item *item,
                                   const struct lf_fact *fact,
                                   const struct lf_common *now)
{
    bool inside = now->inside != LF_NO_ACTION;
    enum lf_action_kind kind = fact->kind;
    if ((kind == LF_ACTION_CREATE || kind == LF_ACTION_MKDIR) &&
        is_barred(e, item))
        return LF_ACTION_CONFLICT;
    if ((kind == LF_ACTION_RESTORE && inside) || buries(fact))
        return LF_ACTION_CONFLICT;
    /* where a directory stands, our link does not any more; and what is moved aside
     * takes our directories in it along */
    if (kind == LF_ACTION_KEEP &&
        ((lf_fact_about_dir(fact) && had_link(fact)) ||
         (inside && !fact->wish)))
        return LF_ACTION_FORGET;
    return kind;
}

/* Whether what is recorded says another mode than the one that is asked for. */
static bool is_mode_news(const struct lf_fact *fact,
                         const struct lf_planned *planned)
{
    const struct lf_record *record = fact->record;
    return record && fact->wish && record->kind == LF_RECORD_DIR &&
           planned->is_dir &&
           (record->has_mode != planned->exact_mode ||
            (record->has_mode && record->mode != planned->mode));
}

static bool emit_one(struct lf_emitter *e, uint32_t index,
                     const struct lf_fact *fact)
{
    struct lf_plan *plan = e->plan;
    const struct lf_item *item = &e->survey->places->items[index];
    struct lf_planned *planned = &plan->planned[plan->n_planned];
    struct lf_common now = {
            .start = LF_STR(""),
            .since = fact->record ? fact->record->generation : 0,
    };
    take_above(e, item, &now);
    enum lf_action_kind kind = kind_of(e, item, fact, &now);
    bool stuck = kind != fact->kind &&
                 (fact->kind == LF_ACTION_RESTORE || buries(fact));
    planned->row = (uint8_t)fact->row;
    planned->is_dir = lf_fact_about_dir(fact) &&
                      !(kind == LF_ACTION_FORGET && had_link(fact));
    enum lf_fate fate = kind == fact->kind ? fate_of(fact) : LF_FATE_NONE;
    planned->kind = (uint8_t)kind;
    lf_planned_set_fate(planned, fate);
    lf_planned_set_origin(planned, origin_of(fact, fate));
    if (fact->look->entries > 0 && !take_entries(e, fact, planned))
        return lf_error_oom(e->err);
    planned->whole = fact->kind == LF_ACTION_RMDIR && fact->look->entries > 0 &&
                     !fact->receives && now.inside == LF_NO_ACTION;
    if (!lf_emit_dir(e, item, &now) || !lf_emit_texts(e, fact, planned, &now) ||
        !lf_emit_name(e, index, lf_item_name(item), planned) ||
        !lf_emit_node(e, fact->look, planned, &now) ||
        !lf_emit_asker(e, fact, planned, &now) ||
        !take_common(e, &now, planned) ||
        !lf_emit_displaced(e, displaced_of(fact), planned))
        return lf_error_oom(e->err);
    if (!lf_plan_describe(plan, e->survey->request, fact, planned, e->err) ||
        (stuck && !refuse_cover(e, planned)))
        return false;
    plan->ledger_changes |= fate == LF_FATE_NEW ||
                            (fact->record && fate == LF_FATE_NONE) ||
                            is_mode_news(fact, planned);
    if (!note_swap(e, plan->n_planned))
        return lf_error_oom(e->err);
    uint32_t special = e->survey->meetings[index].special;
    if (special < e->survey->places->n_dirs)
        e->action_of[special] = plan->n_planned;
    plan->n_planned++;
    return true;
}

enum { GIVEN_BACK = 8192 }; /* meetings whose memory is worth a call */

static void release(const struct lf_survey *survey, uint32_t place)
{
    const struct lf_plan_request *request = survey->request;
    if (request->emitted)
        request->emitted(request->stage_arg, place);
    if ((place + 1) % GIVEN_BACK == 0)
        lf_sys_give_back(&survey->meetings[place + 1 - GIVEN_BACK],
                         GIVEN_BACK * sizeof(*survey->meetings));
}

bool lf_plan_emit(struct lf_plan *plan, const struct lf_survey *survey,
                  struct lf_error *err)
{
    uint32_t n_places = survey->places->n_items;
    uint32_t n_dirs = survey->places->n_dirs;
    LF_AUTO_FREE uint32_t *action_of =
            malloc(sizeof(*action_of) * ((size_t)n_dirs + 1));
    plan->planned = calloc((size_t)n_places + 1, sizeof(*plan->planned));
    plan->planned_capacity = n_places + 1;
    if (!plan->planned || !action_of)
        return lf_error_oom(err);
    struct lf_emitter e = {
            .plan = plan,
            .survey = survey,
            .err = err,
            .action_of = action_of,
            .inside_dir = LF_NO_ACTION,
    };
    bool ok = true;
    for (uint32_t i = 0; i < n_dirs; i++)
        action_of[i] = LF_NO_ACTION;
    for (uint32_t i = 0; ok && i < n_places; i++) {
        const struct lf_fact fact = lf_survey_fact(survey, i);
        ok = concerns_nobody(&fact) || emit_one(&e, i, &fact);
        release(survey, i);
    }
    lf_strmap_finish(&e.swaps);
    return ok;
}
