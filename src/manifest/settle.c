/* SPDX-License-Identifier: MIT */
/*
 * settle.c - who gets a place that several want
 *
 * Once the set is sorted, entries for one place stand together, and a place
 * comes before all that lies below it. One walk along the set keeps, of each
 * such group, the one that wins, reports where none does, and closes the gaps.
 *
 * A tree that wins a place with a link, where another has a directory, takes
 * all that the other has below it too. A directory wins over a link only if all
 * that want something below it do, because it is theirs too: an implied one has
 * the entry that happened to ask first.
 */
#include "base/path.h"
#include "base/strmap.h"
#include "base/util.h"
#include "manifest/expander.h"

/* A place that a link has won over a directory. */
struct taken {
    struct lf_str path;
    const struct lf_wish *winner;
    bool clash; /* or has not, which is told of who wants something below */
    struct lf_strmap told; /* the entries of which that has been told */
};

struct settling {
    struct lf_expander *expander;
    struct lf_desired *desired;
    struct lf_arena arena; /* paths that were taken */
    struct lf_strmap index;
    struct taken *taken;
    uint32_t n_taken, capacity;
};

static const struct lf_wish *wish_of(const struct settling *settling,
                                     const struct lf_item *item)
{
    return lf_desired_wish(settling->desired, item->detail);
}

/* The entry that asks, for a map. */
static struct lf_str key_of(const struct lf_wish *wish)
{
    return lf_str_of((const char *)&wish->entry, sizeof(wish->entry));
}

static bool is_dir(const struct lf_wish *wish)
{
    return wish->kind == LF_WISH_DIR;
}

/* ---- reports ---- */

/* What the other one is, and where it stands. */
static void add_place(struct lf_buf *buf, const struct lf_desired *desired,
                      const struct lf_wish *wish)
{
    struct lf_mark mark = lf_entry_mark(wish->entry);
    if (mark.source)
        lf_buf_add_format(buf, "%.*s:%u:%u", (int)mark.source->name.len,
                          mark.source->name.data, (unsigned)mark.line,
                          (unsigned)mark.column);
    if (wish->source) {
        lf_buf_add(buf, lf_str(", for "));
        lf_path_add(buf, lf_desired_source_dir(desired, wish),
                    lf_wish_source_name(wish));
    }
}

/* Whether the source will be what an entry adopts, so that a tree will find it. */
static bool is_coming(const struct settling *settling,
                      const struct lf_wish *wish)
{
    const struct lf_set *coming = settling->expander->request->coming;
    return coming &&
           lf_set_find(coming, lf_desired_source_dir(settling->desired, wish),
                       lf_wish_source_name(wish));
}

static const char *cure_of(const struct settling *settling,
                           const struct lf_wish *a, const struct lf_wish *b)
{
    if (is_coming(settling, a) && is_coming(settling, b))
        return "the tree has it once the file is adopted: do that with "
               "'linkfarm adopt', and drop the entry";
    if (a->entry->kind != LF_ENTRY_TREE || b->entry->kind != LF_ENTRY_TREE)
        return "drop one of them";
    return lf_tree_of(a->entry)->base == lf_tree_of(b->entry)->base
                   ? "both are of one tree: rename one, or leave it out by "
                     "ignore"
                   : "drop one, or let one tree win by overrides";
}

static bool report(struct settling *settling, enum lf_code code,
                   const struct lf_wish *wish, const struct lf_wish *other,
                   struct lf_str path)
{
    struct lf_buf place = {0}, help = {0};
    add_place(&place, settling->desired, other);
    lf_buf_add_format(&help, "the other one is at ");
    lf_buf_add(&help, lf_buf_str(&place));
    lf_buf_add(&help, lf_str("; "));
    lf_buf_add(&help, lf_str(cure_of(settling, wish, other)));
    lf_buf_add_char(&help, '\0');
    bool ok = !lf_buf_failed(&place) && !lf_buf_failed(&help);
    if (ok)
        lf_diags_add(settling->expander->diags, code, LF_SEVERITY_ERROR,
                     lf_entry_mark(wish->entry), lf_buf_str(&help).data,
                     code == LF_CODE_BELOW_LINK
                             ? "this lies below %.*s, which is to be a link"
                             : "two entries want %.*s",
                     (int)path.len, path.data);
    lf_buf_finish(&place);
    lf_buf_finish(&help);
    return ok || lf_error_oom(settling->expander->err);
}

