/* SPDX-License-Identifier: MIT */
/*
 * overlay_dir.c - what has become of the names of a directory
 */
#include "base/pair.h"
#include "resolve/overlay.h"

static struct lf_str name_of(const struct lf_over_entry *entry)
{
    return lf_str_of(entry->name, entry->name_len);
}

/* ---- entries ---- */

struct lf_over_entry *lf_over_add(struct lf_overlay *overlay,
                                  struct lf_over_dir *dir, struct lf_str name)
{
    struct lf_over_entry *last = dir->last;
    struct lf_over_entry *entry =
            lf_arena_alloc(&overlay->arena, sizeof(*entry));
    if (!entry || !lf_table_reserve(&overlay->entries, overlay->n_entries + 1))
        return NULL;
    overlay->n_entries++;
    entry->dir = dir;
    entry->name = name.data;
    entry->name_len = (uint16_t)name.len;
    if (last) {
        dir->unsorted =
                dir->unsorted || lf_str_compare(name_of(last), name) > 0;
        last->next = entry;
    } else {
        dir->guess = entry;
    }
    if (!dir->loose)
        dir->loose = entry;
    dir->last = entry;
    return entry;
}

static void tie_loose(struct lf_overlay *overlay, struct lf_over_dir *dir)
{
    for (; dir->loose; dir->loose = dir->loose->next)
        lf_table_put(&overlay->entries, &dir->loose->link,
                     lf_table_hash(dir, name_of(dir->loose)));
}

static struct lf_over_entry *search(struct lf_overlay *overlay,
                                    struct lf_over_dir *dir, struct lf_str name)
{
    if (!dir->unsorted && lf_str_compare(name_of(dir->last), name) < 0)
        return NULL;
    tie_loose(overlay, dir);
    struct lf_table_link *link =
            lf_table_first(&overlay->entries, lf_table_hash(dir, name));
    for (; link; link = lf_table_next(link)) {
        struct lf_over_entry *entry = (struct lf_over_entry *)link;
        if (entry->dir == dir && lf_str_equal(name_of(entry), name))
            return entry;
    }
    return NULL;
}

static struct lf_over_entry *find(struct lf_overlay *overlay,
                                  struct lf_over_dir *dir, struct lf_str name)
{
    struct lf_over_entry *entry = dir->guess;
    if (!dir->last)
        return NULL;
    if (!entry || !lf_str_equal(name_of(entry), name))
        entry = search(overlay, dir, name);
    if (entry)
        dir->guess = entry->next;
    return entry;
}

/* ---- links that were put all at once ---- */

/* Whether the run has a link of that name; its index, and its own name. */
static bool find_in_run(struct lf_over_dir *dir, struct lf_str name,
                        uint32_t *ret_index, struct lf_str *ret_name)
{
    const struct lf_link_run *run = &dir->run;
    uint32_t low = dir->run_guess, high = low;
    if (run->count == 0)
        return false;
    if (low >= run->count || !lf_str_equal(lf_link_run_name(run, low), name)) {
        low = 0;
        high = run->count;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_str_compare(lf_link_run_name(run, middle), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == run->count)
        return false;
    *ret_index = low;
    *ret_name = lf_link_run_name(run, low);
    dir->run_guess = low + 1;
    return lf_str_equal(*ret_name, name) &&
           lf_pair_len(lf_link_run_text(run, low)) > 0;
}

static uint64_t changed_in_run(const struct lf_over_dir *dir, uint32_t index)
{
    return dir->run_generation + index + 1;
}

struct lf_str lf_over_text(struct lf_overlay *overlay, struct lf_pair text)
{
    struct lf_pair_room room;
    return text.start.len == 0
                   ? text.rest
                   : lf_arena_str(&overlay->arena, lf_pair_join(text, &room));
}

/* ---- asking ---- */

bool lf_over_find(struct lf_overlay *overlay, struct lf_over_dir *dir,
                  struct lf_str name, struct lf_over_entry **ret)
{
    uint32_t index;
    struct lf_str own;
    *ret = find(overlay, dir, name);
    if (*ret || !find_in_run(dir, name, &index, &own))
        return true;
    struct lf_str text =
            lf_over_text(overlay, lf_link_run_text(&dir->run, index));
    struct lf_over_entry *entry =
            text.data ? lf_over_add(overlay, dir, own) : NULL;
    if (!entry)
        return false;
    entry->kind = LF_NODE_LINK;
    entry->text = text.data;
    entry->text_len = (uint16_t)text.len;
    entry->changed = changed_in_run(dir, index);
    *ret = entry;
    return true;
}

uint64_t lf_over_changed(struct lf_overlay *overlay, struct lf_over_dir *dir,
                         struct lf_str name)
{
    uint32_t index;
    struct lf_str own;
    const struct lf_over_entry *entry = find(overlay, dir, name);
    if (entry)
        return entry->changed;
    return find_in_run(dir, name, &index, &own) ? changed_in_run(dir, index)
                                                : 0;
}
