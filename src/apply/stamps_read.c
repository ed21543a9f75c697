/* SPDX-License-Identifier: MIT */
/*
 * stamps_read.c - stamps, read back: whether nothing has to be done
 *
 * All lines hold, but for directories in which only the farm's places matter:
 * what is in those is looked at, if they have changed, and the stamps are then
 * written anew.
 */
#include "apply/stamps.h"

#include "apply/stamps_format.h"
#include "platform/sys.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct lf_transaction *t;
    const struct lf_manifest_request *request;
    struct lf_str manifest;
    int64_t since;
    struct lf_lines lines;
    struct lf_plan *plan;
    struct lf_str *profiles; /* the plan's */
    struct lf_node ledger;   /* of then */
    struct lf_str at_line;
    struct lf_str dirs; /* their lines */
    struct lf_unsures unsures;
};

static bool get_size(struct reader *r, unsigned index, size_t *ret)
{
    uint64_t number;
    bool ok = lf_lines_u64(&r->lines, index, SIZE_MAX, &number);
    *ret = ok ? (size_t)number : 0;
    return ok;
}

static bool take_farm(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    struct lf_str name;
    if (!lf_lines_text(&r->lines, 1, 0, &name))
        return false;
    plan->farm = lf_arena_str(&plan->arena, name);
    return plan->farm.data &&
           lf_lines_u64(&r->lines, 2, UINT64_MAX, &plan->generation) &&
           get_size(r, 3, &plan->counts[LF_ACTION_KEEP][0]) &&
           get_size(r, 4, &plan->counts[LF_ACTION_KEEP][1]);
}

/* Room for the profiles doubles: each power of two is the end of it. */
static bool grow_profiles(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    uint32_t n = plan->head.n_profiles;
    if ((n & (n - 1)) != 0)
        return true;
    struct lf_str *all = lf_arena_alloc_array(
            &plan->arena, n == 0 ? 1 : (size_t)n * 2, sizeof(*all));
    if (!all)
        return false;
    for (uint32_t i = 0; i < n; i++)
        all[i] = r->profiles[i];
    plan->head.profiles = r->profiles = all;
    return true;
}

static bool take_profile(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    struct lf_str name;
    if (!lf_lines_text(&r->lines, 1, 0, &name) || !grow_profiles(r))
        return false;
    struct lf_str *profile = &r->profiles[plan->head.n_profiles++];
    *profile = lf_arena_str(&plan->arena, name);
    return profile->data;
}

static bool manifest_holds(struct reader *r)
{
    struct lf_str path;
    return lf_lines_text(&r->lines, 1, 0, &path) &&
           lf_str_equal(path, r->manifest);
}

static bool input_holds(struct reader *r, enum lf_input_kind input_kind)
{
    struct lf_input input = {.kind = input_kind, .name = lf_str("")};
    unsigned at = 1;
    if (input_kind != LF_INPUT_FACTS && input_kind != LF_INPUT_USER &&
        !lf_lines_text(&r->lines, at++, 0, &input.name))
        return false;
    return lf_lines_u64(&r->lines, at, UINT64_MAX, &input.digest) &&
           lf_input_holds(&input, r->request);
}

static bool line_holds(struct reader *r)
{
    struct lf_lines *lines = &r->lines;
    for (unsigned i = 0; i < LF_INPUT_KINDS; i++)
        if (lf_lines_is(lines, lf_stamps_words[i]))
            return input_holds(r, (enum lf_input_kind)i);
    if (lf_lines_is(lines, "farm"))
        return take_farm(r);
    if (lf_lines_is(lines, "profile"))
        return take_profile(r);
    return lf_lines_is(lines, "manifest") && manifest_holds(r);
}

/* The ledger comes first, the time second: the rest may be copied. */
static bool head_holds(struct reader *r, struct lf_str text)
{
    struct lf_lines *lines = &r->lines;
    if (!lf_checked_open(lines, text, &lf_stamps_checked) ||
        !lf_lines_next(lines) || !lf_lines_is(lines, "ledger") ||
        !lf_stamps_get_node(lines, 1, &r->ledger) ||
        !lf_stamps_is_ledger(r->t, &r->ledger) || !lf_lines_next(lines) ||
        !lf_lines_is(lines, "at") || !lf_stamps_time_holds(lines))
        return false;
    r->at_line = lf_stamps_line(lines);
    return lf_lines_next(lines);
}

