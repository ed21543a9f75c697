/* SPDX-License-Identifier: MIT */
/*
 * stamps.c - that nothing has to be done, remembered
 */
#include "apply/stamps.h"

#include "apply/stamps_format.h"
#include "base/digest.h"
#include "base/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct lf_stamps_name lf_stamps_name(struct lf_str manifest)
{
    struct lf_stamps_name name;
    snprintf(name.text, sizeof(name.text), "stamps.%016" PRIx64,
             lf_digest(0, manifest));
    return name;
}

/* ---- what the plan leaves behind ---- */

/* How many of a kind the next plan will find right, if all of this one's come
 * out so: what it makes, and what it says again is not remembered. */
static bool count_right(const struct lf_plan *plan, size_t right[2])
{
    static const bool stays[LF_ACTION_KINDS] = {
            [LF_ACTION_CREATE] = true, [LF_ACTION_KEEP] = true,
            [LF_ACTION_CLAIM] = true,  [LF_ACTION_RELINK] = true,
            [LF_ACTION_MKDIR] = true,  [LF_ACTION_CHMOD] = true,
    };
    size_t all = 0;
    for (unsigned is_dir = 0; is_dir < 2; is_dir++) {
        right[is_dir] = 0;
        for (size_t kind = 0; kind < LF_ACTION_KINDS; kind++)
            right[is_dir] += stays[kind] ? plan->counts[kind][is_dir] : 0;
        all += right[is_dir];
    }
    all += plan->counts[LF_ACTION_PRUNE][0];
    return all == plan->n_planned && plan->n_findings == 0;
}

struct place {
    struct lf_str dir, name;
};

static int compare_place(const void *key, const void *row)
{
    const struct place *place = key;
    const struct lf_planned *planned = row;
    return lf_place_compare(place->dir, place->name, *planned->in->dir,
                            lf_planned_name(planned));
}

/* For struct lf_watch_places: what the ledger will have. */
static bool is_place(const void *arg, struct lf_str dir, struct lf_str name)
{
    const struct lf_plan *plan = arg;
    const struct place place = {dir, name};
    const struct lf_planned *planned =
            plan->n_planned == 0
                    ? NULL
                    : bsearch(&place, plan->planned, plan->n_planned,
                              sizeof(*planned), compare_place);
    return planned && lf_planned_fate(planned) != LF_FATE_NONE;
}

/* ---- directories ---- */

struct stamping {
    const struct lf_plan *plan;
    struct lf_stamped *dirs; /* what was watched, then what will be made */
    uint32_t n_dirs, n_watched;
};

static int compare_stamped(const void *a, const void *b)
{
    return lf_path_compare(((const struct lf_stamped *)a)->dir.path,
                           ((const struct lf_stamped *)b)->dir.path);
}

static int compare_path(const void *path, const void *stamped)
{
    return lf_path_compare(*(const struct lf_str *)path,
                           ((const struct lf_stamped *)stamped)->dir.path);
}

/* NULL: it is neither among those that were watched nor among those made. */
static struct lf_stamped *find(struct stamping *s, struct lf_str path)
{
    struct lf_stamped *made = s->dirs + s->n_watched;
    struct lf_stamped *found =
            bsearch(&path, s->dirs, s->n_watched, sizeof(*found), compare_path);
    return found ? found
                 : bsearch(&path, made, s->n_dirs - s->n_watched,
                           sizeof(*found), compare_path);
}

static bool gather(struct stamping *s, const struct lf_watched *watched,
                   uint32_t count)
{
    const struct lf_plan *plan = s->plan;
    s->dirs = calloc(count + plan->counts[LF_ACTION_MKDIR][1] + 1,
                     sizeof(*s->dirs));
    if (!s->dirs)
        return false;
    for (uint32_t i = 0; i < count; i++)
        s->dirs[s->n_dirs++].dir = watched[i];
    s->n_watched = count;
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        if (planned->kind != LF_ACTION_MKDIR)
            continue;
        s->dirs[s->n_dirs++] = (struct lf_stamped){
                .dir = {.path = lf_planned_dir_path(planned),
                        .node.mode = lf_planned_mode(planned)},
                .made = true,
                .exact_mode = planned->exact_mode,
        };
    }
    qsort(s->dirs + count, s->n_dirs - count, sizeof(*s->dirs),
          compare_stamped);
    return true;
}

/* What names a directory has is known no more, but for the farm's. */
static bool touch(struct lf_stamped *dir)
{
    if (!dir || (dir->dir.looked && dir->dir.whole))
        return false;
    dir->dir.node.ctime = 0;
    return true;
}

static bool touch_all(struct stamping *s)
{
    const struct lf_str *last = NULL;
    for (uint32_t i = 0; i < s->plan->n_planned; i++) {
        const struct lf_planned *planned = &s->plan->planned[i];
        if (!lf_action_acts(planned->kind))
            continue;
        if (planned->kind == LF_ACTION_CHMOD) {
            struct lf_stamped *dir = find(s, lf_planned_dir_path(planned));
            if (!touch(dir))
                return false;
            dir->dir.node.mode = lf_planned_mode(planned);
            continue;
        }
        if (last == planned->in->dir)
            continue;
        last = planned->in->dir;
        if (!touch(find(s, *last)))
            return false;
    }
    return true;
}

