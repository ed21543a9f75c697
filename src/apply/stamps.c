/* SPDX-License-Identifier: MIT */
/*
 * stamps.c - that nothing has to be done, remembered
 *
 *     linkfarm-stamps 1
 *     at TIME                             nanoseconds since 1970 UTC
 *     farm NAME GENERATION LINKS DIRS     how many were right
 *     profile NAME                        each that was active
 *     manifest PATH
 *     ledger NODE                         the file, with its size
 *     facts DIGEST
 *     env NAME DIGEST
 *     file PATH DIGEST
 *     absent PATH
 *     passed PATH NODE                    a directory, by identity and rights
 *     looked PATH NODE                    the same, and its times
 *     end LINES CHECKSUM
 *
 * NODE is DEVICE INODE MOUNT MODE UID GID SIZE MTIME CTIME. Directories stand
 * after those above them.
 */
#include "apply/stamps.h"

#include "base/digest.h"
#include "base/util.h"
#include "ledger/checked.h"
#include "manifest/inputs.h"
#include "platform/sys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct lf_checked kind = {
        .magic = "linkfarm-stamps",
        .version = 1,
        .what = "file of stamps",
        .corrupt = LF_CODE_STATE_UNREADABLE,
        .newer = LF_CODE_STATE_UNREADABLE,
};

static const char *const words[LF_INPUT_KINDS] = {
        [LF_INPUT_FACTS] = "facts",
        [LF_INPUT_ENV] = "env",
        [LF_INPUT_FILE] = "file",
        [LF_INPUT_ABSENT] = "absent",
};

struct lf_stamps_name lf_stamps_name(struct lf_str manifest)
{
    struct lf_stamps_name name;
    snprintf(name.text, sizeof(name.text), "stamps.%016" PRIx64,
             lf_digest(0, manifest));
    return name;
}

/* ---- writing ---- */

static void add_line(struct lf_buf *buf, const char *word, struct lf_str text)
{
    lf_buf_add(buf, lf_str(word));
    lf_lines_add_text(buf, text);
    lf_buf_add_char(buf, '\n');
}

/* Times before 1970 are stored as the numbers that they are modulo 2^64. */
static void add_node(struct lf_buf *buf, const struct lf_node *node)
{
    const uint64_t numbers[] = {
            node->dev,
            node->ino,
            node->mount,
            node->mode,
            node->uid,
            node->gid,
            node->size,
            (uint64_t)node->mtime,
            (uint64_t)node->ctime,
    };
    for (size_t i = 0; i < LF_COUNT(numbers); i++)
        lf_lines_add_u64(buf, numbers[i]);
    lf_buf_add_char(buf, '\n');
}

static bool add_input(void *arg, const struct lf_input *input)
{
    struct lf_buf *buf = arg;
    lf_buf_add(buf, lf_str(words[input->kind]));
    if (input->kind != LF_INPUT_FACTS)
        lf_lines_add_text(buf, input->name);
    lf_lines_add_u64(buf, input->digest);
    lf_buf_add_char(buf, '\n');
    return true;
}

/* What the next run would have to say again is not remembered as nothing. */
static bool is_quiet(const struct lf_plan *plan)
{
    size_t kept = 0;
    for (unsigned is_dir = 0; is_dir < 2; is_dir++)
        kept += plan->counts[LF_ACTION_KEEP][is_dir];
    return kept == plan->n_planned && plan->n_findings == 0 &&
           !plan->ledger_changes;
}

static bool look_at_ledger(struct lf_transaction *t, struct lf_node *ret)
{
    return t->state.fd >= 0 &&
           t->fs->stat(t->fs, t->state.fd, LF_LEDGER_FILE, ret) == 0;
}

static void add_head(struct lf_buf *buf, const struct lf_plan *plan,
                     int64_t since)
{
    lf_buf_add(buf, LF_STR("at"));
    lf_lines_add_u64(buf, (uint64_t)since);
    lf_buf_add(buf, LF_STR("\nfarm"));
    lf_lines_add_text(buf, plan->farm);
    lf_lines_add_u64(buf, plan->generation);
    lf_lines_add_u64(buf, plan->counts[LF_ACTION_KEEP][0]);
    lf_lines_add_u64(buf, plan->counts[LF_ACTION_KEEP][1]);
    lf_buf_add_char(buf, '\n');
    for (uint32_t i = 0; i < plan->n_profiles; i++)
        add_line(buf, "profile", plan->profiles[i]);
    add_line(buf, "manifest", plan->manifest);
}

void lf_stamps_encode(struct lf_transaction *t,
                      const struct lf_manifest *manifest,
                      const struct lf_plan *plan, struct lf_watch *watch,
                      struct lf_buf *text)
{
    const struct lf_watched *dirs;
    struct lf_node ledger;
    uint32_t count = is_quiet(plan) ? lf_watch_result(watch, &dirs) : 0;
    if (count == 0 || !look_at_ledger(t, &ledger))
        return;
    lf_checked_begin(text, &kind);
    add_head(text, plan, watch->since);
    lf_buf_add(text, LF_STR("ledger"));
    add_node(text, &ledger);
    bool known = lf_manifest_inputs(manifest, add_input, text);
    for (uint32_t i = 0; i < count; i++) {
        lf_buf_add(text, dirs[i].looked ? LF_STR("looked") : LF_STR("passed"));
        lf_lines_add_text(text, dirs[i].path);
        add_node(text, &dirs[i].node);
    }
    lf_checked_end(text);
    if (!known)
        lf_buf_clear(text);
}

/* ---- reading ---- */

