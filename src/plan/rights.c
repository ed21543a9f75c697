/* SPDX-License-Identifier: MIT */
/*
 * rights.c - what this process may not do
 *
 * The transaction would fail there and undo all that it did; what can be known
 * is said before anything changes. What cannot be known (a quota, a policy of
 * the system's, what changes meanwhile) is left to it.
 */
#include "base/escape.h"
#include "base/path.h"
#include "plan/prove.h"
#include "platform/near.h"
#include "platform/root.h"
#include "platform/sys.h"
#include "platform/threads.h"

#include <errno.h>
#include <stdatomic.h>

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

enum {
    MODE_STICKY = 01000,
    OWNER_CHANGES = 0300, /* wx: to change names in a directory of one's own */
    OWNER_SEARCHES = 0100,
    STRETCH = 512,       /* actions that a thread takes at a time */
    SHARED_LEAST = 4096, /* actions that are worth another thread */
};

struct rights {
    struct lf_plan *plan;
    struct lf_fs *fs;
    struct lf_near near; /* where directories are looked up from */
    struct lf_buf path;  /* of the one that was entered last */
    bool modes_only;     /* the actions at hand change no names in `dir` */
    bool quiet;          /* stop where there is something to tell */
    struct lf_str dir;   /* of the actions at hand; a view of theirs */
    int fd;              /* it, or negative: nothing is known of it */
    bool looked, sticky; /* at its mode, which */
    struct lf_error *err;
};

static bool tell(struct rights *r, const struct lf_planned *planned,
                 enum lf_code code, struct lf_str message, struct lf_str help)
{
    return lf_plan_find_at(r->plan, planned, code, message, help, r->err);
}

/* ---- directories ---- */

static struct lf_str cure_of_mode(struct rights *r, struct lf_str dir,
                                  uint32_t mode)
{
    struct lf_buf shown = {0};
    lf_escape_argument(&shown, dir);
    struct lf_str cure =
            lf_buf_failed(&shown)
                    ? lf_str(NULL)
                    : lf_plan_text(r->plan,
                                   "it is this user's own and has mode %04o: "
                                   "chmod u+wx %s",
                                   (unsigned)mode, shown.data);
    lf_buf_finish(&shown);
    return cure;
}

