/* SPDX-License-Identifier: MIT */
/*
 * emit.c - decided facts become the actions of a plan
 */
#include "base/path.h"
#include "base/util.h"
#include "plan/plan.h"
#include "platform/sys.h"
#include <assert.h>

struct emitter {
    struct lf_plan *plan;
    const struct lf_survey *survey;
    struct lf_error *err;
    uint32_t *action_of; /* directory -> the action on it, or LF_NO_ACTION */
    uint32_t dir;        /* index of the directory worked on, */
    const struct lf_str *dir_path;     /* and the plan's copy; NULL: none yet */
    const struct lf_str *source_dir;   /* the latest; NULL: none yet */
    const struct lf_asking_file *file; /* the same */
    const struct lf_common *in;        /* the same */
};

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

static bool about_dir(const struct lf_fact *fact)
{
    if (fact->wish)
        return fact->wish->kind == LF_WISH_DIR;
    return fact->record && fact->record->kind == LF_RECORD_DIR;
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
    return fact->kind == LF_ACTION_CLAIM ? LF_ORIGIN_CLAIMED : LF_ORIGIN_MADE;
}

static struct lf_str copy(struct emitter *e, struct lf_str text)
{
    return lf_arena_str(&e->plan->arena, text);
}

/* What is recorded is copied, because the ledger is gone before the plan is. */
static bool copy_displaced(struct emitter *e, const struct lf_fact *fact,
                           struct lf_planned *planned)
{
    const struct lf_displaced *from = displaced_of(fact);
    if (!from)
        return true;
    struct lf_displaced *to = lf_arena_alloc(&e->plan->arena, sizeof(*to));
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (!to || !rare)
        return false;
    *to = *from;
    to->store = copy(e, from->store);
    rare->displaced = to;
    return to->store.data != NULL;
}

/* Who asks, with the texts of the sets. */
static struct lf_mark mark_of(const struct lf_fact *fact)
{
    const struct lf_record *record = fact->record;
    if (fact->wish && fact->wish->entry->source)
        return lf_entry_mark(fact->wish->entry);
    return record ? (struct lf_mark){.line = record->line,
                                     .column = record->column}
                  : (struct lf_mark){0};
}

static struct lf_asking_file file_of(const struct lf_fact *fact,
                                     const struct lf_source *source)
{
    struct lf_str path = source         ? source->path
                         : fact->record ? fact->record->file
                                        : lf_str("");
    return (struct lf_asking_file){path, source ? source->name : path, source};
}

static bool is_same_file(const struct lf_asking_file *a,
                         const struct lf_asking_file *b)
{
    return (a->source == NULL) == (b->source == NULL) &&
           lf_str_equal(a->path, b->path) && lf_str_equal(a->name, b->name);
}

/* A manifest outlives its plan, but what a generation wanted, a set without the
 * text of its files, does not. */
static const struct lf_source *keep_source(struct emitter *e,
                                           const struct lf_asking_file *file)
{
    if (file->source->text.data)
        return file->source;
    struct lf_source *kept = lf_arena_alloc(&e->plan->arena, sizeof(*kept));
    if (kept) {
        kept->name = file->name;
        kept->path = file->path;
    }
    return kept;
}

static const struct lf_asking_file *keep_file(struct emitter *e,
                                              const struct lf_asking_file *file)
{
    struct lf_asking_file *kept =
            lf_arena_alloc(&e->plan->arena, sizeof(*kept));
    if (!kept)
        return NULL;
    kept->path = copy(e, file->path);
    kept->name = copy(e, file->name);
    if (file->source)
        kept->source =
                keep_source(e, &(struct lf_asking_file){kept->path, kept->name,
                                                        file->source});
    return kept->path.data && kept->name.data && (!file->source || kept->source)
                   ? kept
                   : NULL;
}

static bool take_column(struct emitter *e, uint32_t column,
                        struct lf_planned *planned)
{
    planned->column = column < LF_COLUMN_FAR ? (uint16_t)column : LF_COLUMN_FAR;
    struct lf_rare *rare = planned->column == LF_COLUMN_FAR
                                   ? lf_plan_rare(e->plan, planned)
                                   : NULL;
    if (rare)
        rare->column = column;
    return rare || planned->column < LF_COLUMN_FAR;
}