/* ---- places that a link took ---- */

static bool take(struct settling *settling, struct lf_str dir,
                 struct lf_str name, const struct lf_wish *winner, bool clash)
{
    void *taken = settling->taken;
    struct taken one = {.path = lf_path_join(&settling->arena, dir, name),
                        .winner = winner,
                        .clash = clash};
    uint32_t at;
    if (!one.path.data || !lf_array_reserve(&taken, settling->n_taken,
                                            &settling->capacity, sizeof(one)))
        return lf_error_oom(settling->expander->err);
    settling->taken = taken;
    settling->taken[settling->n_taken] = one;
    if (!lf_strmap_add(&settling->index, one.path, settling->n_taken, &at))
        return lf_error_oom(settling->expander->err);
    settling->n_taken++;
    return true;
}

/* Who took this directory or one above it; NULL: nobody. */
static struct taken *taker_of(const struct settling *settling,
                              struct lf_str dir)
{
    uint32_t at;
    while (settling->n_taken && dir.len > 1) {
        if (lf_strmap_find(&settling->index, dir, &at))
            return &settling->taken[at];
        dir = lf_path_dir(dir);
    }
    return NULL;
}

/* ---- links that a directory wins over ---- */

/* A place with a directory, which won, and links. */
struct contest {
    struct lf_str path;
    const struct lf_item *items;
    uint32_t count;
    struct lf_strmap seen; /* entries that want something below */
};

static bool wins(const struct lf_wish *winner, const struct lf_wish *loser)
{
    return winner->entry->kind == LF_ENTRY_TREE &&
           loser->entry->kind == LF_ENTRY_TREE &&
           lf_tree_overrides(lf_tree_of(winner->entry),
                             lf_tree_of(loser->entry));
}

/* A link of the contest over which `wish` does not win; NULL: there is none. */
static const struct lf_wish *unbeaten(const struct settling *settling,
                                      const struct contest *contest,
                                      const struct lf_wish *wish)
{
    for (uint32_t i = 0; i < contest->count; i++) {
        const struct lf_wish *link = wish_of(settling, &contest->items[i]);
        if (!is_dir(link) && !wins(wish, link))
            return link;
    }
    return NULL;
}

/* What somebody wants below the contest. Each entry is looked at once. */
static bool check_below(struct settling *settling, struct contest *contest,
                        const struct lf_wish *wish)
{
    uint32_t count = contest->seen.count, at;
    if (wish->implied)
        return true;
    if (!lf_strmap_add(&contest->seen, key_of(wish), count, &at))
        return lf_error_oom(settling->expander->err);
    const struct lf_wish *link =
            at == count ? unbeaten(settling, contest, wish) : NULL;
    return !link ||
           report(settling, LF_CODE_BELOW_LINK, wish, link, contest->path);
}

static bool check_all_below(struct settling *settling, struct contest *contest)
{
    const struct lf_set *set = &settling->desired->set;
    uint32_t first, end;
    bool ok = true;
    lf_set_below(set, contest->path, &first, &end);
    for (uint32_t i = first; ok && i < end; i++) {
        const struct lf_dir *dir = &set->dirs[i];
        for (uint32_t j = 0; ok && j < dir->count; j++)
            ok = check_below(settling, contest,
                             wish_of(settling, &set->items[dir->first + j]));
    }
    return ok;
}

