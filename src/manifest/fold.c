/* SPDX-License-Identifier: MIT */
/*
 * fold.c - which directories may be one link to a source directory
 *
 * The walk of a tree notes each of its directories, and spoils those below
 * which a name is left out, renamed or ruled otherwise; settling spoils those below
 * which two entries wanted one place. What other entries do there shows in the
 * settled set: a directory may fold if all that is left below it is what its tree put
 * there.
 */
#include "base/pair.h"
#include "base/util.h"
#include "manifest/expander.h"

static bool no_memory(const struct lf_expander *expander)
{
    return lf_error_oom(expander->err);
}

bool lf_fold_note(struct lf_expander *expander, const struct lf_fold_note *note,
                  uint32_t *ret_index)
{
    void *notes = expander->notes;
    uint32_t at;
    if (!lf_array_reserve(&notes, expander->n_notes, &expander->note_capacity,
                          sizeof(*note)))
        return no_memory(expander);
    expander->notes = notes;
    if (!lf_strmap_add(&expander->fold_places, note->path, expander->n_notes,
                       &at))
        return no_memory(expander);
    expander->notes[expander->n_notes] = *note;
    /* what two trees have is nobody's alone, even if one of them is empty */
    if (at != expander->n_notes) {
        expander->notes[at].foldable = false;
        expander->notes[expander->n_notes].foldable = false;
    }
    *ret_index = expander->n_notes++;
    return true;
}

void lf_fold_spoil(struct lf_expander *expander, uint32_t index)
{
    if (index != LF_NO_FOLD)
        expander->notes[index].foldable = false;
}

void lf_fold_spoil_above(struct lf_expander *expander, struct lf_str path)
{
    uint32_t note;
    for (; expander->n_notes && path.len > 1; path = lf_path_dir(path)) {
        if (lf_strmap_find(&expander->fold_places, path, &note))
            lf_fold_spoil(expander, note);
    }
}

/* A directory comes before those below it, so from the end on all that is
 * below is known. */
static void sum_up(struct lf_expander *expander)
{
    for (uint32_t i = expander->n_notes; i-- > 0;) {
        const struct lf_fold_note *note = &expander->notes[i];
        if (note->above == LF_NO_FOLD)
            continue;
        expander->notes[note->above].links += note->links;
        if (!note->foldable)
            expander->notes[note->above].foldable = false;
    }
}

/* What a condition leaves out today may come tomorrow. */
static bool spoil_unmet(struct lf_expander *expander)
{
    const struct lf_manifest *manifest = expander->manifest;
    for (uint32_t i = 0; i < manifest->n_unmet; i++) {
        struct lf_str path = manifest->unmet[i].path, dir, blocked;
        if (!lf_expand_find(expander, path, &dir, &blocked))
            return false;
        lf_buf_clear(&expander->path);
        lf_path_add(&expander->path, dir, lf_path_name(path));
        if (lf_buf_failed(&expander->path))
            return no_memory(expander);
        if (blocked.len == 0)
            lf_fold_spoil_above(expander, lf_buf_str(&expander->path));
    }
    return true;
}

/* ---- in the settled set ---- */

/* For each item of the set, and the end: how many links come before it, and
 * where the first item is that another tree, or no tree, asked for. */
struct runs {
    uint32_t *links, *other;
};

static bool is_of_tree(const struct lf_wish *wish)
{
    return wish->entry->kind == LF_ENTRY_TREE;
}

static bool same_tree(const struct lf_wish *a, const struct lf_wish *b)
{
    return is_of_tree(a) && is_of_tree(b) &&
           lf_tree_of(a->entry)->base == lf_tree_of(b->entry)->base;
}

static void find_runs(const struct lf_desired *desired, struct runs *runs)
{
    const struct lf_item *items = desired->set.items;
    uint32_t n = desired->set.n_items;
    runs->links[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct lf_wish *wish = lf_desired_wish(desired, items[i].detail);
        runs->links[i + 1] = runs->links[i] + (wish->kind == LF_WISH_LINK);
    }
    for (uint32_t i = n; i-- > 0;) {
        const struct lf_wish *wish = lf_desired_wish(desired, items[i].detail);
        bool last =
                i + 1 == n ||
                !same_tree(wish, lf_desired_wish(desired, items[i + 1].detail));
        runs->other[i] = !is_of_tree(wish) ? i
                         : last            ? i + 1
                                           : runs->other[i + 1];
    }
}

