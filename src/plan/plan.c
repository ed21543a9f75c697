/* SPDX-License-Identifier: MIT */
/*
 * plan.c - making a plan, and reading one
 */
#include "plan/plan.h"

#include "base/util.h"
#include <stdarg.h>
#include <stdlib.h>

static const char *const kind_names[LF_ACTION_KINDS] = {
        [LF_ACTION_CREATE] = "create",   [LF_ACTION_KEEP] = "keep",
        [LF_ACTION_CLAIM] = "claim",     [LF_ACTION_RELINK] = "relink",
        [LF_ACTION_REPLACE] = "replace", [LF_ACTION_BACKUP] = "backup",
        [LF_ACTION_ADOPT] = "adopt",     [LF_ACTION_SKIP] = "skip",
        [LF_ACTION_PRUNE] = "prune",     [LF_ACTION_RESTORE] = "restore",
        [LF_ACTION_FORGET] = "forget",   [LF_ACTION_CONFLICT] = "conflict",
        [LF_ACTION_MKDIR] = "mkdir",     [LF_ACTION_RMDIR] = "rmdir",
        [LF_ACTION_CHMOD] = "chmod",     [LF_ACTION_DRIFT] = "drift",
};

const char *lf_action_kind_name(enum lf_action_kind kind)
{
    return (size_t)kind < LF_ACTION_KINDS ? kind_names[kind] : "unknown";
}

struct lf_str lf_plan_text(struct lf_plan *plan, const char *format, ...)
{
    struct lf_buf buf = {0};
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(&buf, format, args);
    va_end(args);
    struct lf_str text = {0};
    if (!lf_buf_failed(&buf))
        text = lf_arena_str(&plan->arena, lf_buf_str(&buf));
    lf_buf_finish(&buf);
    return text;
}

struct lf_str lf_plan_at(struct lf_plan *plan, struct lf_at at)
{
    return at.name.len == 0 ? lf_str("")
                            : lf_plan_text(plan, "%.*s:%u:%u", (int)at.name.len,
                                           at.name.data, at.line, at.column);
}

/* Append a copy to a growing array of the plan's. */
static bool keep(struct lf_plan *plan, struct lf_finding **list,
                 uint32_t *count, uint32_t *capacity,
                 const struct lf_finding *finding, struct lf_error *err)
{
    if (!lf_array_reserve((void **)list, *count, capacity, sizeof(**list)))
        return lf_error_oom(err);
    struct lf_finding *to = &(*list)[*count];
    *to = *finding;
    to->path = lf_arena_str(&plan->arena, finding->path);
    to->at = lf_arena_str(&plan->arena, finding->at);
    to->message = lf_arena_str(&plan->arena, finding->message);
    to->help = lf_arena_str(&plan->arena, finding->help);
    to->trace = lf_arena_str(&plan->arena, finding->trace);
    if (!to->path.data || !to->at.data || !to->message.data || !to->help.data ||
        !to->trace.data)
        return lf_error_oom(err);
    ++*count;
    return true;
}

bool lf_plan_find(struct lf_plan *plan, const struct lf_finding *finding,
                  struct lf_error *err)
{
    struct lf_finding broken = *finding;
    broken.severity = LF_SEVERITY_ERROR;
    return keep(plan, &plan->findings, &plan->n_findings,
                &plan->finding_capacity, &broken, err);
}

bool lf_plan_find_at(struct lf_plan *plan, const struct lf_planned *planned,
                     enum lf_code code, struct lf_str message,
                     struct lf_str help, struct lf_error *err)
{
    struct lf_finding finding = {
            .code = code,
            .path = lf_plan_path(plan, planned),
            .at = lf_plan_at(plan, lf_planned_at(planned)),
            .mark = lf_planned_mark(planned),
            .message = message,
            .help = help,
    };
    if (!finding.path.data || !finding.at.data || !message.data || !help.data)
        return lf_error_oom(err);
    return lf_plan_find(plan, &finding, err);
}

bool lf_plan_remark_on(struct lf_plan *plan, const struct lf_finding *remark,
                       struct lf_error *err)
{
    return keep(plan, &plan->remarks, &plan->n_remarks, &plan->remark_capacity,
                remark, err);
}

