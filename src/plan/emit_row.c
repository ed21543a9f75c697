/* SPDX-License-Identifier: MIT */
/*
 * emit_row.c - what a row takes from the sets
 */
#include "plan/emit.h"

#include "base/path.h"
#include <assert.h>

static struct lf_str copy(struct lf_emitter *e, struct lf_str text)
{
    return lf_arena_str(&e->plan->arena, text);
}

/* What is recorded is copied, because the ledger is gone before the plan is. */
bool lf_emit_displaced(struct lf_emitter *e, const struct lf_displaced *from,
                       struct lf_planned *planned)
{
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
static const struct lf_source *keep_source(struct lf_emitter *e,
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

static const struct lf_asking_file *keep_file(struct lf_emitter *e,
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

static bool take_column(struct lf_emitter *e, uint32_t column,
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

bool lf_emit_asker(struct lf_emitter *e, const struct lf_fact *fact,
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

/* A link that stands as it was looked for is told by its text. */
bool lf_emit_node(struct lf_emitter *e, const struct lf_sighting *look,
                  struct lf_planned *planned, const struct lf_common *now)
{
    planned->is_free = look->kind == LF_NODE_NOTHING;
    if (planned->is_free)
        return true;
    struct lf_node node = lf_sighting_node(look);
    if (look->kind == LF_NODE_LINK && !look->closely &&
        lf_pair_is(lf_planned_text_from(planned, now->start), node.text))
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

static const struct lf_str *new_dir(struct lf_emitter *e, struct lf_str path)
{
    struct lf_str *dir = lf_arena_alloc(&e->plan->arena, sizeof(*dir));
    if (dir)
        *dir = path;
    return dir;
}

/* Most texts end in the name of the source. */
static bool take_source_name(struct lf_emitter *e, struct lf_str name,
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

static bool take_source(struct lf_emitter *e, const struct lf_wish *wish,
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
static bool take_wish(struct lf_emitter *e, const struct lf_wish *wish,
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

/* Its text, where nothing else is wished for, lf_emit_name() copies. */
static bool take_record(struct lf_emitter *e, const struct lf_record *record,
                        struct lf_planned *planned, struct lf_common *now)
{
    planned->recorded =
            !planned->writes ||
            lf_pair_is(lf_planned_text_from(planned, now->start), record->text);
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

bool lf_emit_texts(struct lf_emitter *e, const struct lf_fact *fact,
                   struct lf_planned *planned, struct lf_common *now)
{
    planned->text = "";
    return (!fact->wish || take_wish(e, fact->wish, planned, now)) &&
           (!fact->record || take_record(e, fact->record, planned, now));
}

/* The path of a directory of places. Where something is wished for in it, it comes
 * with the texts of the desired set; what is only recorded must be copied. */
static struct lf_str path_of(struct lf_emitter *e, uint32_t dir)
{
    const struct lf_set *places = e->survey->places;
    const struct lf_dir *of = &places->dirs[dir];
    return places->items[of->first].detail != LF_NOT_MET ? of->path
                                                         : copy(e, of->path);
}

/* The path of the directory at a place. What stands in it has it already. */
static struct lf_str dir_at(struct lf_emitter *e, uint32_t index,
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
bool lf_emit_name(struct lf_emitter *e, uint32_t index, struct lf_str name,
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

bool lf_emit_dir(struct lf_emitter *e, const struct lf_item *item,
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
