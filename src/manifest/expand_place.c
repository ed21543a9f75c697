/* SPDX-License-Identifier: MIT */
/*
 * expand_place.c - where a link path physically is
 */
#include "base/path.h"
#include "base/util.h"
#include "base/yaml.h"
#include "manifest/expander.h"

#include <errno.h>
#include <string.h>

static bool no_memory(struct lf_expander *expander)
{
    return lf_error_oom(expander->err);
}

/* ---- the set ---- */

static bool push_wish(struct lf_expander *expander, uint32_t dir,
                      struct lf_str name, const struct lf_wish *wish)
{
    struct lf_desired *desired = expander->desired;
    /* a link mostly has the name of its source, which is kept already */
    struct lf_str source_name = lf_wish_source_name(wish);
    bool added =
            lf_str_equal(name, source_name)
                    ? lf_set_borrow(&desired->set, dir, source_name,
                                    desired->n_wishes)
                    : lf_set_add(&desired->set, dir, name, desired->n_wishes);
    return (added && lf_desired_add(desired, wish)) || no_memory(expander);
}

/*
 * Add a directory of link paths. When it is new, so may be those above it: each
 * is wished for, up to the first that was there already.
 */
static bool add_dirs(struct lf_expander *expander, struct lf_str path,
                     const struct lf_wish *below, uint32_t *ret_dir)
{
    struct lf_set *set = &expander->desired->set;
    struct lf_wish wish = {
            .kind = LF_WISH_DIR,
            .entry = below->entry,
            .implied = true,
    };
    uint32_t known = set->n_dirs;
    if (!lf_set_dir(set, path, ret_dir))
        return no_memory(expander);
    bool is_new = *ret_dir == known;
    while (is_new && path.len > 1) {
        uint32_t above;
        known = set->n_dirs;
        if (!lf_set_dir(set, lf_path_dir(path), &above))
            return no_memory(expander);
        if (!push_wish(expander, above, lf_path_name(path), &wish))
            return false;
        is_new = above == known;
        path = lf_path_dir(path);
    }
    return true;
}

bool lf_expand_wish(struct lf_expander *expander, struct lf_str dir,
                    struct lf_str name, const struct lf_wish *wish)
{
    uint32_t index;
    if (expander->desired->n_wishes >= LF_LINK_COUNT_LIMIT) {
        lf_error_set(expander->err, LF_CODE_TOO_MANY_LINKS, 0,
                     "the manifest calls for more than 10,000,000 links and "
                     "directories");
        lf_error_help(expander->err, "split it into several farms");
        expander->err->mark = lf_entry_mark(wish->entry);
        return false;
    }
    return add_dirs(expander, dir, wish, &index) &&
           push_wish(expander, index, name, wish);
}

/* ---- what cannot be taken ---- */

static bool copy(struct lf_arena *arena, struct lf_str *text)
{
    *text = lf_arena_str(arena, *text);
    return text->data != NULL;
}

enum lf_expanded lf_expand_misplaced(struct lf_expander *expander,
                                     const struct lf_misplaced *misplaced)
{
    struct lf_desired *desired = expander->desired;
    struct lf_arena *arena = &desired->set.arena;
    struct lf_misplaced kept = *misplaced;
    void *all = desired->misplaced;
    if (!lf_array_reserve(&all, desired->n_misplaced,
                          &expander->misplaced_capacity, sizeof(kept))) {
        no_memory(expander);
        return LF_EXPANDED_FAILED;
    }
    desired->misplaced = all;
    if (!copy(arena, &kept.path) || !copy(arena, &kept.blocked) ||
        !copy(arena, &kept.physical) || !copy(arena, &kept.message) ||
        !copy(arena, &kept.help)) {
        no_memory(expander);
        return LF_EXPANDED_FAILED;
    }
    desired->misplaced[desired->n_misplaced++] = kept;
    return LF_EXPANDED_NOT;
}

/* With these words, which are freed. */
static enum lf_expanded report(struct lf_expander *expander,
                               struct lf_misplaced *misplaced,
                               struct lf_buf *message, struct lf_buf *help)
{
    enum lf_expanded expanded = LF_EXPANDED_FAILED;
    misplaced->message = lf_buf_str(message);
    misplaced->help = lf_buf_str(help);
    if (lf_buf_failed(message) || lf_buf_failed(help))
        no_memory(expander);
    else
        expanded = lf_expand_misplaced(expander, misplaced);
    lf_buf_finish(message);
    lf_buf_finish(help);
    return expanded;
}