static struct lf_str cure_of_owner(struct rights *r, struct lf_str dir, int fd)
{
    struct lf_node node;
    if (r->fs->stat(r->fs, fd, "", &node) < 0)
        return lf_str("give this user the right to write there");
    if (node.uid == lf_sys_uid() &&
        (node.mode & OWNER_CHANGES) != OWNER_CHANGES)
        return cure_of_mode(r, dir, node.mode);
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
    if (r->quiet)
        return false;
    switch (error) {
    case -EACCES:
        return tell(r, planned, LF_CODE_DIR_RIGHTS,
                    lf_plan_text(plan, "%.*s may not be changed by user %u",
                                 SHOW(dir), (unsigned)lf_sys_uid()),
                    cure_of_owner(r, dir, fd));
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

bool lf_plan_check_room(struct lf_plan *plan, struct lf_fs *fs,
                        const struct lf_planned *planned, struct lf_str dir,
                        int fd, struct lf_error *err)
{
    struct rights r = {.plan = plan, .fs = fs, .fd = -1, .err = err};
    int error = fs->may_change ? fs->may_change(fs, fd) : 0;
    return error == 0 || tell_dir(&r, planned, dir, fd, error);
}

static int open_dir(struct rights *r, struct lf_str dir)
{
    const char *rest;
    lf_buf_clear(&r->path);
    lf_buf_add(&r->path, dir);
    if (lf_buf_failed(&r->path))
        return -ENOMEM;
    int at = lf_near_at(&r->near, lf_buf_str(&r->path), &rest);
    return r->fs->open_dir(r->fs, at, rest, LF_DIR_PATH);
}

/* Open a directory that is there, ask, and tell; `*ret_fd` is negative for one that is
 * not, and after bad news. False without memory, and when there is something to
 * tell but not here. */
static bool enter(struct rights *r, const struct lf_planned *planned,
                  struct lf_str dir, int *ret_fd)
{
    *ret_fd = -1;
    int fd = open_dir(r, dir);
    if (fd == -ENOMEM)
        return lf_error_oom(r->err);
    if (fd < 0) { /* gone, or a link that gives way to it */
        *ret_fd = fd;
        return true;
    }
    int error = r->fs->may_change(r->fs, fd);
    if (error == 0 ||
        (r->modes_only && (error == -EACCES || error == -EPERM))) {
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

/* Whether an entry says that it gives way, and could say skip. */
static bool has_policy(const struct lf_planned *planned)
{
    return planned->line != 0 && (planned->kind == LF_ACTION_BACKUP ||
                                  planned->kind == LF_ACTION_ADOPT);
}

/* Of its place, or of the source that it gives way to. */
static bool tell_node(struct rights *r, const struct lf_planned *planned,
                      bool is_source, int error)
{
    struct lf_plan *plan = r->plan;
    if (r->quiet)
        return false;
    struct lf_str path = is_source ? lf_plan_source(plan, planned)
                                   : lf_plan_path(plan, planned);
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
                    lf_str(lf_sys_uid() == 0 ? "run as its owner, or with the "
                                               "capability CAP_FOWNER"
                                             : "run as its owner, or as root"));
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
                    lf_str(has_policy(planned)
                                   ? "unmount it, or leave it alone: conflict: "
                                     "skip"
                                   : "unmount it"));
    default:
        return true;
    }
}

/* A directory gets another parent in the store, and so is written itself. */
static bool judge_moved_dir(struct rights *r, const struct lf_planned *planned)
{
    int fd;
    struct lf_buf room = {0};
    struct lf_str path =
            lf_path_in(&room, *planned->in->dir, lf_planned_name(planned));
    bool ok = path.data ? enter(r, planned, path, &fd) : lf_error_oom(r->err);
    if (ok)
        leave(r, fd);
    lf_buf_finish(&room);
    return ok;
}

/* An old source, if there is one, goes to the store. */
static bool judge_source(struct rights *r, const struct lf_planned *planned)
{
    int fd;
    if (!enter(r, planned, lf_planned_source_dir(planned), &fd))
        return false;
    int error = fd < 0 ? 0
                       : r->fs->may_take(r->fs, fd,
                                         lf_planned_source_name(planned).data);
    leave(r, fd);
    return error == 0 || error == -ENOENT || tell_node(r, planned, true, error);
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
    int error = 0;
    if (!takes(planned))
        return true;
    /* a link has no attributes and is no mount point: most need no look */
    if (lf_planned_stands(planned) != LF_NODE_LINK || is_sticky(r))
        error = r->fs->may_take(r->fs, r->fd, lf_planned_name(planned).data);
    if (error < 0)
        return tell_node(r, planned, false, error);
    if (planned->kind == LF_ACTION_BACKUP &&
        lf_planned_stands(planned) == LF_NODE_DIR)
        return judge_moved_dir(r, planned);
    return planned->kind != LF_ACTION_ADOPT || judge_source(r, planned);
}

/* ---- modes ---- */

static bool stays(const struct lf_planned *planned)
{
    return planned->kind != LF_ACTION_PRUNE &&
           planned->kind != LF_ACTION_RMDIR &&
           planned->kind != LF_ACTION_RESTORE &&
           planned->kind != LF_ACTION_FORGET;
}

/* The first row in `dir`, or where it would be: rows are in the order of directories. */
static const struct lf_planned *first_in(const struct lf_plan *plan,
                                         struct lf_str dir)
{
    uint32_t from = 0, to = plan->n_planned;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (lf_path_compare(*plan->planned[middle].in->dir, dir) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return plan->planned + from;
}

/* Whether the farm will have something in the directory of this row. */
static bool is_used(const struct lf_plan *plan,
                    const struct lf_planned *planned)
{
    const struct lf_planned *end = plan->planned + plan->n_planned;
    struct lf_str dir = lf_planned_dir_path(planned);
    for (const struct lf_planned *in = first_in(plan, dir);
         in < end && lf_str_equal(*in->in->dir, dir); in++)
        if (stays(in))
            return true;
    return false;
}

/* Without the right to search a directory, nobody would find again what is in it: a
 * second apply could not look at it, and nothing could take it away. Root always may. */
static bool judge_mode(struct rights *r, const struct lf_planned *planned)
{
    struct lf_plan *plan = r->plan;
    if (!planned->is_dir || !planned->exact_mode ||
        (planned->mode & OWNER_SEARCHES) || lf_sys_uid() == 0 ||
        !is_used(plan, planned))
        return true;
    struct lf_str path = lf_planned_dir_path(planned);
    return !r->quiet &&
           tell(r, planned, LF_CODE_DIR_RIGHTS,
                lf_plan_text(plan,
                             "%.*s would have mode %04o, and user %u could not "
                             "look at what the farm has in it",
                             SHOW(path), (unsigned)planned->mode,
                             (unsigned)lf_sys_uid()),
                lf_str("give its owner the right to search it in `mode`"));
}

/* ---- the whole ---- */

/* chmod(2) changes a directory, and none of the names where it stands. */
static bool sets_modes_only(const struct rights *r,
                            const struct lf_planned *planned)
{
    const struct lf_planned *end = r->plan->planned + r->plan->n_planned;
    struct lf_str dir = *planned->in->dir;
    while (planned < end && lf_str_equal(*planned->in->dir, dir) &&
           (planned->kind == LF_ACTION_CHMOD || !lf_action_acts(planned->kind)))
        planned++;
    return planned == end || !lf_str_equal(*planned->in->dir, dir);
}

static bool enter_next(struct rights *r, const struct lf_planned *planned)
{
    leave(r, r->fd);
    r->fd = -ENOENT;
    r->looked = r->sticky = false;
    r->dir = *planned->in->dir;
    r->modes_only = sets_modes_only(r, planned);
    return enter(r, planned, r->dir, &r->fd);
}

/* Actions of one directory stand together, so each is opened once. In one that the
 * plan makes everything may be done. */
static bool judge_some(struct rights *r, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const struct lf_planned *planned = &r->plan->planned[i];
        if (!lf_action_acts(planned->kind))
            continue;
        if (!judge_mode(r, planned))
            return false;
        if (planned->in->is_new)
            continue;
        bool next = !r->dir.data || !lf_str_equal(r->dir, *planned->in->dir);
        if (next && !enter_next(r, planned))
            return false;
        if (r->fd >= 0 && !judge(r, planned))
            return false;
    }
    return true;
}

static void finish(struct rights *r)
{
    leave(r, r->fd);
    lf_near_end(&r->near);
    lf_buf_finish(&r->path);
}

/* ---- by several threads ---- */

struct shared_rights {
    struct lf_plan *plan;
    const struct lf_plan_request *request;
    atomic_uint_least32_t next; /* action that nobody has taken */
    atomic_bool wrong;
};

static void judge_share(void *arg, unsigned index)
{
    struct shared_rights *shared = arg;
    const struct lf_plan_request *request = shared->request;
    const struct lf_planned *planned = shared->plan->planned;
    uint32_t n = shared->plan->n_planned;
    struct lf_fs *fs = request->shared_fs;
    struct lf_error ignored;
    int root_fd = lf_root_for(fs, request->root_fd, index);
    struct rights r = {.plan = shared->plan,
                       .fs = fs,
                       .quiet = true,
                       .fd = -1,
                       .err = &ignored};
    lf_near_begin(&r.near, fs, root_fd, *planned[n / 2].in->dir,
                  *planned[n - 1].in->dir);
    while (!atomic_load(&shared->wrong)) {
        uint32_t from = atomic_fetch_add(&shared->next, STRETCH);
        if (from >= n)
            break;
        if (!judge_some(&r, from, n - from < STRETCH ? n : from + STRETCH))
            atomic_store(&shared->wrong, true);
    }
    finish(&r);
    lf_root_done(fs, request->root_fd, root_fd);
}

/* Whether threads find nothing that would have to be told. What there is to tell is
 * told by one, in the order of the plan. */
static bool nothing_is_wrong(struct lf_plan *plan,
                             const struct lf_plan_request *request)
{
    uint32_t least = request->least ? request->least : SHARED_LEAST;
    if (request->threads <= 1 || plan->n_planned < least)
        return false;
    struct shared_rights shared = {.plan = plan, .request = request};
    atomic_init(&shared.next, 0);
    atomic_init(&shared.wrong, false);
    lf_threads_run(request->threads, judge_share, &shared);
    return !atomic_load(&shared.wrong);
}

bool lf_plan_check_rights(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err)
{
    struct lf_fs *fs = request->fs;
    if (!fs || !fs->may_change || !fs->may_take ||
        nothing_is_wrong(plan, request))
        return true;
    struct rights r = {.plan = plan, .fs = fs, .fd = -1, .err = err};
    lf_near_begin(&r.near, fs, request->root_fd, LF_STR(""), LF_STR(""));
    bool ok = judge_some(&r, 0, plan->n_planned);
    finish(&r);
    return ok;
}
