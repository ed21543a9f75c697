/* SPDX-License-Identifier: MIT */
/*
 * prove.c - what will be true after the plan
 *
 * The plan is carried out in an overlay, and every link that stands afterwards
 * is resolved there: it must reach its source, by no loop and no chain that
 * the kernel would refuse, from a directory that is still where it is now, and
 * that is no part of a source. So a plan that would write through a link or
 * hang a link into the source tree is refused while nothing has happened.
 */
#include "plan/prove.h"
#include "base/path.h"
#include "base/util.h"
#include "plan/plan.h"
#include "plan/sibling.h"
#include "resolve/overlay.h"
#include "resolve/tell.h"
#include <stdlib.h>

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

struct prover {
    struct lf_plan *plan;
    const struct lf_plan_request *request;
    struct lf_view *overlay;
    struct lf_resolver *resolver;
    struct lf_str *holds; /* directories that sources live in, then sorted */
    uint32_t n_holds, hold_capacity;
    const struct lf_str *judged; /* the directory that was found right last */
    struct lf_sibling sibling;   /* the way that was walked last */
    struct lf_buf room;          /* for the path at hand */
    struct lf_error *err;
};

static bool change_all(struct prover *p)
{
    bool adopts;
    if (!lf_plan_change(p->plan, p->request, p->overlay, &adopts, p->err))
        return false;
    if (p->request->observed && !adopts)
        p->sibling.places = &p->request->observed->set;
    return true;
}

static bool walk(struct prover *p, struct lf_str path,
                 struct lf_resolution **ret)
{
    struct lf_resolve_request request = {.path = path};
    return lf_resolve(p->resolver, &request, ret, p->err);
}

static bool report(struct prover *p, const struct lf_planned *planned,
                   enum lf_code code, struct lf_str message, const char *help)
{
    struct lf_str trace, path = lf_plan_path(p->plan, planned);
    if (!path.data)
        return lf_error_oom(p->err);
    if (!lf_plan_trace(p->plan, p->resolver, path, &trace, p->err))
        return false;
    struct lf_str at = lf_plan_at(p->plan, lf_planned_at(planned));
    if (!message.data || !at.data)
        return lf_error_oom(p->err);
    struct lf_finding finding = {
            .code = code,
            .path = path,
            .at = at,
            .mark = lf_planned_mark(planned),
            .message = message,
            .help = lf_str(help),
            .trace = trace,
    };
    return lf_plan_find(p->plan, &finding, p->err);
}

static bool hold(struct prover *p, struct lf_str dir)
{
    if (p->n_holds > 0 && lf_str_equal(p->holds[p->n_holds - 1], dir))
        return true;
    struct lf_str copy = lf_arena_str(&p->plan->arena, dir);
    if (!copy.data || !lf_array_reserve((void **)&p->holds, p->n_holds,
                                        &p->hold_capacity, sizeof(*p->holds)))
        return lf_error_oom(p->err);
    p->holds[p->n_holds++] = copy;
    return true;
}

static bool judge_failure(struct prover *p, const struct lf_planned *planned,
                          const struct lf_resolution *found)
{
    struct lf_plan *plan = p->plan;
    switch (found->outcome) {
    case LF_OUTCOME_LOOP:
        return report(p, planned, LF_CODE_LINK_LOOP,
                      lf_plan_text(plan, "the link would lead back to itself"),
                      "see the links on its way; one of them, or the source "
                      "itself, is a link back to here");
    case LF_OUTCOME_TOO_MANY:
        return report(p, planned, LF_CODE_LINK_CHAIN,
                      lf_plan_text(plan, "the link would lead through more than"
                                         " 40 links, which the kernel refuses"),
                      "let the entry lead to the end of the chain");
    case LF_OUTCOME_MISSING:
        if (planned->allow_dangling)
            return true;
        return report(p, planned, LF_CODE_DANGLING,
                      lf_planned_has_source(planned, found->path)
                              ? lf_plan_text(plan,
                                             "the source does not exist: "
                                             "%.*s",
                                             SHOW(found->path))
                              : lf_plan_text(plan,
                                             "the link would lead to "
                                             "%.*s, which does not exist",
                                             SHOW(found->path)),
                      "make the source, correct its path, or write "
                      "`dangling: allow` for one that comes later");
    case LF_OUTCOME_OK:
    case LF_OUTCOME_NOT_DIR:
    case LF_OUTCOME_FORBIDDEN:
    case LF_OUTCOME_ESCAPE:
    case LF_OUTCOME_TOO_LONG:
    case LF_OUTCOME_DENIED:
    case LF_OUTCOME_FAILED:
        break;
    }
    if (planned->allow_dangling)
        return true;
    if (found->outcome == LF_OUTCOME_DENIED)
        return report(p, planned, LF_CODE_DANGLING,
                      lf_plan_text(plan,
                                   "the link would lead through %.*s, which "
                                   "this user may not search",
                                   SHOW(found->path)),
                      "give this user the right to search it, or write "
                      "`dangling: allow`");
    return report(p, planned, LF_CODE_DANGLING,
                  lf_plan_text(plan, "the link would lead nowhere: %s at %.*s",
                               lf_errno_name(found->error), SHOW(found->path)),
                  "correct the source, or write `dangling: allow`");
}