static bool take_asker(struct emitter *e, const struct lf_fact *fact,
                       struct lf_planned *planned, struct lf_common *now)
{
    struct lf_mark mark = mark_of(fact);
    struct lf_asking_file file = file_of(fact, mark.source);
    if (!e->file || !is_same_file(&file, e->file))
        e->file = keep_file(e, &file);
    now->file = e->file;
    planned->line = mark.line;
    planned->width = mark.width < UINT8_MAX ? (uint8_t)mark.width : UINT8_MAX;
    return e->file && take_column(e, mark.column, planned);
}

/* The text of a row, whose part in common it has not got yet. */
static struct lf_pair text_of(const struct lf_planned *planned,
                              const struct lf_common *now)
{
    return planned->is_dir
                   ? lf_pair_of(LF_STR(""))
                   : (struct lf_pair){now->start, lf_str_of(planned->text,
                                                            planned->text_len)};
}

/* A link that stands as it was looked for is told by its text. */
static bool copy_node(struct emitter *e, const struct lf_sighting *look,
                      struct lf_planned *planned, const struct lf_common *now)
{
    planned->is_free = look->kind == LF_NODE_NOTHING;
    if (planned->is_free)
        return true;
    struct lf_node node = lf_sighting_node(look);
    if (look->kind == LF_NODE_LINK && !look->closely &&
        lf_pair_is(text_of(planned, now), node.text))
        return true;
    struct lf_node *kept = lf_arena_alloc(&e->plan->arena, sizeof(*kept));
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (!kept || !rare)
        return false;
    *kept = node;
    kept->text = node.text.len > 0 ? copy(e, node.text) : LF_STR("");
    rare->expect = kept;
    return kept->text.data;
}

static const struct lf_str *new_dir(struct emitter *e, struct lf_str path)
{
    struct lf_str *dir = lf_arena_alloc(&e->plan->arena, sizeof(*dir));
    if (dir)
        *dir = path;
    return dir;
}

/* Most texts end in the name of the source. */
static bool take_source_name(struct emitter *e, struct lf_str name,
                             struct lf_planned *planned)
{
    assert(name.len <= LF_NAME_LIMIT);
    planned->source_name_len = (uint8_t)name.len;
    if (lf_str_ends(lf_str_of(planned->text, planned->text_len), name))
        return true;
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (rare)
        rare->source_name = name;
    return rare;
}

static bool take_source(struct emitter *e, const struct lf_wish *wish,
                        struct lf_planned *planned, struct lf_common *now)
{
    if (!wish->source)
        return true;
    struct lf_str dir =
            lf_desired_source_dir(e->survey->request->desired, wish);
    if (!e->source_dir || !lf_str_equal(dir, *e->source_dir))
        e->source_dir = new_dir(e, dir);
    now->source_dir = e->source_dir;
    return e->source_dir &&
           take_source_name(e, lf_wish_source_name(wish), planned);
}

static void set_text(struct lf_planned *planned, struct lf_common *now,
                     struct lf_pair text)
{
    now->start = text.start;
    planned->text = text.rest.data;
    planned->text_len = (uint16_t)text.rest.len;
}

/* What is wished for has its texts with it: see lf_plan_take(). */
static bool take_wish(struct emitter *e, const struct lf_wish *wish,
                      struct lf_planned *planned, struct lf_common *now)
{
    planned->allow_dangling = wish->entry->allow_dangling;
    planned->listed = wish->listed;
    planned->exact_mode = wish->entry->kind == LF_ENTRY_DIR && !wish->implied &&
                          wish->entry->has_mode;
    planned->writes = true;
    if (planned->is_dir)
        planned->mode = planned->exact_mode ? wish->entry->mode : 0777;
    else
        set_text(planned, now,
                 lf_desired_text(e->survey->request->desired, wish));
    return take_source(e, wish, planned, now);
}

