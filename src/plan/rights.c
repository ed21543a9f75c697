/* SPDX-License-Identifier: MIT */
/*
 * rights.c - what this process may not do
 *
 * The transaction would fail there and undo all that it did; what can be known
 * is said before anything changes. What cannot be known (a quota, a policy of
 * the system's, what changes meanwhile) is left to it.
 */
#include "base/path.h"
#include "plan/prove.h"
#include "platform/sys.h"

#include <errno.h>

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

enum { MODE_STICKY = 01000 };

struct rights {
    struct lf_plan *plan;
    struct lf_fs *fs;
    int root_fd;
    struct lf_str dir;     /* of the actions at hand; a view of theirs */
    int fd;                /* it, or negative: nothing is known of it */
    bool looked, sticky;   /* at its mode, which */
    struct lf_str missing; /* the directory that was found missing last */
    struct lf_error *err;
};

static bool tell(struct rights *r, const struct lf_planned *planned,
                 enum lf_code code, struct lf_str message, struct lf_str help)
{
    struct lf_finding finding = {
            .code = code,
            .path = lf_plan_path(r->plan, planned),
            .at = lf_plan_at(r->plan, lf_planned_at(planned)),
            .mark = lf_planned_mark(planned),
            .message = message,
            .help = help,
    };
    if (!finding.path.data || !message.data || !help.data || !finding.at.data)
        return lf_error_oom(r->err);
    return lf_plan_find(r->plan, &finding, r->err);
}

/* ---- directories ---- */

static struct lf_str cure_of_owner(struct rights *r, int fd)
{
    struct lf_node node;
    if (r->fs->stat(r->fs, fd, "", &node) < 0)
        return lf_str("give this user the right to write there");
    return lf_plan_text(r->plan,
                        "it belongs to user %u and has mode %04o: run as that "
                        "user, or as root, or give this user the right to "
                        "write there",
                        (unsigned)node.uid, (unsigned)node.mode);
}

static bool tell_dir(struct rights *r, const struct lf_planned *planned,
                     struct lf_str dir, int fd, int error)
{
    struct lf_plan *plan = r->plan;
    switch (error) {
    case -EACCES:
        return tell(r, planned, LF_CODE_DIR_RIGHTS,
                    lf_plan_text(plan, "%.*s may not be changed by user %u",
                                 SHOW(dir), (unsigned)lf_sys_uid()),
                    cure_of_owner(r, fd));
    case -EROFS:
        return tell(r, planned, LF_CODE_DIR_RIGHTS,
                    lf_plan_text(plan,
                                 "%.*s is on a file system that is mounted "
                                 "read-only",
                                 SHOW(dir)),
                    lf_str("mount it to be written: mount -o remount,rw"));
    case -EPERM:
        return tell(r, planned, LF_CODE_DIR_RIGHTS,
                    lf_plan_text(plan,
                                 "%.*s is immutable or append-only: no name "
                                 "in it can be changed",
                                 SHOW(dir)),
                    lf_str("see lsattr -d, and take the attribute off with "
                           "chattr -i or chattr -a"));
    default: /* what else it is, the step will say */
        return true;
    }
}

/* Open a directory that is there, ask, and tell; `*ret_fd` is -ENOENT for one
 * that is not, and negative after bad news, too. False only without memory. */
static bool enter(struct rights *r, const struct lf_planned *planned,
                  struct lf_str dir, int *ret_fd)
{
    *ret_fd = -1;
    struct lf_str path = lf_arena_str(&r->plan->arena, dir);
    if (!path.data)
        return lf_error_oom(r->err);
    int fd = r->fs->open_dir(r->fs, r->root_fd, path.data + 1, LF_DIR_PATH);
    if (fd < 0) { /* to be made, or a link that gives way to it */
        *ret_fd = fd;
        return true;
    }
    int error = r->fs->may_change(r->fs, fd);
    if (error == 0) {
        *ret_fd = fd;
        return true;
    }
    bool ok = tell_dir(r, planned, dir, fd, error);
    r->fs->close(r->fs, fd);
    return ok;
}

static void leave(struct rights *r, int fd)
{
    if (fd >= 0)
        r->fs->close(r->fs, fd);
}

/* ---- nodes ---- */

/* Whether what stands at the place has to give way. */
static bool takes(const struct lf_planned *planned)
{
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_RELINK:
    case LF_ACTION_REPLACE:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
    case LF_ACTION_PRUNE:
    case LF_ACTION_RESTORE:
    case LF_ACTION_RMDIR:
        return lf_planned_stands(planned) != LF_NODE_NOTHING;
    case LF_ACTION_CREATE:
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_SKIP:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_MKDIR:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return false;
}