/* Copy `head` into the plan. */
static bool take_head(struct lf_plan *plan, const struct lf_recorded_head *head)
{
    struct lf_recorded_head copy = *head;
    copy.manifest = lf_arena_str(&plan->arena, head->manifest);
    copy.into = lf_arena_str(&plan->arena, head->into);
    copy.profiles =
            lf_arena_texts(&plan->arena, head->profiles, head->n_profiles);
    copy.traverse =
            lf_arena_texts(&plan->arena, head->traverse, head->n_traverse);
    plan->head = copy;
    return copy.manifest.data && copy.into.data && copy.profiles &&
           copy.traverse;
}

static bool head_from_manifest(struct lf_plan *plan,
                               const struct lf_plan_request *request)
{
    const struct lf_manifest *manifest = request->manifest;
    size_t count = lf_manifest_profiles(manifest);
    LF_AUTO_FREE struct lf_str *profiles =
            calloc(count ? count : 1, sizeof(*profiles));
    if (!profiles)
        return false;
    for (size_t i = 0; i < count; i++)
        profiles[i] = lf_manifest_profile(manifest, i);
    return take_head(plan, &(struct lf_recorded_head){
                                   .manifest = lf_manifest_file(manifest),
                                   .into = request->into,
                                   .profiles = profiles,
                                   .n_profiles = (uint32_t)count,
                           });
}

/* The farm's own facts stay as recorded where no manifest says otherwise; but a
 * generation is what it is with its profiles, or the next apply would undo it. Before
 * the first apply, to which a rollback without a goal goes, there were none. */
static bool make_own_head(struct lf_plan *plan,
                          const struct lf_plan_request *request)
{
    struct lf_recorded_head head = {
            .manifest = {"", 0},
              .into = {"", 0}
    };
    if (request->manifest)
        return head_from_manifest(plan, request);
    if (request->recorded)
        head = request->recorded->head;
    if (request->goal) {
        head.profiles = request->goal->head.profiles;
        head.n_profiles = request->goal->head.n_profiles;
    } else if (request->purpose == LF_PURPOSE_ROLLBACK) {
        head.n_profiles = 0;
    }
    return take_head(plan, &head);
}

static bool texts_differ(const struct lf_str *a, uint32_t n_a,
                         const struct lf_str *b, uint32_t n_b)
{
    bool differ = n_a != n_b;
    for (uint32_t i = 0; !differ && i < n_a; i++)
        differ = !lf_str_equal(a[i], b[i]);
    return differ;
}

/* A farm that moved, or has other profiles, is recorded anew. */
static bool head_differs(const struct lf_recorded_head *a,
                         const struct lf_recorded_head *b)
{
    return !lf_str_equal(a->manifest, b->manifest) ||
           !lf_str_equal(a->into, b->into) ||
           texts_differ(a->profiles, a->n_profiles, b->profiles,
                        b->n_profiles) ||
           texts_differ(a->traverse, a->n_traverse, b->traverse, b->n_traverse);
}

/* So is one that owns nothing yet, where profiles were chosen for it: the next apply
 * goes by them. */
static bool must_record_head(const struct lf_plan *plan,
                             const struct lf_plan_request *request)
{
    if (request->recorded)
        return head_differs(&plan->head, &request->recorded->head);
    return request->purpose == LF_PURPOSE_APPLY && plan->head.n_profiles > 0;
}

static bool note_move(struct lf_plan *plan,
                      const struct lf_plan_request *request)
{
    struct lf_str last =
            request->recorded ? request->recorded->head.manifest : LF_STR("");
    bool moves = request->manifest && !lf_str_equal(last, plan->head.manifest);
    plan->moved_from = moves ? lf_arena_str(&plan->arena, last) : LF_STR("");
    return plan->moved_from.data;
}

static bool make_head(struct lf_plan *plan,
                      const struct lf_plan_request *request)
{
    plan->purpose = request->purpose;
    plan->farm = lf_arena_str(&plan->arena, request->farm);
    plan->base = request->ledger ? request->ledger->transaction : 0;
    plan->since = request->since;
    plan->generation = request->recorded ? request->recorded->generation : 0;
    return plan->farm.data && make_own_head(plan, request) &&
           note_move(plan, request);
}

static void count(struct lf_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        plan->counts[planned->kind][planned->is_dir]++;
        plan->noted |= planned->kind == LF_ACTION_KEEP && planned->rare &&
                       planned->rare->reason.len > 0;
    }
}