/* ---- the file ---- */

static bool add_input(void *arg, const struct lf_input *input)
{
    struct lf_buf *buf = arg;
    lf_buf_add(buf, lf_str(lf_stamps_words[input->kind]));
    if (input->name.len > 0)
        lf_lines_add_text(buf, input->name);
    lf_lines_add_u64(buf, input->digest);
    lf_buf_add_char(buf, '\n');
    return true;
}

static void add_line(struct lf_buf *buf, const char *word, struct lf_str text)
{
    lf_buf_add(buf, lf_str(word));
    lf_lines_add_text(buf, text);
    lf_buf_add_char(buf, '\n');
}

static void add_head(struct lf_buf *buf, const struct lf_plan *plan,
                     int64_t since, const size_t right[2])
{
    lf_stamps_add_at(buf, since);
    lf_buf_add(buf, LF_STR("farm"));
    lf_lines_add_text(buf, plan->farm);
    lf_lines_add_u64(buf, lf_plan_generation(plan));
    lf_lines_add_u64(buf, right[0]);
    lf_lines_add_u64(buf, right[1]);
    lf_buf_add_char(buf, '\n');
    for (uint32_t i = 0; i < plan->head.n_profiles; i++)
        add_line(buf, "profile", plan->head.profiles[i]);
    add_line(buf, "manifest", plan->head.manifest);
    /* the next one says it again, though it does nothing */
    if (plan->noted)
        lf_buf_add(buf, LF_STR("noted\n"));
}

void lf_stamps_encode(const struct lf_manifest *manifest,
                      const struct lf_plan *plan, struct lf_watch *watch,
                      struct lf_buf *text)
{
    const struct lf_watch_places places = {is_place, plan};
    struct stamping s = {.plan = plan};
    struct lf_watched *watched;
    size_t right[2];
    uint32_t count = count_right(plan, right)
                             ? lf_watch_result(watch, &places, &watched)
                             : 0;
    if (count == 0)
        return;
    if (gather(&s, watched, count) && touch_all(&s)) {
        qsort(s.dirs, s.n_dirs, sizeof(*s.dirs), compare_stamped);
        add_head(text, plan, watch->since, right);
        bool known = lf_manifest_inputs(manifest, add_input, text);
        for (uint32_t i = 0; i < s.n_dirs; i++)
            lf_stamps_add_dir(text, &s.dirs[i]);
        if (!known)
            lf_buf_clear(text);
    }
    free(s.dirs);
}

int lf_stamps_put_begin(struct lf_transaction *t, struct lf_str manifest)
{
    return t->stamps.len > 0 && !lf_buf_failed(&t->stamps)
                   ? lf_state_put_begin(&t->state,
                                        lf_stamps_name(manifest).text)
                   : -1;
}

/* For struct lf_spill. */
struct putting {
    struct lf_fs *fs;
    int file;
};

static bool put_part(void *arg, struct lf_str text)
{
    struct putting *p = arg;
    return p->fs->write(p->fs, p->file, text.data, text.len) == 0;
}

/* Whole lines, not many at once: there is memory for them once, not twice. */
static bool put_lines(struct lf_buf *text, struct lf_spill *spill,
                      struct lf_str lines)
{
    enum { PART = 1 << 15 };
    while (lines.len > 0) {
        size_t len = lines.len < PART ? lines.len : PART;
        while (lines.data[len - 1] != '\n')
            len++;
        lf_buf_add(text, lf_str_of(lines.data, len));
        if (!lf_checked_spill(text, spill))
            return false;
        lines = lf_str_of(lines.data + len, lines.len - len);
    }
    return true;
}

void lf_stamps_put_end(struct lf_transaction *t, struct lf_str manifest,
                       const struct lf_node *ledger, int file)
{
    struct lf_buf text = {0};
    struct lf_stamps_name name = lf_stamps_name(manifest);
    struct putting putting = {t->fs, file};
    struct lf_spill spill = {.put = put_part, .arg = &putting};
    if (file < 0)
        return;
    lf_checked_begin(&text, &lf_stamps_checked);
    lf_buf_add(&text, LF_STR("ledger"));
    lf_stamps_add_node(&text, ledger);
    if (put_lines(&text, &spill, lf_buf_str(&t->stamps)) &&
        lf_checked_end(&text, &spill))
        lf_state_put_end(&t->state, name.text, file, LF_STR(""));
    else
        lf_state_discard(&t->state, name.text, file);
    lf_buf_finish(&text);
}

void lf_stamps_drop(struct lf_transaction *t, struct lf_stamps_name name)
{
    t->fs->unlink(t->fs, t->state.fd, name.text);
}