static enum lf_expanded report_blocked(struct lf_expander *expander,
                                       struct lf_misplaced *misplaced)
{
    struct lf_buf message = {0}, help = {0};
    struct lf_str nowhere;
    bool leads = misplaced->physical.len > 0;
    int error = 0;
    if (!leads && !lf_resolve_dir(expander->request->resolver,
                                  lf_path_dir(misplaced->path), &nowhere,
                                  &error, expander->err))
        return LF_EXPANDED_FAILED;
    misplaced->code = leads ? LF_CODE_THROUGH_LINK : LF_CODE_NOT_A_DIRECTORY;
    lf_buf_add(&message, lf_str("the link path leads through "));
    lf_buf_add(&message, misplaced->blocked);
    if (leads) {
        lf_buf_add(&message, lf_str(", which is a symlink"));
        lf_buf_add(&help, lf_str("write "));
        lf_buf_add(&help, misplaced->physical);
        lf_buf_add(&help, lf_str(" instead, or allow the symlink by naming its "
                                 "path, as spelled, under traverse"));
    } else if (error == EACCES) {
        lf_buf_add(&message, lf_str(", which this user may not search"));
        lf_buf_add(&help, lf_str("give this user the right to search it, or "
                                 "take another link path"));
    } else {
        lf_buf_add_format(&message, ", which leads to no directory: %s",
                          error ? strerror(error) : "it cannot be seen");
        lf_buf_add(&help, lf_str("move it away, or take another link path"));
    }
    return report(expander, misplaced, &message, &help);
}

/* ---- looking ---- */

/* How much of a link path may lead through symlinks: the way to `into` and the
 * way home. */
static size_t free_prefix(const struct lf_manifest *manifest,
                          struct lf_str path)
{
    size_t len = 0;
    if (manifest->into.len && lf_path_within(path, manifest->into))
        len = manifest->into.len;
    if (manifest->home.len > len && lf_path_within(path, manifest->home))
        len = manifest->home.len;
    return len;
}

static bool locate(struct lf_expander *expander, struct lf_str path,
                   struct lf_str *ret_dir, struct lf_str *ret_blocked)
{
    const struct lf_manifest *manifest = expander->manifest;
    struct lf_str name;
    return lf_locate(expander->request->resolver, path,
                     free_prefix(manifest, path), manifest->traverse,
                     manifest->n_traverse, ret_dir, &name, ret_blocked,
                     expander->err);
}

/*
 * What stands in the way is a link where a directory may become one link: then the
 * physical directory is its place and what follows it in the spelling, until it is
 * known whether it does. Empty `*ret_dir` if no directory may.
 */
static bool behind_fold(struct lf_expander *expander, struct lf_str path,
                        struct lf_str blocked, struct lf_str *ret_dir)
{
    struct lf_str dir, at, rest = lf_path_dir(path);
    uint32_t note;
    *ret_dir = lf_str("");
    if (!lf_strmap_find(&expander->fold_places, blocked, &note))
        return true;
    while (lf_path_next(&rest).len) {
        struct lf_str upto =
                lf_str_of(path.data, (size_t)(rest.data - path.data));
        if (!locate(expander, upto, &dir, &at))
            return false;
        if (at.len ||
            !lf_str_equal(lf_path_name(upto), lf_path_name(blocked)) ||
            !lf_str_equal(dir, lf_path_dir(blocked)))
            continue;
        lf_buf_clear(&expander->path);
        lf_buf_add(&expander->path, blocked);
        lf_buf_add(&expander->path, rest);
        *ret_dir = lf_arena_str(&expander->desired->set.arena,
                                lf_buf_str(&expander->path));
        return (!lf_buf_failed(&expander->path) && ret_dir->data) ||
               no_memory(expander);
    }
    return true;
}

bool lf_expand_find(struct lf_expander *expander, struct lf_str path,
                    struct lf_str *ret_dir, struct lf_str *ret_blocked)
{
    struct lf_str folded;
    if (!locate(expander, path, ret_dir, ret_blocked))
        return false;
    if (ret_blocked->len == 0)
        return true;
    if (!behind_fold(expander, path, *ret_blocked, &folded))
        return false;
    if (folded.len) {
        *ret_dir = folded;
        *ret_blocked = lf_str("");
    }
    return true;
}

