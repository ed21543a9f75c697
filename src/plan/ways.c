/* SPDX-License-Identifier: MIT */
/*
 * ways.c - link paths that lead through links
 */
#include "base/path.h"
#include "manifest/model.h"
#include "plan/prove.h"
#include "resolve/tell.h"

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

/* To link into what another farm links to is seldom what is meant. */
#define CURE                                                                   \
    "where its tree is folded, let it say fold: never, and apply it first;\n"  \
    "to link into the link's target instead, name the link, as spelled, "      \
    "under traverse"

/* The farm that made the link at `place`, if it is another one; else NULL. */
static const struct lf_recorded *maker_of(const struct lf_plan_request *request,
                                          struct lf_str place)
{
    const struct lf_ledger *ledger = request->ledger;
    for (uint32_t i = 0; place.len > 0 && ledger && i < ledger->n_farms; i++) {
        const struct lf_recorded *farm = ledger->farms[i];
        if (lf_str_equal(farm->name, request->farm))
            continue;
        const struct lf_item *item = lf_set_find(&farm->set, lf_path_dir(place),
                                                 lf_path_name(place));
        if (item && farm->records[item->detail].kind == LF_RECORD_LINK)
            return farm;
    }
    return NULL;
}

static bool add_misplaced(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err)
{
    const struct lf_desired *desired = request->desired;
    for (uint32_t i = 0; desired && i < desired->n_misplaced; i++) {
        const struct lf_misplaced *from = &desired->misplaced[i];
        struct lf_finding finding = {
                .code = from->code,
                .path = from->path,
                .mark = from->mark,
                .message = from->message,
                .help = from->help,
        };
        if (from->mark.source)
            finding.at = lf_plan_at(
                    plan, (struct lf_at){from->mark.source->name,
                                         from->mark.line, from->mark.column});
        const struct lf_recorded *maker = maker_of(request, from->blocked);
        if (maker)
            finding.help =
                    lf_plan_text(plan, "the farm '%.*s' made that link: " CURE,
                                 SHOW(maker->name));
        if ((from->mark.source && !finding.at.data) ||
            (maker && !finding.help.data))
            return lf_error_oom(err);
        if (!lf_plan_find(plan, &finding, err))
            return false;
    }
    return true;
}

/* The way to `into`, and the farm that made a link on it. */
struct leading {
    const struct lf_plan_request *request;
    const struct lf_recorded *maker; /* NULL: none yet */
    struct lf_str place;
};

static bool look_who_leads(void *arg, struct lf_follow *follow)
{
    struct leading *leading = arg;
    if (lf_traverses(leading->request->manifest, follow->path, follow->spelled))
        return true;
    leading->maker = maker_of(leading->request, follow->path);
    leading->place = follow->path;
    return !leading->maker;
}

static bool leaves_links(const struct lf_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_planned; i++)
        if (lf_planned_leaves_link(&plan->planned[i]))
            return true;
    return false;
}

/*
 * The way to `into` may have links, but not another farm's: where that one has folded
 * its tree, all links would be made among its sources.
 */
static bool check_into(struct lf_plan *plan,
                       const struct lf_plan_request *request,
                       struct lf_error *err)
{
    const struct lf_manifest *manifest = request->manifest;
    struct leading leading = {.request = request};
    if (!manifest || manifest->into.len == 0 || !leaves_links(plan))
        return true;
    if (!lf_followed_links(request->resolver, manifest->into, look_who_leads,
                           &leading, err))
        return false;
    if (!leading.maker)
        return true;
    const struct lf_mark *mark = &manifest->into_mark;
    struct lf_finding finding = {
            .code = LF_CODE_THROUGH_LINK,
            .path = manifest->into,
            .mark = *mark,
            .at = lf_plan_at(plan, (struct lf_at){mark->source->name,
                                                  mark->line, mark->column}),
            .message = lf_plan_text(plan,
                                    "into leads through %.*s, which is a link "
                                    "of the farm '%.*s'",
                                    SHOW(leading.place),
                                    SHOW(leading.maker->name)),
            .help = LF_STR(CURE),
    };
    if (!finding.at.data || !finding.message.data)
        return lf_error_oom(err);
    return lf_plan_find(plan, &finding, err);
}

bool lf_plan_check_ways(struct lf_plan *plan,
                        const struct lf_plan_request *request,
                        struct lf_error *err)
{
    return add_misplaced(plan, request, err) && check_into(plan, request, err);
}