struct reader {
    struct lf_transaction *t;
    const struct lf_manifest_request *request;
    struct lf_str manifest;
    struct lf_lines lines;
    struct lf_plan *plan;
};

static bool get_number(struct reader *r, unsigned index, uint64_t *ret)
{
    return lf_lines_u64(&r->lines, index, UINT64_MAX, ret);
}

static bool get_size(struct reader *r, unsigned index, size_t *ret)
{
    uint64_t number;
    bool ok = lf_lines_u64(&r->lines, index, SIZE_MAX, &number);
    *ret = ok ? (size_t)number : 0;
    return ok;
}

static bool get_node(struct reader *r, unsigned index, struct lf_node *ret)
{
    uint64_t mtime, ctime;
    *ret = (struct lf_node){.kind = LF_NODE_DIR};
    bool ok = get_number(r, index, &ret->dev) &&
              get_number(r, index + 1, &ret->ino) &&
              get_number(r, index + 2, &ret->mount) &&
              lf_lines_u32(&r->lines, index + 3, &ret->mode) &&
              lf_lines_u32(&r->lines, index + 4, &ret->uid) &&
              lf_lines_u32(&r->lines, index + 5, &ret->gid) &&
              get_number(r, index + 6, &ret->size) &&
              get_number(r, index + 7, &mtime) &&
              get_number(r, index + 8, &ctime);
    if (ok) {
        ret->mtime = (int64_t)mtime;
        ret->ctime = (int64_t)ctime;
    }
    return ok;
}

/* A clock that was set back makes all times in the file worth nothing. */
static bool time_holds(struct reader *r)
{
    uint64_t at;
    return get_number(r, 1, &at) && lf_sys_realtime() >= (int64_t)at;
}

static bool take_farm(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    struct lf_str name;
    if (!lf_lines_text(&r->lines, 1, 0, &name))
        return false;
    plan->farm = lf_arena_str(&plan->arena, name);
    return plan->farm.data && get_number(r, 2, &plan->generation) &&
           get_size(r, 3, &plan->counts[LF_ACTION_KEEP][0]) &&
           get_size(r, 4, &plan->counts[LF_ACTION_KEEP][1]);
}

static bool take_profile(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    struct lf_str name;
    struct lf_str *all = lf_arena_alloc_array(
            &plan->arena, plan->n_profiles + 1u, sizeof(*all));
    if (!all || !lf_lines_text(&r->lines, 1, 0, &name))
        return false;
    for (uint32_t i = 0; i < plan->n_profiles; i++)
        all[i] = plan->profiles[i];
    all[plan->n_profiles] = lf_arena_str(&plan->arena, name);
    plan->profiles = all;
    return all[plan->n_profiles++].data;
}

static bool manifest_holds(struct reader *r)
{
    struct lf_str path;
    return lf_lines_text(&r->lines, 1, 0, &path) &&
           lf_str_equal(path, r->manifest);
}

static bool ledger_holds(struct reader *r)
{
    struct lf_node then, now;
    return get_node(r, 1, &then) && look_at_ledger(r->t, &now) &&
           now.dev == then.dev && now.ino == then.ino &&
           now.size == then.size && now.mtime == then.mtime &&
           now.ctime == then.ctime;
}

static bool input_holds(struct reader *r, enum lf_input_kind input_kind)
{
    struct lf_input input = {.kind = input_kind, .name = lf_str("")};
    unsigned at = 1;
    if (input_kind != LF_INPUT_FACTS &&
        !lf_lines_text(&r->lines, at++, 0, &input.name))
        return false;
    return get_number(r, at, &input.digest) &&
           lf_input_holds(&input, r->request);
}

static bool dir_holds(struct reader *r, bool looked)
{
    struct lf_watched dir = {.looked = looked};
    return lf_lines_text(&r->lines, 1, 0, &dir.path) &&
           get_node(r, 2, &dir.node) && dir.path.len > 0 &&
           dir.path.data[0] == '/' &&
           lf_watched_holds(r->t->fs, r->t->root_fd, &dir);
}

static bool line_holds(struct reader *r)
{
    const struct lf_lines *lines = &r->lines;
    if (lf_lines_is(lines, "looked"))
        return dir_holds(r, true);
    if (lf_lines_is(lines, "passed"))
        return dir_holds(r, false);
    for (unsigned i = 0; i < LF_INPUT_KINDS; i++)
        if (lf_lines_is(lines, words[i]))
            return input_holds(r, (enum lf_input_kind)i);
    if (lf_lines_is(lines, "at"))
        return time_holds(r);
    if (lf_lines_is(lines, "farm"))
        return take_farm(r);
    if (lf_lines_is(lines, "profile"))
        return take_profile(r);
    if (lf_lines_is(lines, "manifest"))
        return manifest_holds(r);
    return lf_lines_is(lines, "ledger") && ledger_holds(r);
}

static bool all_hold(struct reader *r, struct lf_str text)
{
    if (!lf_checked_open(&r->lines, text, &kind) || !lf_lines_next(&r->lines))
        return false;
    while (!r->lines.ended)
        if (!line_holds(r) || !lf_lines_next(&r->lines))
            return false;
    return true;
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
                       .lines = {.err = &ignored},
                       .plan = calloc(1, sizeof(*r.plan))};
    if (!r.plan)
        return false;
    r.plan->purpose = LF_PURPOSE_APPLY;
    r.plan->manifest = lf_arena_str(&r.plan->arena, manifest);
    bool hold = r.plan->manifest.data && all_hold(&r, text);
    lf_lines_finish(&r.lines);
    if (!hold) {
        lf_plan_free(r.plan);
        return false;
    }
    *ret_plan = r.plan;
    return true;
}