/* Directories come last: from the first of them on, a line is no other. */
static bool lines_hold(struct reader *r, struct lf_str text)
{
    struct lf_stamped stamped;
    struct lf_lines *lines = &r->lines;
    bool ok = false;
    if (!head_holds(r, text))
        return false;
    while (!lines->ended && !lf_stamps_get_dir(lines, &stamped, &ok))
        if (!line_holds(r) || !lf_lines_next(lines))
            return false;
    if (lines->ended)
        return true;
    const char *from = lines->fields[0].data;
    const char *end = lines->text.data + lines->text.len;
    r->dirs = lf_str_of(from, (size_t)(end - from));
    return lf_stamps_look(r->t, r->dirs, &r->unsures) &&
           (r->unsures.n == 0 ||
            lf_stamps_verify(r->t, r->plan, &r->ledger, &r->unsures, r->since));
}

/* All as it was, but for the time and what was looked at. */
static void write_anew(const struct reader *r)
{
    struct lf_buf *text = &r->t->stamps;
    const char *from = r->at_line.data + r->at_line.len;
    const char *end = r->dirs.data + r->dirs.len;
    lf_stamps_add_at(text, r->since);
    for (uint32_t i = 0; i < r->unsures.n; i++) {
        const struct lf_unsure *unsure = &r->unsures.list[i];
        struct lf_stamped now = {.dir = unsure->stamped.dir};
        now.dir.node = unsure->now;
        lf_buf_add(text, lf_str_of(from, (size_t)(unsure->line.data - from)));
        lf_stamps_add_dir(text, &now);
        from = unsure->line.data + unsure->line.len;
    }
    lf_buf_add(text, lf_str_of(from, (size_t)(end - from)));
}

bool lf_stamps_hold(struct lf_transaction *t,
                    const struct lf_manifest_request *request,
                    struct lf_str manifest, struct lf_str text,
                    struct lf_plan **ret_plan)
{
    struct lf_error ignored;
    struct reader r = {.t = t,
                       .request = request,
                       .manifest = manifest,
                       .since = lf_sys_realtime(),
                       .lines = {.err = &ignored},
                       .plan = calloc(1, sizeof(*r.plan))};
    if (!r.plan)
        return false;
    r.plan->purpose = LF_PURPOSE_APPLY;
    r.plan->maker = lf_transaction_maker(t);
    r.plan->head.manifest = lf_arena_str(&r.plan->arena, manifest);
    bool hold = r.plan->head.manifest.data && lines_hold(&r, text);
    lf_buf_clear(&t->stamps);
    if (hold && r.unsures.n > 0) {
        write_anew(&r);
        t->stamped = r.plan;
        t->stamped_ledger = r.ledger;
    }
    lf_lines_finish(&r.lines);
    lf_unsures_finish(&r.unsures);
    if (!hold) {
        lf_plan_free(r.plan);
        return false;
    }
    *ret_plan = r.plan;
    return true;
}

/* All lines but those of the ledger, the time, what there is to say, and the
 * directories. */
static bool inputs_hold(struct reader *r, struct lf_str text)
{
    struct lf_stamped stamped;
    struct lf_lines *lines = &r->lines;
    bool ok = false;
    if (!lf_checked_open(lines, text, &lf_stamps_checked) ||
        !lf_lines_next(lines))
        return false;
    while (!lines->ended && !lf_stamps_get_dir(lines, &stamped, &ok)) {
        bool passed = lf_lines_is(lines, "ledger") ||
                      lf_lines_is(lines, "at") || lf_lines_is(lines, "noted");
        if (!(passed || line_holds(r)) || !lf_lines_next(lines))
            return false;
    }
    return r->plan->farm.len > 0;
}

char *lf_stamps_farm(struct lf_transaction *t,
                     const struct lf_manifest_request *request,
                     struct lf_str manifest, struct lf_str text)
{
    struct lf_error ignored;
    struct reader r = {.t = t,
                       .request = request,
                       .manifest = manifest,
                       .lines = {.err = &ignored},
                       .plan = calloc(1, sizeof(*r.plan))};
    char *name = NULL;
    if (!r.plan)
        return NULL;
    if (inputs_hold(&r, text))
        name = malloc(r.plan->farm.len + 1);
    if (name)
        memcpy(name, r.plan->farm.data, r.plan->farm.len + 1);
    lf_lines_finish(&r.lines);
    lf_plan_free(r.plan);
    return name;
}