static bool is_alone(const struct lf_desired *desired, const struct runs *runs,
                     const struct lf_fold_note *note)
{
    const struct lf_set *set = &desired->set;
    uint32_t first, end;
    lf_set_below(set, note->path, &first, &end);
    if (first == end)
        return false;
    uint32_t low = set->dirs[first].first;
    uint32_t high = set->dirs[end - 1].first + set->dirs[end - 1].count;
    const struct lf_item *item =
            lf_set_find(set, lf_path_dir(note->path), lf_path_name(note->path));
    const struct lf_wish *wish =
            item ? lf_desired_wish(desired, item->detail) : NULL;
    return wish && wish->kind == LF_WISH_DIR && wish->implied &&
           same_tree(wish, lf_desired_wish(desired, set->items[low].detail)) &&
           runs->other[low] >= high &&
           runs->links[high] - runs->links[low] == note->links;
}

static enum lf_expanded add_candidate(struct lf_expander *expander,
                                      const struct lf_fold_note *note)
{
    struct lf_desired *desired = expander->desired;
    struct lf_led led = {
            .entry = note->entry,
            .path = note->spelled,
            .source = note->spelled_source,
            .source_dir = lf_arena_str(&desired->set.arena,
                                       lf_path_dir(note->source)),
            .source_name = lf_path_name(note->source),
    };
    if (!led.source_dir.data) {
        lf_error_oom(expander->err);
        return LF_EXPANDED_FAILED;
    }
    struct lf_fold_candidate candidate = {
            .dir = note->path,
            .source_dir = led.source_dir,
            .source_name = led.source_name,
            .entry = note->entry,
    };
    struct lf_pair text;
    enum lf_expanded expanded =
            lf_expand_text(expander, lf_path_dir(note->path), &led, &text);
    if (expanded != LF_EXPANDED)
        return expanded;
    struct lf_pair_room room;
    candidate.text =
            lf_arena_str(&desired->set.arena, lf_pair_join(text, &room));
    if (!candidate.text.data) {
        lf_error_oom(expander->err);
        return LF_EXPANDED_FAILED;
    }
    desired->folds[desired->n_folds++] = candidate;
    return expanded;
}

static int compare_candidates(const void *a, const void *b)
{
    return lf_path_compare(((const struct lf_fold_candidate *)a)->dir,
                           ((const struct lf_fold_candidate *)b)->dir);
}

static bool gather(struct lf_expander *expander, const struct runs *runs)
{
    struct lf_desired *desired = expander->desired;
    for (uint32_t i = 0; i < expander->n_notes; i++) {
        const struct lf_fold_note *note = &expander->notes[i];
        if (note->foldable && note->links && is_alone(desired, runs, note) &&
            add_candidate(expander, note) == LF_EXPANDED_FAILED)
            return false;
    }
    if (desired->n_folds)
        qsort(desired->folds, desired->n_folds, sizeof(*desired->folds),
              compare_candidates);
    return true;
}

bool lf_fold_gather(struct lf_expander *expander)
{
    struct lf_desired *desired = expander->desired;
    uint32_t n = desired->set.n_items;
    if (expander->n_notes == 0 || n == 0)
        return true;
    LF_AUTO_FREE uint32_t *numbers = calloc(2 * ((size_t)n + 1), sizeof(n));
    desired->folds = calloc(expander->n_notes, sizeof(*desired->folds));
    if (!numbers || !desired->folds)
        return no_memory(expander);
    struct runs runs = {.links = numbers, .other = numbers + n + 1};
    find_runs(desired, &runs);
    if (!spoil_unmet(expander))
        return false;
    sum_up(expander);
    return gather(expander, &runs);
}
