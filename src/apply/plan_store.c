/* SPDX-License-Identifier: MIT */
/*
 * plan_store.c - whether the stores will do for a plan
 *
 * Where others than root can change what is kept, root keeps nothing, and takes nothing
 * back; a user keeps nothing in another's store; and a store is no use in which nobody
 * may change a name. That is found when the plan is made, so that a plan that is shown is
 * one that can be carried out; who carries it out asks again.
 */
#include "apply/planner.h"
#include "apply/store.h"
#include "apply/store_way.h"
#include "base/path.h"
#include <errno.h>
#include <inttypes.h>

struct judging {
    struct lf_planner *p;
    struct lf_plan *plan;
    struct lf_store store;
    bool no_state;               /* the state directory is still to be made */
    const struct lf_str *judged; /* the directory that was asked about last, */
    const char *room;            /* the store, */
    const struct lf_displaced *kept; /* and the stored node */
    struct lf_error *err;
};

/* What has changed meanwhile is found where it is acted on; and where nobody may look,
 * nobody may change a name, which the plan has told by now. */
static bool note(struct judging *j, const struct lf_planned *planned,
                 const struct lf_error *why)
{
    if (why->code == LF_CODE_STALE || why->os_errno == EACCES)
        return true;
    if (why->code != LF_CODE_STORE_UNSAFE) {
        *j->err = *why;
        return false;
    }
    return lf_plan_find_at(j->plan, planned, why->code, lf_str(why->message),
                           lf_str(why->help), j->err);
}

/* A store gets a folder, or is made; a folder of it loses a node. Of the state's own the
 * state directory answers for that, as for the ledger. */
static bool judge_rights(struct judging *j, const struct lf_planned *planned,
                         struct lf_str store, struct lf_str folder)
{
    struct lf_store_alien alien;
    struct lf_store_roots roots = {
            .fs = j->p->t->fs,
            .root_fd = j->p->t->root_fd,
            .state_fd = -1,
    };
    struct lf_str dir = store;
    if (store.len == 0)
        return true;
    LF_AUTO_CLOSE struct lf_fd fd = {
            roots.fs,
            lf_store_open(&roots, store, folder, LF_DIR_PATH, &alien)};
    if (folder.len > 0) {
        dir = lf_plan_text(j->plan, "%.*s/%s", (int)store.len, store.data,
                           folder.data);
    } else if (fd.fd == -ENOENT) {
        dir = lf_path_dir(store);
        fd.fd = lf_store_open_above(&roots, dir, LF_DIR_PATH, &alien);
    }
    return fd.fd < 0 ||
           lf_plan_check_room(j->plan, roots.fs, planned, dir, fd.fd, j->err);
}

/* The rows of one directory stand together, and go to one store. */
static bool judge_room(struct judging *j, const struct lf_planned *planned,
                       const struct lf_str *dir)
{
    struct lf_error why = {0};
    struct lf_str where;
    if (dir == j->judged)
        return true;
    j->judged = dir;
    bool ok = lf_store_choose(&j->store, *dir, &where, &why) &&
              ((where.len == 0 && j->no_state) ||
               lf_store_judge(&j->store, where, *dir, &why));
    if (!ok)
        return note(j, planned, &why);
    bool again = where.data == j->room;
    j->room = where.data;
    return again || judge_rights(j, planned, where, lf_str(""));
}

/* Its old source, if there is one. */
static bool judge_adopt(struct judging *j, const struct lf_planned *planned)
{
    struct lf_error why = {0};
    struct lf_image old;
    const struct lf_str *dir = planned->in->source_dir;
    if (!lf_store_look(&j->store, *dir, lf_planned_source_name(planned), &old,
                       &why))
        return note(j, planned, &why);
    return old.kind == LF_NODE_NOTHING || judge_room(j, planned, dir);
}

static bool is_same_folder(const struct lf_displaced *a,
                           const struct lf_displaced *b)
{
    return a && a->transaction == b->transaction &&
           lf_str_equal(a->store, b->store);
}

static bool judge_stored(struct judging *j, const struct lf_planned *planned)
{
    struct lf_error why = {0};
    const struct lf_displaced *from = lf_planned_displaced(planned);
    if (is_same_folder(j->kept, from))
        return true;
    j->kept = from;
    if (!lf_store_trusts(&j->store, from, *planned->in->dir, &why))
        return note(j, planned, &why);
    return judge_rights(j, planned, from->store,
                        lf_plan_text(j->plan, "%" PRIu64, from->transaction));
}

static bool judge(struct judging *j, const struct lf_planned *planned)
{
    switch (planned->kind) {
    case LF_ACTION_BACKUP:
        return judge_room(j, planned, planned->in->dir);
    case LF_ACTION_ADOPT:
        return judge_adopt(j, planned);
    case LF_ACTION_RESTORE:
        return judge_stored(j, planned);
    default:
        return true;
    }
}

static bool judge_all(struct judging *j, int state_fd)
{
    struct lf_compiled scratch = {0};
    struct lf_compile_request request = {
            .plan = j->plan,
            .fs = j->p->t->fs,
            .root_fd = j->p->t->root_fd,
            .state_fd = state_fd,
            .transaction = j->plan->base + 1,
    };
    bool ok = true;
    lf_store_init(&j->store, &request, &scratch);
    for (uint32_t i = 0; ok && i < j->plan->n_planned; i++)
        ok = judge(j, &j->plan->planned[i]);
    lf_store_finish(&j->store);
    lf_compiled_finish(&scratch);
    return ok;
}

static bool uses_stores(const struct lf_plan *plan)
{
    size_t count = 0;
    for (unsigned is_dir = 0; is_dir < 2; is_dir++)
        count += plan->counts[LF_ACTION_BACKUP][is_dir] +
                 plan->counts[LF_ACTION_ADOPT][is_dir] +
                 plan->counts[LF_ACTION_RESTORE][is_dir];
    return count > 0;
}

bool lf_planner_check_stores(struct lf_planner *p, struct lf_plan *plan,
                             struct lf_error *err)
{
    struct lf_transaction *t = p->t;
    struct judging j = {
            .p = p,
            .plan = plan,
            .no_state = t->state.fd < 0,
            .err = err,
    };
    if (plan->purpose == LF_PURPOSE_STATUS || !uses_stores(plan))
        return true;
    if (!j.no_state)
        return judge_all(&j, t->state.fd);
    const char *root = t->options.root;
    LF_AUTO_CLOSE struct lf_fd above = {
            t->fs,
            lf_state_nearest(&t->state, root ? lf_str(root) : lf_str(""))};
    /* who makes it there will say why that cannot be */
    return above.fd < 0 || judge_all(&j, above.fd);
}
