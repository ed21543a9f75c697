/* SPDX-License-Identifier: MIT */
/*
 * desired.c - the links and directories that a manifest calls for
 */
#include "base/path.h"
#include "base/texts.h"
#include "base/util.h"
#include "manifest/expander.h"

#include <assert.h>

/* The path of an entry, and where it is, with `*ret_dir`. */
static enum lf_expanded place(struct lf_expander *expander,
                              const struct lf_single *single,
                              struct lf_str *ret_path, struct lf_str *ret_dir)
{
    *ret_path = lf_spelled_join(&expander->link,
                                lf_single_path(expander->manifest, single));
    if (!lf_buf_failed(&expander->link))
        return lf_expand_place(expander, *ret_path,
                               lf_entry_mark(&single->entry), ret_dir);
    lf_error_oom(expander->err);
    return LF_EXPANDED_FAILED;
}

/* Where the link of an entry leads, and with which text. */
static enum lf_expanded lead(struct lf_expander *expander,
                             const struct lf_single *single, struct lf_str dir,
                             struct lf_led *led, struct lf_pair *ret_text)
{
    struct lf_spelled_path source =
            lf_single_source(expander->manifest, single);
    if (single->entry.verbatim) {
        *ret_text = lf_pair_of(source.rest);
        return LF_EXPANDED;
    }
    led->source = lf_spelled_join(&expander->source, source);
    if (lf_buf_failed(&expander->source)) {
        lf_error_oom(expander->err);
        return LF_EXPANDED_FAILED;
    }
    enum lf_expanded expanded = lf_expand_source(expander, led);
    return expanded == LF_EXPANDED
                   ? lf_expand_text(expander, dir, led, ret_text)
                   : expanded;
}

static bool add_link(struct lf_expander *expander,
                     const struct lf_single *single)
{
    struct lf_str dir;
    struct lf_pair text;
    struct lf_led led = {
            .entry = &single->entry,
            .source_dir = lf_str(""),
            .source_name = lf_str(""),
    };
    struct lf_wish wish = {.kind = LF_WISH_LINK, .entry = &single->entry};
    enum lf_expanded expanded = place(expander, single, &led.path, &dir);
    if (expanded == LF_EXPANDED)
        expanded = lead(expander, single, dir, &led, &text);
    if (expanded != LF_EXPANDED)
        return expanded == LF_EXPANDED_NOT;
    lf_wish_set_text(&wish, text.rest);
    if (led.source_dir.len > 0 &&
        !lf_desired_set_source(expander->desired, &wish, text.start,
                               led.source_dir, led.source_name))
        return lf_error_oom(expander->err);
    return lf_expand_wish(expander, dir, lf_path_name(led.path), &wish);
}

static bool add_dir(struct lf_expander *expander,
                    const struct lf_single *single)
{
    struct lf_str path, dir;
    struct lf_wish wish = {.kind = LF_WISH_DIR, .entry = &single->entry};
    enum lf_expanded expanded = place(expander, single, &path, &dir);
    if (expanded != LF_EXPANDED)
        return expanded == LF_EXPANDED_NOT;
    return lf_expand_wish(expander, dir, lf_path_name(path), &wish);
}

static bool add_entry(struct lf_expander *expander,
                      const struct lf_entry *entry)
{
    switch ((enum lf_entry_kind)entry->kind) {
    case LF_ENTRY_LINK:
        return add_link(expander, lf_single_of(entry));
    case LF_ENTRY_DIR:
        return add_dir(expander, lf_single_of(entry));
    case LF_ENTRY_TREE:
        return lf_expand_tree(expander, lf_tree_of(entry));
    }
    return true;
}

static bool make(struct lf_expander *expander)
{
    const struct lf_manifest *manifest = expander->manifest;
    if (!lf_pattern_index_make(&expander->ignore, &manifest->ignore, NULL,
                               NULL))
        return lf_error_oom(expander->err);
    for (uint32_t i = 0; i < manifest->entries.count; i++) {
        if (!add_entry(expander, manifest->entries.items[i]))
            return false;
    }
    return lf_settle(expander) && lf_fold_gather(expander) &&
           lf_list_sources(expander) &&
           (!lf_diags_failed(expander->diags) || lf_error_oom(expander->err));
}

