/* SPDX-License-Identifier: MIT */
/*
 * names.c - what is in source directories that have not changed
 */
#include "apply/names.h"

#include "base/path.h"
#include "base/util.h"

#include <stdlib.h>
#include <string.h>

/* ---- where the records lead ---- */

/* Records, the last one first, and where the one at hand leads. */
struct gathering {
    struct lf_names *names;
    struct lf_buf path, normal; /* scratch */
    uint32_t dir;               /* of its link; in the recorded set */
    struct lf_str stem;         /* its text up to the last name */
    uint32_t source;            /* what that leads to, in the trust; or none */
    bool adjacent;              /* the record before it may join its run */
};

/* The text up to its last name; data NULL if it ends in none. */
static struct lf_str stem_of(struct lf_str text)
{
    size_t len = text.len;
    while (len > 0 && text.data[len - 1] != '/')
        len--;
    struct lf_str name = lf_str_of(text.data + len, text.len - len);
    bool is_name = name.len > 0 && !lf_str_equal(name, LF_STR(".")) &&
                   !lf_str_equal(name, LF_STR(".."));
    return is_name ? lf_str_of(text.data, len) : lf_str(NULL);
}

/* The directory of the trust that a text leads to. Its path is physical, and so is
 * that of the link: `..` collapses. A text through some other link leads to none, or
 * to one whose digest is another. */
static bool find_source(struct gathering *g, struct lf_str dir,
                        struct lf_str stem, uint32_t *ret)
{
    lf_buf_clear(&g->path);
    lf_buf_clear(&g->normal);
    if (stem.len == 0 || stem.data[0] != '/') {
        lf_buf_add(&g->path, dir);
        lf_buf_add_char(&g->path, '/');
    }
    lf_buf_add(&g->path, stem);
    bool absolute = lf_path_normalise(&g->normal, lf_buf_str(&g->path));
    if (lf_buf_failed(&g->path) || lf_buf_failed(&g->normal))
        return false;
    *ret = absolute ? lf_trust_find(g->names->trust, lf_buf_str(&g->normal))
                    : LF_TRUST_NONE;
    return true;
}

static bool add_run(struct gathering *g, uint32_t item)
{
    struct lf_names *names = g->names;
    void *runs = names->runs;
    if (!lf_array_reserve(&runs, names->n_runs, &names->run_capacity,
                          sizeof(*names->runs)))
        return false;
    names->runs = runs;
    struct lf_names_dir *dir = &names->dirs[g->source];
    names->runs[names->n_runs] =
            (struct lf_names_run){.first = item, .count = 1, .next = dir->runs};
    dir->runs = names->n_runs++;
    return true;
}

static bool add_record(struct gathering *g, uint32_t item)
{
    const struct lf_recorded *recorded = g->names->recorded;
    const struct lf_item *at = &recorded->set.items[item];
    const struct lf_record *record = &recorded->records[at->detail];
    uint32_t dir = lf_item_dir(at);
    struct lf_str stem = record->kind == LF_RECORD_LINK ? stem_of(record->text)
                                                        : lf_str(NULL);
    if (!stem.data) {
        g->adjacent = false;
        return true;
    }
    if (!g->stem.data || dir != g->dir || !lf_str_equal(stem, g->stem)) {
        if (!find_source(g, recorded->set.dirs[dir].path, stem, &g->source))
            return false;
        g->dir = dir;
        g->stem = stem;
        g->adjacent = false;
    }
    if (g->source == LF_TRUST_NONE)
        return true;
    if (g->adjacent) {
        struct lf_names_run *run = &g->names->runs[g->names->n_runs - 1];
        run->first = item;
        run->count++;
        return true;
    }
    g->adjacent = true;
    return add_run(g, item);
}

/* ---- directories in directories ---- */

static void tie_children(struct lf_names *names)
{
    const struct lf_trust *trust = names->trust;
    for (uint32_t i = trust->n_dirs; i-- > 0;) {
        uint32_t above = trust->dirs[i].above;
        struct lf_str path = trust->dirs[i].dir.path;
        if (above == LF_TRUST_NONE ||
            !lf_str_equal(lf_path_dir(path), trust->dirs[above].dir.path))
            continue;
        names->dirs[i].sibling = names->dirs[above].child;
        names->dirs[above].child = i;
    }
}

static bool fill(struct lf_names *names)
{
    struct gathering g = {.names = names};
    uint32_t count = names->trust->n_dirs;
    names->dirs = malloc((count + (size_t)1) * sizeof(*names->dirs));
    if (!names->dirs)
        return false;
    /* LF_TRUST_NONE in each */
    memset(names->dirs, 0xff, (count + (size_t)1) * sizeof(*names->dirs));
    tie_children(names);
    bool ok = true;
    /* each run comes before those that are there */
    for (uint32_t i = names->recorded->set.n_items; ok && i-- > 0;)
        ok = add_record(&g, i);
    lf_buf_finish(&g.path);
    lf_buf_finish(&g.normal);
    return ok;
}

void lf_names_init(struct lf_names *names, const struct lf_trust *trust,
                   const struct lf_recorded *recorded)
{
    *names = (struct lf_names){.trust = trust, .recorded = recorded};
    if (trust->n_dirs > 0 && !fill(names))
        lf_names_finish(names);
}

void lf_names_finish(struct lf_names *names)
{
    free(names->dirs);
    free(names->runs);
    *names = (struct lf_names){0};
}

/* ---- telling ---- */

/* Whether they are all of it or not, until `fn` has heard enough. */
static void tell(const struct lf_names *names, uint32_t index, lf_list_fn *fn,
                 void *arg)
{
    const struct lf_recorded *recorded = names->recorded;
    const struct lf_names_dir *dir = &names->dirs[index];
    for (uint32_t r = dir->runs; r != LF_TRUST_NONE; r = names->runs[r].next) {
        const struct lf_names_run *run = &names->runs[r];
        for (uint32_t i = run->first; i < run->first + run->count; i++) {
            uint32_t detail = recorded->set.items[i].detail;
            struct lf_str text = recorded->records[detail].text;
            if (!fn(arg, lf_path_name(text), LF_NODE_FILE))
                return;
        }
    }
    for (uint32_t c = dir->child; c != LF_TRUST_NONE;
         c = names->dirs[c].sibling)
        if (!fn(arg, lf_path_name(names->trust->dirs[c].dir.path), LF_NODE_DIR))
            return;
}

static bool add_name(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    uint64_t *sum = arg;
    *sum += lf_watch_name(name, kind);
    return true;
}

bool lf_names_tell(const struct lf_names *names, uint32_t index, lf_list_fn *fn,
                   void *arg)
{
    uint64_t due = names->dirs && index != LF_TRUST_NONE
                           ? names->trust->dirs[index].dir.names
                           : 0;
    uint64_t sum = 0;
    if (due == 0)
        return false;
    /* whoever hears a name believes it at once */
    tell(names, index, add_name, &sum);
    if (lf_watch_digest(sum) != due)
        return false;
    tell(names, index, fn, arg);
    return true;
}
