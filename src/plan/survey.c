/* SPDX-License-Identifier: MIT */
/*
 * survey.c - which facts meet at each place
 *
 * The observed set holds every place that is desired or recorded. One walk
 * along it, with a cursor into each other set, brings together what is wished,
 * what was recorded, what is seen, and what other farms own. Then places are
 * decided from the deepest up, because whether a directory of ours goes
 * depends on what stays in it.
 */
#include "plan/plan.h"

#include "base/path.h"
#include "base/util.h"
#include <stdlib.h>

struct cursor {
    const struct lf_set *set;
    uint32_t next;
    /* how the cursor's directory compares with the one asked for, which come in
     * runs; NULL: not known */
    const struct lf_dir *dir, *asked;
    int order;
};

static int compare_dirs(struct cursor *cursor, const struct lf_dir *dir,
                        const struct lf_dir *asked)
{
    if (cursor->dir != dir || cursor->asked != asked) {
        cursor->order = lf_path_compare(dir->path, asked->path);
        cursor->dir = dir;
        cursor->asked = asked;
    }
    return cursor->order;
}

/* The cursor's item at this place, if any. Places must be asked in order. */
static const struct lf_item *
seek(struct cursor *cursor, const struct lf_dir *asked, struct lf_str name)
{
    while (cursor->set && cursor->next < cursor->set->n_items) {
        const struct lf_item *item = &cursor->set->items[cursor->next];
        int order = compare_dirs(cursor, &cursor->set->dirs[item->dir], asked);
        if (order == 0)
            order = lf_str_compare(item->name, name);
        if (order >= 0)
            return order == 0 ? item : NULL;
        cursor->next++;
    }
    return NULL;
}

/* A link of another farm outweighs a directory that several share. */
static bool note_other(struct lf_survey *survey, struct lf_meeting *meeting,
                       const struct lf_recorded *farm,
                       const struct lf_record *record)
{
    struct lf_other other = {record, farm};
    void *others = survey->others;
    if (meeting->other != LF_NO_ACTION) {
        struct lf_other *known = &survey->others[meeting->other];
        if (known->record->kind != LF_RECORD_LINK)
            *known = other;
        return true;
    }
    if (!lf_array_reserve(&others, survey->n_others, &survey->other_capacity,
                          sizeof(other)))
        return false;
    survey->others = others;
    meeting->other = survey->n_others;
    survey->others[survey->n_others++] = other;
    return true;
}

static bool gather(struct lf_survey *survey, struct cursor *cursors)
{
    const struct lf_plan_request *request = survey->request;
    const struct lf_ledger *ledger = request->ledger;
    struct cursor desired = {.set = request->desired ? &request->desired->set
                                                     : NULL};
    struct cursor recorded = {.set = request->recorded ? &request->recorded->set
                                                       : NULL};
    for (uint32_t i = 0; i < survey->places->n_items; i++) {
        const struct lf_item *place = &survey->places->items[i];
        const struct lf_dir *dir = &survey->places->dirs[place->dir];
        struct lf_meeting *meeting = &survey->meetings[i];
        const struct lf_item *item = seek(&desired, dir, place->name);
        meeting->wish = item ? item->detail : LF_NO_ACTION;
        item = seek(&recorded, dir, place->name);
        meeting->record = item ? item->detail : LF_NO_ACTION;
        meeting->other = LF_NO_ACTION;
        for (uint32_t f = 0; ledger && f < ledger->n_farms; f++) {
            const struct lf_recorded *farm = ledger->farms[f];
            item = cursors[f].set ? seek(&cursors[f], dir, place->name) : NULL;
            if (item && !note_other(survey, meeting, farm,
                                    &farm->records[item->detail]))
                return false;
        }
    }
    return true;
}