/* Let the directory that is one of `items` have their place in `dir`. */
static bool yield_to_dir(struct settling *settling, const struct lf_item *items,
                         uint32_t count, struct lf_str dir)
{
    struct lf_buf path = {0};
    lf_path_add(&path, dir, lf_item_name(items));
    struct contest contest = {
            .path = lf_buf_str(&path), .items = items, .count = count};
    bool ok = lf_buf_failed(&path) ? lf_error_oom(settling->expander->err)
                                   : check_all_below(settling, &contest);
    lf_strmap_finish(&contest.seen);
    lf_buf_finish(&path);
    return ok;
}

/* ---- groups ---- */

/* The one of `count` items that wins over all others, or the first, and then
 * `*ret_loser` is one that it does not win over. */
static const struct lf_item *choose(const struct settling *settling,
                                    const struct lf_item *items, uint32_t count,
                                    const struct lf_item **ret_loser)
{
    const struct lf_item *best = items;
    for (uint32_t i = 1; i < count; i++) {
        if (wins(wish_of(settling, &items[i]), wish_of(settling, best)))
            best = &items[i];
    }
    *ret_loser = NULL;
    for (uint32_t i = 0; i < count && !*ret_loser; i++) {
        if (&items[i] != best &&
            !wins(wish_of(settling, best), wish_of(settling, &items[i])))
            *ret_loser = &items[i];
    }
    return best;
}

static bool report_clash(struct settling *settling, const struct lf_item *a,
                         const struct lf_item *b, struct lf_str dir)
{
    const struct lf_wish *first = wish_of(settling, a);
    const struct lf_wish *second = wish_of(settling, b);
    struct lf_buf path = {0};
    lf_path_add(&path, dir, lf_item_name(a));
    /* what stands later in the text is the one that is one too many */
    bool swap = second->entry->line >= first->entry->line;
    bool ok = lf_buf_failed(&path)
                      ? lf_error_oom(settling->expander->err)
                      : report(settling, LF_CODE_SAME_PLACE,
                               swap ? second : first, swap ? first : second,
                               lf_buf_str(&path));
    lf_buf_finish(&path);
    return ok;
}

/* Directories of one place: one that is listed outweighs those implied. */
static const struct lf_item *choose_dir(const struct settling *settling,
                                        const struct lf_item *items,
                                        uint32_t count,
                                        const struct lf_item **ret_loser)
{
    const struct lf_item *best = items;
    *ret_loser = NULL;
    for (uint32_t i = 1; i < count; i++) {
        if (wish_of(settling, &items[i])->implied)
            continue;
        if (!wish_of(settling, best)->implied)
            *ret_loser = &items[i];
        else
            best = &items[i];
    }
    return best;
}

/* A link, and a directory that others only need to be below it: it is they who are told
 * of, each of them. */
static bool is_below(const struct settling *settling, const struct lf_item *a,
                     const struct lf_item *b)
{
    const struct lf_wish *first = wish_of(settling, a);
    const struct lf_wish *second = wish_of(settling, b);
    return is_dir(first) != is_dir(second) &&
           (first->implied || second->implied);
}

/* Decide a group of more than one; `*ret_winner` is kept. */
static bool decide(struct settling *settling, const struct lf_item *items,
                   uint32_t count, struct lf_str dir,
                   const struct lf_item **ret_winner)
{
    const struct lf_item *loser;
    bool has_dir = false, has_link = false;
    for (uint32_t i = 0; i < count; i++) {
        if (is_dir(wish_of(settling, &items[i])))
            has_dir = true;
        else
            has_link = true;
    }
    /* what another tree wants there too, though it loses, is nobody's alone */
    if (has_link)
        lf_fold_spoil_above(settling->expander, dir);
    *ret_winner = has_link ? choose(settling, items, count, &loser)
                           : choose_dir(settling, items, count, &loser);
    if (loser && is_below(settling, *ret_winner, loser)) {
        if (is_dir(wish_of(settling, *ret_winner)))
            *ret_winner = loser;
        return take(settling, dir, lf_item_name(*ret_winner),
                    wish_of(settling, *ret_winner), true);
    }
    if (loser)
        return report_clash(settling, *ret_winner, loser, dir);
    const struct lf_wish *winner = wish_of(settling, *ret_winner);
    if (!has_dir || !has_link)
        return true;
    return is_dir(winner) ? yield_to_dir(settling, items, count, dir)
                          : take(settling, dir, lf_item_name(*ret_winner),
                                 winner, false);
}

