/* SPDX-License-Identifier: MIT */
/*
 * wanted.c - what a generation wants, as a desired set
 */
#include "base/path.h"
#include "base/util.h"
#include "plan/plan.h"
#include <stdlib.h>

/* What every link of a generation has in common, as if a manifest said so. */
struct askers {
    struct lf_entry plain; /* a link that must find its place free or ours */
    struct lf_entry cover; /* one that moved a node aside, and does again */
    struct lf_entry dir;
};

static struct askers *make_askers(struct lf_arena *arena)
{
    struct askers *askers = lf_arena_alloc(arena, sizeof(*askers));
    if (!askers)
        return NULL;
    askers->plain = (struct lf_entry){
            .kind = LF_ENTRY_LINK,
            .conflict = LF_CONFLICT_FAIL,
            .allow_dangling = true, /* its source may be gone since */
            .verbatim = true,
    };
    askers->cover = askers->plain;
    askers->cover.conflict = LF_CONFLICT_BACKUP;
    askers->dir = askers->plain;
    askers->dir.kind = LF_ENTRY_DIR;
    return askers;
}

static const struct lf_entry *asker_of(const struct askers *askers,
                                       const struct lf_record *record)
{
    if (record->kind == LF_RECORD_DIR)
        return &askers->dir;
    return record->displaced ? &askers->cover : &askers->plain;
}

/* Files are few and come in runs, so the last one mostly serves again. */
static const struct lf_source *source_of(struct lf_arena *arena,
                                         const struct lf_record *record,
                                         const struct lf_source **last)
{
    if (*last && lf_str_equal((*last)->name, record->file))
        return *last;
    struct lf_source *source = lf_arena_alloc(arena, sizeof(*source));
    if (!source)
        return NULL;
    source->name = lf_arena_str(arena, record->file);
    if (!source->name.data)
        return NULL;
    source->path = source->name;
    *last = source;
    return source;
}

/* What of the kind asks, where the record says. NULL: no memory. */
static const struct lf_entry *entry_of(struct lf_arena *arena,
                                       const struct lf_entry *kind,
                                       const struct lf_record *record,
                                       const struct lf_source **last)
{
    bool placed = record->line != 0 && record->file.len > 0;
    if (!placed && !record->has_mode)
        return kind;
    struct lf_entry *entry = lf_arena_alloc(arena, sizeof(*entry));
    if (!entry)
        return NULL;
    *entry = *kind;
    entry->has_mode = record->has_mode;
    entry->mode = record->mode;
    if (!placed)
        return entry;
    entry->source = source_of(arena, record, last);
    entry->line = record->line;
    entry->column = record->column;
    return entry->source ? entry : NULL;
}

/* Directories that are wished for with all above them: by index in the set. */
struct implied {
    bool *done;
    uint32_t n, capacity;
};

static bool mark(struct implied *implied, uint32_t dir, bool *ret_was)
{
    while (implied->n <= dir) {
        if (!lf_array_reserve((void **)&implied->done, implied->n,
                              &implied->capacity, sizeof(*implied->done)))
            return false;
        implied->done[implied->n++] = false;
    }
    *ret_was = implied->done[dir];
    implied->done[dir] = true;
    return true;
}

/* Wish for a directory and those above it, as far as no record does. */
static bool imply(struct lf_desired *desired,
                  const struct lf_recorded *recorded, struct implied *implied,
                  struct lf_str path, const struct lf_entry *entry)
{
    const struct lf_wish wish = {
            .kind = LF_WISH_DIR, .implied = true, .entry = entry, .text = ""};
    uint32_t dir;
    bool was = false;
    while (lf_set_dir(&desired->set, path, &dir) && mark(implied, dir, &was)) {
        struct lf_str above = lf_path_dir(path), name = lf_path_name(path);
        if (was || path.len <= 1)
            return true;
        if (!lf_set_find(&recorded->set, above, name) &&
            (!lf_set_dir(&desired->set, above, &dir) ||
             !lf_set_add(&desired->set, dir, name, desired->n_wishes) ||
             !lf_desired_add(desired, &wish)))
            return false;
        path = above;
    }
    return false;
}

/* All directories that links of the generation are in. Some were there before it: what
 * has become of them since is not known. */
static bool imply_all(struct lf_desired *desired, const struct askers *askers,
                      const struct lf_recorded *recorded)
{
    struct implied implied = {0};
    const struct lf_source *last = NULL;
    bool ok = true;
    for (uint32_t d = 0; ok && d < recorded->set.n_dirs; d++) {
        const struct lf_dir *dir = &recorded->set.dirs[d];
        uint32_t first = recorded->set.items[dir->first].detail;
        const struct lf_entry *entry =
                entry_of(&desired->set.arena, &askers->dir,
                         &recorded->records[first], &last);
        ok = entry && imply(desired, recorded, &implied, dir->path, entry);
    }
    free(implied.done);
    return ok;
}

static bool fill(struct lf_desired *desired, const struct lf_recorded *recorded,
                 bool with_dirs)
{
    struct lf_arena *arena = &desired->set.arena;
    const struct askers *askers = make_askers(arena);
    const struct lf_source *last = NULL;
    if (!askers)
        return false;
    for (uint32_t i = 0; i < recorded->set.n_items; i++) {
        const struct lf_item *item = &recorded->set.items[i];
        const struct lf_record *record = &recorded->records[item->detail];
        bool is_dir = record->kind == LF_RECORD_DIR;
        uint32_t dir;
        struct lf_wish wish = {
                .kind = is_dir ? LF_WISH_DIR : LF_WISH_LINK,
                .implied = is_dir && !record->has_mode,
                .claimed = record->origin == LF_ORIGIN_CLAIMED,
                .entry = entry_of(arena, asker_of(askers, record), record,
                                  &last),
        };
        lf_wish_set_text(&wish, lf_arena_str(arena, record->text));
        if (!wish.text || !wish.entry ||
            !lf_set_dir(&desired->set,
                        recorded->set.dirs[lf_item_dir(item)].path, &dir) ||
            !lf_set_add(&desired->set, dir, lf_item_name(item), i) ||
            !lf_desired_add(desired, &wish))
            return false;
    }
    if (with_dirs && !imply_all(desired, askers, recorded))
        return false;
    desired->n_traverse = recorded->head.n_traverse;
    desired->traverse = lf_arena_texts(arena, recorded->head.traverse,
                                       recorded->head.n_traverse);
    return desired->traverse && lf_set_seal(&desired->set);
}

bool lf_desired_of_recorded(const struct lf_recorded *recorded, bool with_dirs,
                            struct lf_desired **ret_desired,
                            struct lf_error *err)
{
    struct lf_desired *desired = calloc(1, sizeof(*desired));
    if (!desired || !fill(desired, recorded, with_dirs)) {
        lf_desired_free(desired);
        return lf_error_oom(err);
    }
    *ret_desired = desired;
    return true;
}