struct lf_fact lf_survey_fact(const struct lf_survey *survey, uint32_t index)
{
    const struct lf_plan_request *request = survey->request;
    const struct lf_meeting *meeting = &survey->meetings[index];
    struct lf_fact fact = {
            .look = &request->observed
                             ->looks[survey->places->items[index].detail],
            .receives = meeting->receives,
            .leaving = meeting->leaving,
            .row = meeting->row,
            .kind = (enum lf_action_kind)meeting->kind,
            .sight = (enum lf_sight)meeting->sight,
    };
    if (meeting->wish != LF_NO_ACTION)
        fact.wish = &request->desired->wishes[meeting->wish];
    if (meeting->record != LF_NO_ACTION)
        fact.record = &request->recorded->records[meeting->record];
    if (meeting->other != LF_NO_ACTION) {
        fact.other = survey->others[meeting->other].record;
        fact.owner = survey->others[meeting->other].owner;
    }
    return fact;
}

/* For each directory with places in it: the place that is that directory. */
static void find_above(struct lf_survey *survey)
{
    const struct lf_set *places = survey->places;
    for (uint32_t d = 0; d < places->n_dirs; d++) {
        struct lf_str path = places->dirs[d].path;
        const struct lf_item *item =
                lf_set_find(places, lf_path_dir(path), lf_path_name(path));
        survey->above[d] =
                item ? (uint32_t)(item - places->items) : LF_NO_ACTION;
    }
}

bool lf_survey_make(const struct lf_plan_request *request,
                    struct lf_survey *ret_survey, struct lf_error *err)
{
    struct lf_survey survey = {
            .request = request,
            .places = &request->observed->set,
    };
    uint32_t n_farms = request->ledger ? request->ledger->n_farms : 0;
    survey.meetings =
            lf_arena_alloc_array(&survey.arena, survey.places->n_items + 1,
                                 sizeof(*survey.meetings));
    survey.above = lf_arena_alloc_array(
            &survey.arena, survey.places->n_dirs + 1, sizeof(uint32_t));
    struct cursor *cursors =
            lf_arena_alloc_array(&survey.arena, n_farms + 1, sizeof(*cursors));
    if (!survey.meetings || !survey.above || !cursors) {
        lf_arena_finish(&survey.arena);
        return lf_error_oom(err);
    }
    for (uint32_t f = 0; f < n_farms; f++)
        if (!lf_str_equal(request->ledger->farms[f]->name, request->farm))
            cursors[f].set = &request->ledger->farms[f]->set;
    if (!gather(&survey, cursors)) {
        lf_survey_finish(&survey);
        return lf_error_oom(err);
    }
    find_above(&survey);
    *ret_survey = survey;
    return true;
}

void lf_survey_finish(struct lf_survey *survey)
{
    free(survey->others);
    lf_arena_finish(&survey->arena);
}

static enum lf_want want_of(const struct lf_survey *survey,
                            const struct lf_fact *fact)
{
    if (fact->wish)
        return fact->wish->kind == LF_WISH_LINK ? LF_WANT_LINK : LF_WANT_DIR;
    return survey->request->purpose == LF_PURPOSE_REMOVE ||
                           survey->request->purpose == LF_PURPOSE_ROLLBACK
                   ? LF_WANT_GONE
                   : LF_WANT_NOTHING;
}

static enum lf_had had_of(const struct lf_fact *fact)
{
    if (!fact->record)
        return LF_HAD_NONE;
    if (fact->record->kind == LF_RECORD_DIR)
        return LF_HAD_DIR;
    /* what an adopted link displaced is its old source: not put back here */
    return fact->record->displaced && fact->record->origin != LF_ORIGIN_ADOPTED
                   ? LF_HAD_COVER
                   : LF_HAD_LINK;
}

static bool mode_differs(const struct lf_fact *fact)
{
    const struct lf_wish *wish = fact->wish;
    return !wish->implied && wish->entry->kind == LF_ENTRY_DIR &&
           wish->entry->has_mode &&
           lf_sighting_node(fact->look).mode != wish->entry->mode;
}