bool lf_desired_make(const struct lf_expand_request *request,
                     struct lf_diags *diags, struct lf_desired **ret_desired,
                     struct lf_error *err)
{
    struct lf_expander expander = {
            .request = request,
            .manifest = request->manifest,
            .diags = diags,
            .err = err,
            .desired = calloc(1, sizeof(struct lf_desired)),
    };
    if (!expander.desired)
        return lf_error_oom(err);
    bool ok = make(&expander);
    expander.desired->sources = expander.sources;
    expander.desired->traverse = request->manifest->traverse;
    expander.desired->n_traverse = request->manifest->n_traverse;
    if (ok)
        expander.desired->n_sources =
                lf_texts_sort(expander.sources, expander.n_sources);
    lf_pattern_index_finish(&expander.ignore);
    lf_buf_finish(&expander.guarded);
    lf_buf_finish(&expander.path);
    lf_buf_finish(&expander.link);
    lf_buf_finish(&expander.source);
    lf_buf_finish(&expander.way.dir);
    lf_free_const(expander.way.text.data);
    lf_strmap_finish(&expander.fold_places);
    free(expander.notes);
    if (!ok) {
        lf_desired_free(expander.desired);
        return false;
    }
    *ret_desired = expander.desired;
    return true;
}

/* The first piece grows, so that few wishes take little; each other one is made
 * whole, and is large enough to go back to the system. */
static bool make_room(struct lf_desired *desired, struct lf_wishes *piece)
{
    size_t size = sizeof(*piece->wishes);
    void *wishes = piece->wishes;
    if (piece == desired->pieces) {
        if (!lf_array_reserve(&wishes, piece->held, &piece->capacity, size))
            return false;
    } else if (!wishes) {
        wishes = malloc(LF_WISHES_PIECE * size);
        piece->capacity = LF_WISHES_PIECE;
    }
    piece->wishes = wishes;
    return wishes;
}

bool lf_desired_add(struct lf_desired *desired, const struct lf_wish *wish)
{
    uint32_t index = desired->n_wishes / LF_WISHES_PIECE;
    uint32_t at = desired->n_wishes % LF_WISHES_PIECE;
    if (!lf_array_reserve((void **)&desired->pieces, index,
                          &desired->piece_capacity, sizeof(*desired->pieces)))
        return false;
    struct lf_wishes *piece = &desired->pieces[index];
    if (at == 0)
        *piece = (struct lf_wishes){0};
    if (!make_room(desired, piece))
        return false;
    piece->wishes[at] = *wish;
    piece->held++;
    desired->n_wishes++;
    return true;
}

/* One for all that come in a row. */
static bool take_source(struct lf_desired *desired, struct lf_str start,
                        struct lf_str dir)
{
    const struct lf_wish_source *last =
            desired->n_wish_sources > 0
                    ? &desired->wish_sources[desired->n_wish_sources - 1]
                    : NULL;
    if (last && last->dir.data == dir.data && last->dir.len == dir.len &&
        lf_str_equal(last->start, start))
        return true;
    if (!lf_array_reserve(
                (void **)&desired->wish_sources, desired->n_wish_sources,
                &desired->wish_source_capacity, sizeof(*desired->wish_sources)))
        return false;
    start = start.len > 0 ? lf_arena_str(&desired->set.arena, start)
                          : LF_STR("");
    desired->wish_sources[desired->n_wish_sources] =
            (struct lf_wish_source){dir, start};
    desired->n_wish_sources += start.data != NULL;
    return start.data;
}

bool lf_desired_set_source(struct lf_desired *desired, struct lf_wish *wish,
                           struct lf_str start, struct lf_str dir,
                           struct lf_str name)
{
    struct lf_str text = lf_str_of(wish->text, wish->text_len);
    assert(name.len <= LF_NAME_LIMIT && dir.data[dir.len] == '\0');
    if (!take_source(desired, start, dir))
        return false;
    wish->source = desired->n_wish_sources;
    wish->source_name_len = (uint8_t)name.len;
    wish->named = !lf_str_ends(text, name);
    if (!wish->named)
        return true;
    wish->text = lf_arena_two(&desired->set.arena, text, name).data;
    return wish->text;
}

void lf_desired_release(struct lf_desired *desired, uint32_t index)
{
    struct lf_wishes *piece = &desired->pieces[index / LF_WISHES_PIECE];
    assert(piece->held > 0);
    if (--piece->held > 0)
        return;
    free(piece->wishes);
    piece->wishes = NULL;
}

void lf_desired_forget_places(struct lf_desired *desired)
{
    lf_set_forget(&desired->set);
}

void lf_desired_forget(struct lf_desired *desired)
{
    for (uint32_t i = 0; i < desired->n_wishes; i += LF_WISHES_PIECE)
        free(desired->pieces[i / LF_WISHES_PIECE].wishes);
    free(desired->pieces);
    free(desired->wish_sources);
    desired->pieces = NULL;
    desired->wish_sources = NULL;
    desired->piece_capacity = desired->wish_source_capacity = 0;
    desired->n_wishes = desired->n_wish_sources = 0;
}

void lf_desired_free(struct lf_desired *desired)
{
    if (!desired)
        return;
    lf_set_finish(&desired->set);
    lf_desired_forget(desired);
    free(desired->folds);
    free(desired->misplaced);
    lf_free_const(desired->sources);
    free(desired);
}