/* That an entry wants something below a link is one fault, however much it wants. */
static bool tell_below(struct settling *settling, struct taken *taken,
                       const struct lf_wish *wish)
{
    uint32_t count = taken->told.count, at;
    if (!lf_strmap_add(&taken->told, key_of(wish), count, &at))
        return lf_error_oom(settling->expander->err);
    return at != count || report(settling, LF_CODE_BELOW_LINK, wish,
                                 taken->winner, taken->path);
}

/* Whether an item below a place that was taken goes; else it is reported. */
static bool drop_below(struct settling *settling, struct taken *taken,
                       const struct lf_item *item, bool *ret_ok)
{
    const struct lf_wish *wish = wish_of(settling, item);
    *ret_ok = true;
    if (wish->implied || wins(taken->winner, wish) ||
        (taken->clash && wins(wish, taken->winner)))
        return true;
    *ret_ok = tell_below(settling, taken, wish);
    return false;
}

/* Settle the items of one directory, from `first` on, moving what is kept to
 * `*kept`. */
static bool settle_dir(struct settling *settling, const struct lf_dir *dir,
                       uint32_t *kept)
{
    struct lf_item *items = settling->desired->set.items;
    struct taken *taken = taker_of(settling, dir->path);
    uint32_t end = dir->first + dir->count, next;
    for (uint32_t i = dir->first; i < end; i = next) {
        const struct lf_item *winner = &items[i];
        bool ok = true;
        for (next = i + 1;
             next < end &&
             lf_str_equal(lf_item_name(&items[next]), lf_item_name(&items[i]));)
            next++;
        if (taken) {
            uint32_t left = i;
            for (uint32_t j = i; j < next && ok; j++) {
                if (!drop_below(settling, taken, &items[j], &ok))
                    items[left++] = items[j];
            }
            if (ok && left == i)
                continue;
        } else if (next - i > 1) {
            ok = decide(settling, &items[i], next - i, dir->path, &winner);
        }
        if (!ok)
            return false;
        items[(*kept)++] = *winner;
    }
    return true;
}

static bool settle_all(struct settling *settling)
{
    struct lf_set *set = &settling->desired->set;
    uint32_t kept = 0, dirs = 0;
    for (uint32_t i = 0; i < set->n_dirs; i++) {
        struct lf_dir dir = set->dirs[i];
        uint32_t first = kept;
        if (!settle_dir(settling, &dir, &kept))
            return false;
        for (uint32_t j = first; j < kept; j++)
            lf_item_set_dir(&set->items[j], dirs);
        if (kept > first)
            set->dirs[dirs++] = (struct lf_dir){dir.path, first, kept - first};
    }
    set->n_items = kept;
    set->n_dirs = dirs;
    return true;
}

bool lf_settle(struct lf_expander *expander)
{
    struct settling settling = {
            .expander = expander,
            .desired = expander->desired,
    };
    if (!lf_set_seal(&expander->desired->set))
        return lf_error_oom(expander->err);
    bool ok = settle_all(&settling);
    lf_strmap_finish(&settling.index);
    lf_arena_finish(&settling.arena);
    for (uint32_t i = 0; i < settling.n_taken; i++)
        lf_strmap_finish(&settling.taken[i].told);
    free(settling.taken);
    return ok;
}