static enum lf_sight see_dir(const struct lf_fact *fact)
{
    if (fact->wish && fact->wish->kind == LF_WISH_DIR)
        return mode_differs(fact) ? LF_SIGHT_MODE : LF_SIGHT_RIGHT;
    if (!fact->record || fact->record->kind != LF_RECORD_DIR)
        return LF_SIGHT_FOREIGN_DIR;
    if (fact->other)
        return LF_SIGHT_SHARED;
    if (fact->look->listed && fact->look->entries == fact->leaving)
        return LF_SIGHT_RECORDED;
    return fact->wish ? LF_SIGHT_FOREIGN_DIR : LF_SIGHT_OCCUPIED;
}

static enum lf_sight see_link(const struct lf_fact *fact)
{
    struct lf_str text = lf_sighting_text(fact->look);
    if (fact->wish && fact->wish->kind == LF_WISH_LINK &&
        lf_str_equal(text, lf_wish_text(fact->wish)))
        return LF_SIGHT_RIGHT;
    if (fact->record && fact->record->kind == LF_RECORD_LINK &&
        lf_str_equal(text, fact->record->text))
        return LF_SIGHT_RECORDED;
    return LF_SIGHT_FOREIGN;
}

static enum lf_sight see(const struct lf_fact *fact)
{
    if (fact->wish && fact->other && fact->other->kind == LF_RECORD_LINK)
        return LF_SIGHT_OTHER_FARM;
    if (fact->wish && fact->wish->kind == LF_WISH_LINK && fact->other)
        return LF_SIGHT_OTHER_FARM;
    if (fact->look->error)
        return LF_SIGHT_UNKNOWN;
    /* a displaced node cannot go back into a directory that is gone */
    if (fact->look->unreachable && !fact->wish && had_of(fact) == LF_HAD_COVER)
        return LF_SIGHT_FOREIGN;
    switch ((enum lf_node_kind)fact->look->kind) {
    case LF_NODE_NOTHING:
        return LF_SIGHT_NOTHING;
    case LF_NODE_DIR:
        return see_dir(fact);
    case LF_NODE_LINK:
        return see_link(fact);
    case LF_NODE_FILE:
    case LF_NODE_OTHER:
        return LF_SIGHT_FOREIGN;
    case LF_NODE_UNKNOWN:
        break;
    }
    return LF_SIGHT_UNKNOWN;
}

/*
 * Rolling back behind the generation that claimed a link leaves the link: it
 * was there before us. Removing the farm takes what the farm owns, claimed or
 * made, or links would outlive the manifest.
 */
static bool was_there_before(const struct lf_survey *survey,
                             const struct lf_fact *fact)
{
    return survey->request->purpose == LF_PURPOSE_ROLLBACK && !fact->wish &&
           fact->record && fact->record->origin == LF_ORIGIN_CLAIMED;
}

static bool leaves(const struct lf_fact *fact)
{
    return fact->look->kind != LF_NODE_NOTHING &&
           (fact->kind == LF_ACTION_PRUNE || fact->kind == LF_ACTION_RMDIR);
}

void lf_survey_decide(struct lf_survey *survey)
{
    const struct lf_set *places = survey->places;
    for (uint32_t i = places->n_items; i-- > 0;) {
        struct lf_meeting *meeting = &survey->meetings[i];
        struct lf_fact fact = lf_survey_fact(survey, i);
        fact.sight = see(&fact);
        struct lf_row row = lf_decide(
                want_of(survey, &fact), had_of(&fact), fact.sight,
                fact.wish ? fact.wish->entry->conflict : LF_CONFLICT_FAIL);
        fact.kind = row.kind;
        if (row.kind == LF_ACTION_PRUNE && was_there_before(survey, &fact))
            fact.kind = LF_ACTION_FORGET;
        meeting->row = (uint8_t)row.number;
        meeting->kind = (uint8_t)fact.kind;
        meeting->sight = (uint8_t)fact.sight;
        uint32_t above = survey->above[places->items[i].dir];
        if (above == LF_NO_ACTION)
            continue;
        if (leaves(&fact))
            survey->meetings[above].leaving++;
        if (fact.kind == LF_ACTION_RESTORE || fact.receives)
            survey->meetings[above].receives = true;
    }
}