static bool keep_referent(struct prover *p, struct lf_planned *planned,
                          struct lf_str path)
{
    struct lf_rare *rare = lf_plan_rare(p->plan, planned);
    if (rare)
        rare->resolves_to = lf_arena_str(&p->plan->arena, path);
    return (rare && rare->resolves_to.data) || lf_error_oom(p->err);
}

/* The source is resolved too: it may itself be a link, and both must meet. */
static bool judge_meeting(struct prover *p, struct lf_planned *planned,
                          const struct lf_resolution *found)
{
    planned->links = (uint8_t)found->links;
    planned->direct = lf_planned_has_source(planned, found->path);
    if (!planned->direct && !keep_referent(p, planned, found->path))
        return false;
    if (found->node.kind == LF_NODE_DIR && !hold(p, found->path))
        return false;
    if (planned->direct || !planned->in->source_dir)
        return true;
    struct lf_str source = lf_plan_source(p->plan, planned);
    struct lf_resolution *reached;
    if (!source.data)
        return lf_error_oom(p->err);
    if (!walk(p, source, &reached))
        return false;
    bool meet = reached->outcome == LF_OUTCOME_OK &&
                lf_str_equal(reached->path, found->path);
    lf_resolution_free(reached);
    return meet ||
           report(p, planned, LF_CODE_WRONG_REFERENT,
                  lf_plan_text(p->plan,
                               "the link would reach %.*s and not its "
                               "source %.*s",
                               SHOW(lf_planned_resolves_to(planned)),
                               SHOW(source)),
                  lf_pair_begins(lf_planned_text(planned), '/')
                          ? "write the physical path of the source"
                          : "write `style: absolute`, or the physical path of "
                            "the source");
}

static bool judge_dir(struct prover *p, const struct lf_planned *planned,
                      bool *ret_ok)
{
    struct lf_str dir;
    int error;
    /* actions of one directory stand together */
    *ret_ok = true;
    if (planned->in->dir == p->judged)
        return true;
    /* they come in order, and are not asked for again */
    lf_resolver_trim(p->resolver);
    if (!lf_resolve_dir(p->resolver, *planned->in->dir, &dir, &error, p->err))
        return false;
    *ret_ok = error == 0 && lf_str_equal(dir, *planned->in->dir);
    p->judged = *ret_ok ? planned->in->dir : NULL;
    return *ret_ok ||
           report(p, planned, LF_CODE_LINK_ABOVE,
                  lf_plan_text(p->plan,
                               "%.*s would be reached through a link "
                               "that the same plan makes",
                               SHOW(*planned->in->dir)),
                  "link the directory or what is in it, not both");
}

static bool report_own_source(struct prover *p,
                              const struct lf_planned *planned)
{
    return report(p, planned, LF_CODE_OWN_SOURCE,
                  lf_plan_text(p->plan, "the link path is its own source"),
                  "let `into` and `from` be different directories");
}

static bool judge(struct prover *p, struct lf_planned *planned)
{
    bool ok;
    if (!judge_dir(p, planned, &ok))
        return false;
    if (!ok)
        return true;
    if (lf_planned_is_own_source(planned))
        return report_own_source(p, planned);
    bool serves;
    if (!lf_sibling_ask(&p->sibling, p->resolver, planned, &serves, p->err))
        return false;
    if (serves) {
        planned->links = 1;
        planned->direct = true;
        return true;
    }
    struct lf_resolution *found;
    struct lf_str path = lf_planned_path(planned, &p->room);
    if (!path.data)
        return lf_error_oom(p->err);
    if (!walk(p, path, &found))
        return false;
    bool done = found->outcome == LF_OUTCOME_OK
                        ? judge_meeting(p, planned, found)
                        : judge_failure(p, planned, found);
    lf_resolution_free(found);
    return done;
}