/* Its text, where nothing else is wished for, take_name() copies. */
static bool take_record(struct emitter *e, const struct lf_record *record,
                        struct lf_planned *planned, struct lf_common *now)
{
    planned->recorded =
            !planned->writes || lf_pair_is(text_of(planned, now), record->text);
    if (!planned->writes && !planned->is_dir)
        set_text(planned, now, lf_pair_of(record->text));
    if (planned->recorded)
        return true;
    struct lf_str text = copy(e, record->text);
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (rare)
        rare->old_text = text;
    return rare && text.data;
}

static bool take_texts(struct emitter *e, const struct lf_fact *fact,
                       struct lf_planned *planned, struct lf_common *now)
{
    planned->text = "";
    return (!fact->wish || take_wish(e, fact->wish, planned, now)) &&
           (!fact->record || take_record(e, fact->record, planned, now));
}

/* The path of a directory of places. Where something is wished for in it, it comes
 * with the texts of the desired set; what is only recorded must be copied. */
static struct lf_str path_of(struct emitter *e, uint32_t dir)
{
    const struct lf_set *places = e->survey->places;
    const struct lf_dir *of = &places->dirs[dir];
    return places->items[of->first].detail != LF_NOT_MET ? of->path
                                                         : copy(e, of->path);
}

/* The path of the directory at a place. What stands in it has it already. */
static struct lf_str dir_at(struct emitter *e, uint32_t index,
                            struct lf_str name)
{
    uint32_t special = e->survey->meetings[index].special;
    return special < e->survey->places->n_dirs
                   ? path_of(e, special)
                   : lf_path_join(&e->plan->arena, *e->dir_path, name);
}

/* A directory's path is asked for by many. Most link texts end in the name of the
 * link. What is wished for comes with the texts of the desired set; what is only
 * recorded must be copied. */
static bool take_name(struct emitter *e, uint32_t index, struct lf_str name,
                      struct lf_planned *planned)
{
    assert(name.len <= LF_NAME_LIMIT);
    planned->name_len = (uint8_t)name.len;
    if (planned->is_dir) {
        planned->text = dir_at(e, index, name).data;
        return planned->text;
    }
    struct lf_str text = lf_str_of(planned->text, planned->text_len);
    planned->behind = !lf_str_ends(text, name);
    if (planned->behind)
        planned->text = lf_arena_two(&e->plan->arena, text, name).data;
    else if (!planned->writes)
        planned->text = copy(e, text).data;
    return planned->text;
}

static bool take_dir(struct emitter *e, const struct lf_item *item,
                     struct lf_common *now)
{
    if (!e->dir_path || e->dir != lf_item_dir(item)) {
        struct lf_str path = path_of(e, lf_item_dir(item));
        e->dir = lf_item_dir(item);
        e->dir_path = path.data ? new_dir(e, path) : NULL;
        if (!e->dir_path)
            return false;
    }
    now->dir = e->dir_path;
    return true;
}

/* What the action on the directory of a place, if there is one, means for it:
 * whether that one is made; in which action it happens, the nearest one that swaps a
 * whole directory or takes it away; and as what a directory was seen that goes with
 * one of those. */
static void take_above(const struct emitter *e, const struct lf_item *item,
                       struct lf_common *now)
{
    const struct lf_planned *rows = e->plan->planned;
    uint32_t index = e->action_of[lf_item_dir(item)];
    now->inside = LF_NO_ACTION;
    if (index == LF_NO_ACTION)
        return;
    const struct lf_planned *planned = &rows[index];
    assert(planned->in); /* a row that has an index is whole */
    bool swaps = planned->kind == LF_ACTION_REPLACE ||
                 planned->kind == LF_ACTION_BACKUP;
    now->is_new = planned->kind == LF_ACTION_MKDIR;
    now->inside = swaps || planned->whole ? index : planned->in->inside;
    if (now->inside != LF_NO_ACTION && now->inside != index &&
        planned->kind == LF_ACTION_RMDIR &&
        rows[now->inside].kind != LF_ACTION_BACKUP)
        now->node = lf_planned_node(planned);
}

static bool is_same(const struct lf_common *a, const struct lf_common *b)
{
    return a->dir == b->dir && a->source_dir == b->source_dir &&
           lf_str_equal(a->start, b->start) && a->file == b->file &&
           a->since == b->since && a->inside == b->inside &&
           a->node == b->node && a->is_new == b->is_new;
}

