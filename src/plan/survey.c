/* SPDX-License-Identifier: MIT */
/*
 * survey.c - which facts meet at each place
 *
 * The observed set holds every place that is desired or recorded, with both. What
 * each other farm owns is brought in by a walk along both, which leaps over what only
 * one of them has. Then places are decided from the deepest up, because whether a
 * directory of ours goes depends on what stays in it.
 */
#include "plan/plan.h"

#include "base/path.h"
#include "base/util.h"
#include <stdlib.h>

/* ---- what two sets have in common ---- */

/* Whether what stands at `index` in a set comes before `key`. */
typedef bool before_fn(const struct lf_set *set, uint32_t index,
                       struct lf_str key);

static bool dir_before(const struct lf_set *set, uint32_t index,
                       struct lf_str key)
{
    return lf_path_compare(set->dirs[index].path, key) < 0;
}

static bool item_before(const struct lf_set *set, uint32_t index,
                        struct lf_str key)
{
    return lf_str_compare(lf_item_name(&set->items[index]), key) < 0;
}

/* The first from `at` on, and before `end`, that does not come before `key`. It takes
 * steps as the logarithm of how far it is: one after the other where both sets have as
 * much, few where the other one has little. */
static uint32_t leap(const struct lf_set *set, uint32_t at, uint32_t end,
                     before_fn *before, struct lf_str key)
{
    uint32_t high = at, step = 1;
    while (high < end && before(set, high, key)) {
        at = high + 1;
        high = end - high > step ? high + step : end;
        step *= 2;
    }
    while (at < high) {
        uint32_t middle = at + (high - at) / 2;
        if (before(set, middle, key))
            at = middle + 1;
        else
            high = middle;
    }
    return at;
}

/* ---- what other farms own ---- */

/* What few places have, of one that has some now; NULL without memory. */
static struct lf_special *special_of(struct lf_survey *survey,
                                     struct lf_meeting *meeting)
{
    void *specials = survey->specials;
    if (meeting->special == LF_NO_ACTION) {
        if (!lf_array_reserve(&specials, survey->n_specials,
                              &survey->special_capacity,
                              sizeof(*survey->specials)))
            return NULL;
        survey->specials = specials;
        meeting->special = survey->n_specials++;
        survey->specials[meeting->special] = (struct lf_special){0};
    }
    return &survey->specials[meeting->special];
}

/* A link of another farm outweighs a directory that several share. */
static bool note_other(struct lf_survey *survey, struct lf_meeting *meeting,
                       const struct lf_recorded *farm,
                       const struct lf_record *record)
{
    struct lf_special *special = special_of(survey, meeting);
    if (special &&
        (!special->other || special->other->kind != LF_RECORD_LINK)) {
        special->other = record;
        special->owner = farm;
        special->other_below = false;
    }
    return special;
}

/* Whether a link is wanted where a directory stands, which would have to go. */
static bool takes_dir(const struct lf_survey *survey, uint32_t place)
{
    const struct lf_plan_request *request = survey->request;
    uint32_t wish = lf_observed_met(request->observed, 0, place);
    return request->observed->looks[place].kind == LF_NODE_DIR &&
           wish != LF_NOT_MET &&
           lf_desired_wish(request->desired, wish)->kind == LF_WISH_LINK;
}

/* What another farm has in a directory that would go with it: the first of it. */
static bool gather_below(struct lf_survey *survey, uint32_t place,
                         const struct lf_recorded *farm, struct lf_buf *room)
{
    const struct lf_item *item = &survey->places->items[place];
    uint32_t first, end;
    struct lf_str path =
            lf_path_in(room, survey->places->dirs[lf_item_dir(item)].path,
                       lf_item_name(item));
    if (!path.data)
        return false;
    lf_set_below(&farm->set, path, &first, &end);
    struct lf_meeting *meeting = &survey->meetings[place];
    if (first == end || (meeting->special != LF_NO_ACTION &&
                         survey->specials[meeting->special].other))
        return true;
    item = &farm->set.items[farm->set.dirs[first].first];
    if (!note_other(survey, meeting, farm, &farm->records[item->detail]))
        return false;
    survey->specials[meeting->special].other_below = true;
    return true;
}