bool lf_plan_make(const struct lf_plan_request *request,
                  struct lf_plan **ret_plan, struct lf_error *err)
{
    struct lf_plan *plan = calloc(1, sizeof(*plan));
    struct lf_survey survey = {0};
    if (!plan)
        return lf_error_oom(err);
    bool ok = make_head(plan, request) || lf_error_oom(err);
    if (ok && (ok = lf_survey_make(request, &survey, err))) {
        lf_survey_decide(&survey);
        ok = lf_plan_emit(plan, &survey, err);
    }
    /* the proof needs room, and only the actions */
    lf_survey_finish(&survey);
    if (request->decided)
        request->decided(request->stage_arg);
    /* what is only compared with the disk need not come about */
    if (request->purpose != LF_PURPOSE_STATUS)
        ok = ok && lf_plan_prove(plan, request, err);
    if (!ok) {
        lf_plan_free(plan);
        return false;
    }
    plan->ledger_changes |= must_record_head(plan, request);
    count(plan);
    *ret_plan = plan;
    return true;
}

void lf_plan_take(struct lf_plan *plan, struct lf_arena *texts)
{
    plan->taken = *texts;
    *texts = (struct lf_arena){0};
}

void lf_plan_free(struct lf_plan *plan)
{
    if (!plan)
        return;
    lf_arena_finish(&plan->arena);
    lf_arena_finish(&plan->taken);
    free(plan->planned);
    free(plan->findings);
    free(plan->remarks);
    free(plan);
}

struct lf_str lf_plan_farm(const struct lf_plan *plan)
{
    return plan->farm;
}

struct lf_str lf_plan_manifest(const struct lf_plan *plan)
{
    return plan->head.manifest;
}

struct lf_str lf_plan_moved_from(const struct lf_plan *plan)
{
    return plan->moved_from;
}

const struct lf_str *lf_plan_profiles(const struct lf_plan *plan,
                                      size_t *ret_count)
{
    *ret_count = plan->head.n_profiles;
    return plan->head.profiles;
}

uint64_t lf_plan_generation(const struct lf_plan *plan)
{
    bool makes_one = plan->purpose != LF_PURPOSE_STATUS &&
                     plan->purpose != LF_PURPOSE_ADOPT && lf_plan_changes(plan);
    if (!makes_one)
        return plan->generation;
    return (plan->last > plan->generation ? plan->last : plan->generation) + 1;
}

size_t lf_plan_count(const struct lf_plan *plan)
{
    return plan->n_planned;
}

bool lf_plan_action(const struct lf_plan *plan, size_t index,
                    struct lf_action *ret)
{
    if (index >= plan->n_planned)
        return false;
    *ret = lf_planned_action(&plan->planned[index]);
    return true;
}

size_t lf_plan_count_of(const struct lf_plan *plan, enum lf_action_kind kind,
                        bool is_dir)
{
    return (size_t)kind < LF_ACTION_KINDS ? plan->counts[kind][is_dir] : 0;
}

size_t lf_plan_findings(const struct lf_plan *plan)
{
    return plan->n_findings;
}

const struct lf_finding *lf_plan_finding(const struct lf_plan *plan,
                                         size_t index)
{
    return index < plan->n_findings ? &plan->findings[index] : NULL;
}

size_t lf_plan_remarks(const struct lf_plan *plan)
{
    return plan->n_remarks;
}

const struct lf_finding *lf_plan_remark(const struct lf_plan *plan,
                                        size_t index)
{
    return index < plan->n_remarks ? &plan->remarks[index] : NULL;
}

bool lf_plan_changes(const struct lf_plan *plan)
{
    bool changes = plan->ledger_changes;
    for (size_t kind = 0; !changes && kind < LF_ACTION_KINDS; kind++)
        changes = lf_action_acts((enum lf_action_kind)kind) &&
                  plan->counts[kind][0] + plan->counts[kind][1] > 0;
    return changes;
}

bool lf_plan_ok(const struct lf_plan *plan)
{
    return plan->n_findings == 0 &&
           plan->counts[LF_ACTION_CONFLICT][0] +
                           plan->counts[LF_ACTION_CONFLICT][1] ==
                   0;
}