static bool take_common(struct emitter *e, const struct lf_common *now,
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

static bool take_entries(struct emitter *e, const struct lf_fact *fact,
                         struct lf_planned *planned)
{
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (rare)
        rare->entries = fact->look->entries;
    return rare;
}

/* What is moved aside as a whole has no place for what came before it. */
static bool refuse_stuck(struct emitter *e, struct lf_planned *planned)
{
    struct lf_rare *rare = lf_plan_rare(e->plan, planned);
    if (!rare)
        return lf_error_oom(e->err);
    rare->reason = lf_str("what this link covers would be put back into "
                          "a directory that is moved aside");
    rare->help = lf_str("take this entry out of the manifest and apply "
                        "that first");
    return true;
}

/* Whether something stands, and stays, where the directory of a place is wanted. */
static bool is_barred(const struct emitter *e, const struct lf_item *item)
{
    uint32_t index = e->action_of[lf_item_dir(item)];
    return index != LF_NO_ACTION && e->plan->planned[index].is_dir &&
           e->plan->planned[index].kind == LF_ACTION_CONFLICT;
}

/* What was decided of a place by itself, where what happens above it allows that. */
static enum lf_action_kind kind_of(const struct emitter *e,
                                   const struct lf_item *item,
                                   const struct lf_fact *fact,
                                   const struct lf_common *now)
{
    bool inside = now->inside != LF_NO_ACTION;
    bool had_link = fact->record && fact->record->kind == LF_RECORD_LINK;
    enum lf_action_kind kind = fact->kind;
    if ((kind == LF_ACTION_CREATE || kind == LF_ACTION_MKDIR) &&
        is_barred(e, item))
        return LF_ACTION_CONFLICT;
    if (kind == LF_ACTION_RESTORE && inside)
        return LF_ACTION_CONFLICT;
    /* where a directory stands, our link does not any more; and what is moved aside
     * takes our directories in it along */
    if (kind == LF_ACTION_KEEP &&
        ((about_dir(fact) && had_link) || (inside && !fact->wish)))
        return LF_ACTION_FORGET;
    return kind;
}

static bool emit_one(struct emitter *e, uint32_t index,
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
    bool stuck = fact->kind == LF_ACTION_RESTORE && kind != fact->kind;
    planned->row = (uint8_t)fact->row;
    planned->is_dir = about_dir(fact) &&
                      (kind == fact->kind || kind != LF_ACTION_FORGET ||
                       fact->record->kind == LF_RECORD_DIR);
    enum lf_fate fate = kind == fact->kind ? fate_of(fact) : LF_FATE_NONE;
    planned->kind = (uint8_t)kind;
    lf_planned_set_fate(planned, fate);
    lf_planned_set_origin(planned, origin_of(fact, fate));
    if (fact->look->entries > 0 && !take_entries(e, fact, planned))
        return lf_error_oom(e->err);
    planned->whole = fact->kind == LF_ACTION_RMDIR && fact->look->entries > 0 &&
                     !fact->receives && now.inside == LF_NO_ACTION;
    if (!take_dir(e, item, &now) || !take_texts(e, fact, planned, &now) ||
        !take_name(e, index, lf_item_name(item), planned) ||
        !copy_node(e, fact->look, planned, &now) ||
        !take_asker(e, fact, planned, &now) || !take_common(e, &now, planned) ||
        !copy_displaced(e, fact, planned))
        return lf_error_oom(e->err);
    if (!lf_plan_describe(plan, fact, planned, e->err) ||
        (stuck && !refuse_stuck(e, planned)))
        return false;
    plan->ledger_changes |=
            fate == LF_FATE_NEW || (fact->record && fate == LF_FATE_NONE);
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
    struct emitter e = {
            .plan = plan, .survey = survey, .err = err, .action_of = action_of};
    bool ok = true;
    for (uint32_t i = 0; i < n_dirs; i++)
        action_of[i] = LF_NO_ACTION;
    for (uint32_t i = 0; ok && i < n_places; i++) {
        const struct lf_fact fact = lf_survey_fact(survey, i);
        ok = concerns_nobody(&fact) || emit_one(&e, i, &fact);
        release(survey, i);
    }
    return ok;
}