enum lf_expanded lf_expand_blocked(struct lf_expander *expander,
                                   struct lf_str path, struct lf_mark mark,
                                   struct lf_str dir, struct lf_str blocked)
{
    struct lf_misplaced misplaced = {
            .path = path, .mark = mark, .blocked = blocked};
    lf_buf_clear(&expander->path);
    if (dir.len)
        lf_path_add(&expander->path, dir, lf_path_name(path));
    misplaced.physical = lf_buf_str(&expander->path);
    if (lf_buf_failed(&expander->path)) {
        no_memory(expander);
        return LF_EXPANDED_FAILED;
    }
    return report_blocked(expander, &misplaced);
}

/* ---- who leads the way ---- */

/* A way, until a link that may not lead it. */
struct guarding {
    const struct lf_expander *expander;
    struct lf_follow refused;
    bool found;
};

static bool follow_one(void *arg, struct lf_follow *follow)
{
    struct guarding *g = arg;
    const struct lf_manifest *manifest = g->expander->manifest;
    if (lf_traverses(manifest, follow->path, follow->spelled) ||
        g->expander->request->may_follow(follow))
        return true;
    g->refused = *follow;
    g->found = true;
    return false;
}

/* Who owns a directory has chosen its name, so that could be one that says more. */
void lf_traverse_add(struct lf_buf *buf, struct lf_str path)
{
    size_t begin = buf->len;
    lf_buf_add(buf, LF_STR("traverse: ["));
    if (lf_yaml_add(buf, path)) {
        lf_buf_add_char(buf, ']');
        return;
    }
    if (!lf_buf_failed(buf))
        lf_buf_truncate(buf, begin);
    lf_buf_add(buf, LF_STR("traverse (which cannot say it: it is no UTF-8)"));
}

static enum lf_expanded report_led(struct lf_expander *expander,
                                   const struct lf_follow *led,
                                   struct lf_misplaced *misplaced)
{
    struct lf_buf message = {0}, help = {0};
    lf_buf_add(&message, led->path);
    lf_buf_add_format(&message,
                      " is a link of user %u, %s a directory that not only "
                      "root may write (user %u, mode %04o)",
                      (unsigned)(led->link ? led->link->uid : led->above->uid),
                      led->further ? "below" : "in", (unsigned)led->above->uid,
                      (unsigned)led->above->mode);
    lf_buf_add(&help, lf_str("see whose it is and where it leads; if that is "
                             "meant, say so at the top of the manifest: "));
    lf_traverse_add(&help, led->path);
    return report(expander, misplaced, &message, &help);
}

enum lf_expanded lf_expand_guard(struct lf_expander *expander,
                                 struct lf_str dir, struct lf_str path,
                                 struct lf_mark mark)
{
    struct guarding g = {.expander = expander};
    if (!expander->request->may_follow ||
        lf_str_equal(lf_buf_str(&expander->guarded), dir))
        return LF_EXPANDED;
    if (!lf_followed_links(expander->request->resolver, dir, follow_one, &g,
                           expander->err))
        return LF_EXPANDED_FAILED;
    if (g.found)
        return report_led(expander, &g.refused,
                          &(struct lf_misplaced){.code = LF_CODE_FOREIGN_DIR,
                                                 .path = path,
                                                 .mark = mark,
                                                 .blocked = g.refused.path,
                                                 .physical = LF_STR("")});
    lf_buf_clear(&expander->guarded);
    lf_buf_add(&expander->guarded, dir);
    if (!lf_buf_failed(&expander->guarded))
        return LF_EXPANDED;
    no_memory(expander);
    return LF_EXPANDED_FAILED;
}

enum lf_expanded lf_expand_place(struct lf_expander *expander,
                                 struct lf_str path, struct lf_mark mark,
                                 struct lf_str *ret_dir)
{
    struct lf_str blocked;
    if (!lf_expand_find(expander, path, ret_dir, &blocked))
        return LF_EXPANDED_FAILED;
    return blocked.len
                   ? lf_expand_blocked(expander, path, mark, *ret_dir, blocked)
                   : lf_expand_guard(expander, lf_path_dir(path), path, mark);
}