/* Of a directory of ours that the farm has as well. */
static bool gather_in(struct lf_survey *survey, const struct lf_dir *ours,
                      const struct lf_recorded *farm,
                      const struct lf_dir *theirs)
{
    const struct lf_set *places = survey->places, *set = &farm->set;
    uint32_t i = ours->first, end = ours->first + ours->count;
    uint32_t j = theirs->first, their_end = theirs->first + theirs->count;
    while (i < end) {
        struct lf_str name = lf_item_name(&places->items[i]);
        j = leap(set, j, their_end, item_before, name);
        if (j == their_end)
            return true;
        const struct lf_item *item = &set->items[j];
        if (!lf_str_equal(lf_item_name(item), name))
            i = leap(places, i, end, item_before, lf_item_name(item));
        else if (!note_other(survey, &survey->meetings[i++], farm,
                             &farm->records[item->detail]))
            return false;
    }
    return true;
}

static bool gather(struct lf_survey *survey, const struct lf_recorded *farm)
{
    const struct lf_set *places = survey->places, *set = &farm->set;
    uint32_t i = 0, j = 0;
    while (i < places->n_dirs) {
        const struct lf_dir *ours = &places->dirs[i];
        j = leap(set, j, set->n_dirs, dir_before, ours->path);
        if (j == set->n_dirs)
            return true;
        const struct lf_dir *theirs = &set->dirs[j];
        if (!lf_str_equal(ours->path, theirs->path))
            i = leap(places, i, places->n_dirs, dir_before, theirs->path);
        else if (!gather_in(survey, &places->dirs[i++], farm, theirs))
            return false;
    }
    return true;
}

/* Below places where a directory would go, of which the farm has not the place. */
static bool gather_taken(struct lf_survey *survey,
                         const struct lf_recorded *farm, const uint32_t *taken,
                         uint32_t n_taken)
{
    const struct lf_set *places = survey->places;
    struct lf_buf room = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < n_taken; i++) {
        const struct lf_item *place = &places->items[taken[i]];
        struct lf_str dir = places->dirs[lf_item_dir(place)].path;
        ok = lf_set_find(&farm->set, dir, lf_item_name(place)) ||
             gather_below(survey, taken[i], farm, &room);
    }
    lf_buf_finish(&room);
    return ok;
}

static bool gather_others(struct lf_survey *survey)
{
    const struct lf_ledger *ledger = survey->request->ledger;
    uint32_t *taken = NULL;
    uint32_t n_taken = 0, capacity = 0;
    bool ok = true;
    if (!ledger || ledger->n_farms == 0)
        return true;
    for (uint32_t i = 0; ok && i < survey->places->n_items; i++) {
        if (!takes_dir(survey, i))
            continue;
        void *items = taken;
        ok = lf_array_reserve(&items, n_taken, &capacity, sizeof(*taken));
        taken = items;
        if (ok)
            taken[n_taken++] = i;
    }
    for (uint32_t f = 0; ok && f < ledger->n_farms; f++)
        if (!lf_str_equal(ledger->farms[f]->name, survey->request->farm))
            ok = gather(survey, ledger->farms[f]) &&
                 gather_taken(survey, ledger->farms[f], taken, n_taken);
    free(taken);
    return ok;
}