static bool tell_node(struct rights *r, const struct lf_planned *planned,
                      int error)
{
    struct lf_plan *plan = r->plan;
    struct lf_str path = lf_plan_path(plan, planned);
    if (!path.data)
        return lf_error_oom(r->err);
    switch (error) {
    case -EACCES:
        return tell(r, planned, LF_CODE_NODE_RIGHTS,
                    lf_plan_text(plan,
                                 "%.*s is another user's, and its directory "
                                 "lets only owners move what is in it (the "
                                 "sticky bit)",
                                 SHOW(path)),
                    lf_str("run as its owner, or as root"));
    case -EPERM:
        return tell(r, planned, LF_CODE_NODE_RIGHTS,
                    lf_plan_text(plan,
                                 "%.*s is immutable or append-only, and cannot "
                                 "be moved",
                                 SHOW(path)),
                    lf_str("see lsattr -d, and take the attribute off with "
                           "chattr -i or chattr -a"));
    case -EBUSY:
        return tell(r, planned, LF_CODE_NODE_RIGHTS,
                    lf_plan_text(plan,
                                 "%.*s is a mount point, and cannot be moved",
                                 SHOW(path)),
                    lf_str("unmount it, or leave it alone: conflict: skip"));
    default:
        return true;
    }
}

/* A directory gets another parent in the store, and so is written itself. */
static bool judge_moved_dir(struct rights *r, const struct lf_planned *planned)
{
    int fd;
    struct lf_str path = lf_plan_path(r->plan, planned);
    if (!path.data)
        return lf_error_oom(r->err);
    if (!enter(r, planned, path, &fd))
        return false;
    leave(r, fd);
    return true;
}

/* Whether the directory may let only owners take. Where that cannot be told, it may;
 * root is not bound. */
static bool is_sticky(struct rights *r)
{
    struct lf_node node;
    if (!r->looked && lf_sys_uid() != 0)
        r->sticky = r->fs->stat(r->fs, r->fd, "", &node) < 0 ||
                    node.mode & MODE_STICKY;
    r->looked = true;
    return r->sticky;
}

static bool judge(struct rights *r, const struct lf_planned *planned)
{
    int error = 0, fd;
    if (!takes(planned))
        return true;
    /* a link has no attributes and is no mount point: most need no look */
    if (lf_planned_stands(planned) != LF_NODE_LINK || is_sticky(r))
        error = r->fs->may_take(r->fs, r->fd, lf_planned_name(planned).data);
    if (error < 0)
        return tell_node(r, planned, error);
    if (planned->kind == LF_ACTION_BACKUP &&
        lf_planned_stands(planned) == LF_NODE_DIR)
        return judge_moved_dir(r, planned);
    if (planned->kind != LF_ACTION_ADOPT)
        return true;
    if (!enter(r, planned, lf_planned_source_dir(planned), &fd))
        return false;
    leave(r, fd);
    return true;
}

static bool enter_next(struct rights *r, const struct lf_planned *planned)
{
    leave(r, r->fd);
    r->fd = -ENOENT;
    r->looked = r->sticky = false;
    r->dir = *planned->in->dir;
    if (r->missing.data && lf_path_within(r->dir, r->missing))
        return true;
    if (!enter(r, planned, r->dir, &r->fd))
        return false;
    if (r->fd == -ENOENT)
        r->missing = r->dir;
    return true;
}

/* Actions of one directory stand together, so each is opened once. */
static bool judge_all(struct rights *r)
{
    for (uint32_t i = 0; i < r->plan->n_planned; i++) {
        const struct lf_planned *planned = &r->plan->planned[i];
        if (!lf_action_acts(planned->kind))
            continue;
        bool next = !r->dir.data || !lf_str_equal(r->dir, *planned->in->dir);
        if (next && !enter_next(r, planned))
            return false;
        if (r->fd >= 0 && !judge(r, planned))
            return false;
    }
    return true;
}

bool lf_plan_check_rights(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err)
{
    struct rights r = {.plan = plan,
                       .fs = request->fs,
                       .root_fd = request->root_fd,
                       .fd = -1,
                       .err = err};
    if (!r.fs || !r.fs->may_change || !r.fs->may_take ||
        request->purpose == LF_PURPOSE_STATUS)
        return true;
    bool ok = judge_all(&r);
    leave(&r, r.fd);
    return ok;
}
