/* SPDX-License-Identifier: MIT */
/*
 * bystanders.c - links that are not ours, next to places that change
 *
 * A link of the user's may lead through what the plan changes. In each directory
 * in which the plan acts, every other link is resolved in the disk as it is and
 * as it will be. One that led somewhere, and would lead nowhere or go round in
 * circles, is a finding: nothing of the plan is applied, and the user is told.
 *
 * Taking a farm away or back is not held up by this: it could never be done
 * where a link of the user's leads to one of ours.
 */
#include "base/path.h"
#include "base/texts.h"
#include "base/util.h"
#include "plan/prove.h"

#include <stdlib.h>
#include <string.h>

struct bystanders {
    struct lf_plan *plan;
    const struct lf_plan_request *request;
    struct lf_resolver *after;
    struct lf_error *err;
    const struct lf_planned *rows; /* of the directory that is being read, */
    uint32_t n_rows;               /* by name */
    struct lf_arena names;         /* of what else is in it */
    struct lf_str *links;
    uint32_t n_links, link_capacity;
    bool no_memory;
};

/* Whether the plan says something of a name in the directory. */
static bool is_planned(const struct bystanders *b, struct lf_str name)
{
    uint32_t low = 0, high = b->n_rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = lf_str_compare(lf_planned_name(&b->rows[middle]), name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool note_link(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct bystanders *b = arg;
    void *links = b->links;
    if (kind != LF_NODE_LINK && kind != LF_NODE_UNKNOWN)
        return true;
    if (is_planned(b, name))
        return true;
    struct lf_str copy = lf_arena_str(&b->names, name);
    if (!copy.data || !lf_array_reserve(&links, b->n_links, &b->link_capacity,
                                        sizeof(copy))) {
        b->no_memory = true;
        return false;
    }
    b->links = links;
    b->links[b->n_links++] = copy;
    return true;
}

/* The links in `dir` that the plan says nothing of. One that is gone has none; one that
 * cannot be read was not asked for by anybody, and is left alone. */
static bool read_links(struct bystanders *b, struct lf_str dir)
{
    struct lf_fs *fs = b->request->fs;
    lf_arena_finish(&b->names);
    b->n_links = 0;
    struct lf_str path = lf_arena_str(&b->names, dir);
    if (!path.data)
        return lf_error_oom(b->err);
    int fd = fs->open_dir(fs, b->request->root_fd, path.data + 1, LF_DIR_READ);
    if (fd < 0)
        return true;
    (void)fs->list(fs, fd, note_link, b);
    fs->close(fs, fd);
    if (b->no_memory)
        return lf_error_oom(b->err);
    b->n_links = lf_texts_sort(b->links, b->n_links);
    return true;
}

static bool may_stay(const struct bystanders *b,
                     const struct lf_resolution *after)
{
    return after->outcome == LF_OUTCOME_OK ||
           (after->outcome == LF_OUTCOME_MISSING && b->request->manifest &&
            lf_manifest_allows_dangling(b->request->manifest));
}

static bool report(struct bystanders *b, struct lf_str path,
                   const struct lf_resolution *after)
{
    enum lf_code code = after->outcome == LF_OUTCOME_LOOP ? LF_CODE_LINK_LOOP
                        : after->outcome == LF_OUTCOME_TOO_MANY
                                ? LF_CODE_LINK_CHAIN
                                : LF_CODE_DANGLING;
    struct lf_finding finding = {
            .code = code,
            .path = path,
            .message = lf_plan_text(
                    b->plan,
                    "%.*s, a link that is not ours, would lead nowhere: %s at "
                    "%.*s",
                    (int)path.len, path.data, lf_errno_name(after->error),
                    (int)after->path.len, after->path.data),
            .help = lf_str("remove that link, or keep what it leads to; one "
                           "that may dangle is let be by defaults: "
                           "{dangling: allow}"),
    };
    if (!finding.message.data)
        return lf_error_oom(b->err);
    return lf_plan_find(b->plan, &finding, b->err);
}

static bool judge(struct bystanders *b, struct lf_str path)
{
    struct lf_resolve_request request = {.path = path};
    struct lf_resolution *before, *after;
    if (!lf_resolve(b->request->resolver, &request, &before, b->err))
        return false;
    bool led = before->outcome == LF_OUTCOME_OK;
    lf_resolution_free(before);
    if (!led)
        return true;
    if (!lf_resolve(b->after, &request, &after, b->err))
        return false;
    bool ok = may_stay(b, after) || report(b, path, after);
    lf_resolution_free(after);
    return ok;
}

static bool judge_dir(struct bystanders *b, struct lf_str dir)
{
    if (!read_links(b, dir))
        return false;
    for (uint32_t i = 0; i < b->n_links; i++) {
        struct lf_str path = lf_path_join(&b->names, dir, b->links[i]);
        if (!path.data)
            return lf_error_oom(b->err);
        if (!judge(b, path))
            return false;
    }
    return true;
}

/* The rows of one directory stand together: how many there are from `first` on, and
 * whether one of them acts. */
static uint32_t rows_from(const struct lf_plan *plan, uint32_t first,
                          bool *ret_acts)
{
    const struct lf_str *dir = plan->planned[first].in->dir;
    uint32_t end = first;
    *ret_acts = false;
    for (; end < plan->n_planned && plan->planned[end].in->dir == dir; end++)
        *ret_acts |= lf_action_acts(plan->planned[end].kind);
    return end - first;
}

/* Each directory is read once; one that the plan makes has nothing in it yet. */
static bool judge_all(struct bystanders *b)
{
    const struct lf_plan *plan = b->plan;
    for (uint32_t i = 0; i < plan->n_planned; i += b->n_rows) {
        bool acts;
        b->rows = &plan->planned[i];
        b->n_rows = rows_from(plan, i, &acts);
        if (acts && !b->rows->in->is_new && !judge_dir(b, *b->rows->in->dir))
            return false;
    }
    return true;
}

bool lf_plan_check_bystanders(struct lf_plan *plan,
                              const struct lf_plan_request *request,
                              struct lf_resolver *after, struct lf_error *err)
{
    struct bystanders b = {
            .plan = plan,
            .request = request,
            .after = after,
            .err = err,
    };
    if (request->purpose != LF_PURPOSE_APPLY || !request->fs)
        return true;
    bool ok = judge_all(&b);
    lf_arena_finish(&b.names);
    free(b.links);
    return ok;
}