struct lf_fact lf_survey_fact(const struct lf_survey *survey, uint32_t index)
{
    const struct lf_plan_request *request = survey->request;
    const struct lf_observed *observed = request->observed;
    const struct lf_meeting *meeting = &survey->meetings[index];
    uint32_t wish = lf_observed_met(observed, 0, index);
    uint32_t record = lf_observed_met(observed, 1, index);
    struct lf_fact fact = {
            .look = &observed->looks[index],
            .row = meeting->row,
            .kind = (enum lf_action_kind)meeting->kind,
            .sight = (enum lf_sight)meeting->sight,
    };
    if (wish != LF_NOT_MET)
        fact.wish = lf_desired_wish(request->desired, wish);
    if (record != LF_NOT_MET)
        fact.record = &request->recorded->records[record];
    if (meeting->special != LF_NO_ACTION) {
        const struct lf_special *special = &survey->specials[meeting->special];
        fact.other = special->other;
        fact.owner = special->owner;
        fact.other_below = special->other_below;
        fact.leaving = special->leaving;
        fact.receives = special->receives;
    }
    return fact;
}

/* For each directory with places in it: the place that is that directory. What
 * leaves it or comes back is noted there. */
static void find_above(struct lf_survey *survey)
{
    const struct lf_set *places = survey->places;
    for (uint32_t d = 0; d < places->n_dirs; d++) {
        struct lf_str path = places->dirs[d].path;
        const struct lf_item *item =
                lf_set_find(places, lf_path_dir(path), lf_path_name(path));
        if (item)
            survey->meetings[item - places->items].special = d;
    }
}

static bool make_room(struct lf_survey *survey)
{
    size_t n_items = survey->places->n_items, n_dirs = survey->places->n_dirs;
    survey->meetings = malloc((n_items + 1) * sizeof(*survey->meetings));
    survey->specials = calloc(n_dirs + 1, sizeof(*survey->specials));
    survey->n_specials = survey->places->n_dirs;
    survey->special_capacity = survey->n_specials + 1;
    if (!survey->meetings || !survey->specials)
        return false;
    for (size_t i = 0; i < n_items; i++)
        survey->meetings[i] = (struct lf_meeting){.special = LF_NO_ACTION};
    return true;
}

bool lf_survey_make(const struct lf_plan_request *request,
                    struct lf_survey *ret_survey, struct lf_error *err)
{
    struct lf_survey survey = {
            .request = request,
            .places = &request->observed->set,
    };
    bool ok = make_room(&survey);
    if (ok) {
        find_above(&survey);
        ok = gather_others(&survey);
    }
    if (!ok) {
        lf_survey_finish(&survey);
        return lf_error_oom(err);
    }
    *ret_survey = survey;
    return true;
}

void lf_survey_finish(struct lf_survey *survey)
{
    free(survey->meetings);
    free(survey->specials);
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
    return lf_record_covers(fact->record) ? LF_HAD_COVER : LF_HAD_LINK;
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

static enum lf_sight see_link(const struct lf_survey *survey,
                              const struct lf_fact *fact)
{
    struct lf_str text = lf_sighting_text(fact->look);
    if (fact->wish && fact->wish->kind == LF_WISH_LINK &&
        lf_pair_is(lf_desired_text(survey->request->desired, fact->wish), text))
        return LF_SIGHT_RIGHT;
    if (fact->record && fact->record->kind == LF_RECORD_LINK &&
        lf_str_equal(text, fact->record->text))
        return LF_SIGHT_RECORDED;
    return LF_SIGHT_FOREIGN;
}

static enum lf_sight see(const struct lf_survey *survey,
                         const struct lf_fact *fact)
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
        return see_link(survey, fact);
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
        fact.sight = see(survey, &fact);
        struct lf_row row = lf_decide(
                want_of(survey, &fact), had_of(&fact), fact.sight,
                fact.wish ? (enum lf_conflict)fact.wish->entry->conflict
                          : LF_CONFLICT_FAIL);
        fact.kind = row.kind;
        if (row.kind == LF_ACTION_PRUNE && was_there_before(survey, &fact))
            fact.kind = LF_ACTION_FORGET;
        meeting->row = (uint8_t)row.number;
        meeting->kind = (uint8_t)fact.kind;
        meeting->sight = (uint8_t)fact.sight;
        struct lf_special *dir =
                &survey->specials[lf_item_dir(&places->items[i])];
        dir->leaving += leaves(&fact);
        dir->receives |= fact.kind == LF_ACTION_RESTORE || fact.receives;
    }
}