static int compare_strings(const void *a, const void *b)
{
    return lf_path_compare(*(const struct lf_str *)a,
                           *(const struct lf_str *)b);
}

/* Whether `dir` or one above it is held; the held one. */
static const struct lf_str *holder_of(const struct prover *p, struct lf_str dir)
{
    for (;;) {
        const struct lf_str *held = bsearch(&dir, p->holds, p->n_holds,
                                            sizeof(*p->holds), compare_strings);
        if (held || dir.len <= 1)
            return held;
        dir = lf_path_dir(dir);
    }
}

static bool judge_place(struct prover *p, const struct lf_planned *planned,
                        const struct lf_str *held)
{
    return report(p, planned, LF_CODE_INTO_SOURCE,
                  lf_plan_text(p->plan,
                               "the link path lies in %.*s, which is "
                               "a source: linking there would change "
                               "the source",
                               SHOW(*held)),
                  "choose another `into`, or take the link that leads to that "
                  "directory out of the manifest");
}

/* No link may stand where a source is: each directory is asked once. */
static bool judge_places(struct prover *p)
{
    const struct lf_desired *desired = p->request->desired;
    for (uint32_t i = 0; desired && i < desired->n_sources; i++)
        if (!hold(p, desired->sources[i]))
            return false;
    if (p->n_holds == 0)
        return true;
    qsort(p->holds, p->n_holds, sizeof(*p->holds), compare_strings);
    const struct lf_str *last = NULL, *held = NULL;
    for (uint32_t i = 0; i < p->plan->n_planned; i++) {
        const struct lf_planned *planned = &p->plan->planned[i];
        if (!lf_planned_leaves_link(planned))
            continue;
        if (planned->in->dir != last)
            held = holder_of(p, *planned->in->dir);
        last = planned->in->dir;
        if (held && !judge_place(p, planned, held))
            return false;
    }
    return true;
}

/* A source that stands in its own way does so whatever `conflict` says. Of what is
 * adopted by hand the conflict says it. */
static bool judge_conflict(struct prover *p, const struct lf_planned *planned)
{
    return planned->kind != LF_ACTION_CONFLICT || planned->is_dir ||
           p->plan->purpose == LF_PURPOSE_ADOPT ||
           !lf_planned_is_own_source(planned) || report_own_source(p, planned);
}

static bool judge_all(struct prover *p)
{
    for (uint32_t i = 0; i < p->plan->n_planned; i++) {
        struct lf_planned *planned = &p->plan->planned[i];
        bool ok = lf_planned_leaves_link(planned) ? judge(p, planned)
                                                  : judge_conflict(p, planned);
        if (!ok)
            return false;
    }
    return judge_places(p);
}

/* What only who acts has to know. */
static bool may_act(struct lf_plan *plan, const struct lf_plan_request *request,
                    struct lf_resolver *after, struct lf_error *err)
{
    return lf_plan_check_bystanders(plan, request, after, err) &&
           lf_plan_check_owners(plan, request, err) &&
           lf_plan_check_rights(plan, request, err);
}

bool lf_plan_prove(struct lf_plan *plan, const struct lf_plan_request *request,
                   struct lf_error *err)
{
    if (!lf_plan_check_ways(plan, request, err))
        return false;
    struct prover p = {.plan = plan, .request = request, .err = err};
    bool ok = lf_plan_check_adopts(plan, request->view, err) &&
              lf_view_overlay_on(request->resolver, &p.overlay, err) &&
              change_all(&p) && lf_resolver_new(p.overlay, &p.resolver, err) &&
              judge_all(&p) &&
              lf_plan_traverse(plan, request, p.resolver, err) &&
              (!request->audit ||
               lf_plan_audit(plan, request->manifest, p.resolver, err)) &&
              lf_plan_check_kept(plan, request, p.resolver, err) &&
              lf_plan_check_store(plan, request, err);
    if (ok && request->proved)
        request->proved(request->stage_arg);
    ok = ok && may_act(plan, request, p.resolver, err);
    lf_resolver_free(p.resolver);
    lf_view_free(p.overlay);
    free(p.holds);
    lf_buf_finish(&p.room);
    return ok;
}
