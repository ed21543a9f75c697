/* SPDX-License-Identifier: MIT */
/*
 * state.c - finding, making and trusting the state directory
 */
#include "ledger/state.h"

#include "base/cures.h"
#include "base/escape.h"
#include "base/path.h"
#include "base/util.h"
#include "ledger/state_io.h"
#include "platform/sys.h"

#include <errno.h>

static const char *odd_file(int error)
{
    switch (error) {
    case -LF_NOT_A_FILE:
        return "it is not a regular file";
    case -LF_NOT_OURS:
        return "it belongs to another user";
    case -LF_TOO_LARGE:
        return "it is larger than such a file may be";
    case -LF_NOT_A_DIR:
        return "it is no directory, or lies in none";
    default:
        return NULL;
    }
}

/* What can be done about it; NULL: nothing that it does not say itself. */
static const char *cure_of(int error)
{
    switch (error) {
    case -ENOSPC:
    case -EDQUOT:
        return "make room there, then run the command again";
    case -EFBIG:
        return "let files be larger: ulimit -f";
    case -EMFILE:
    case -ENFILE:
        return LF_CURE_OPEN_FILES;
    case -EROFS:
        return "mount it to be written: mount -o remount,rw";
    case -EPERM:
        return "if lsattr -d shows that it is immutable or append-only, take "
               "that off: chattr -i or chattr -a";
    default:
        return NULL;
    }
}

bool lf_state_fail(const struct lf_state *state, enum lf_code code, int error,
                   const char *what, const char *name, struct lf_error *err)
{
    struct lf_buf path = {0}, shown = {0};
    /* of no memory it is said that nothing was done, and here all is */
    if (error == -ENOMEM && code != LF_CODE_SYNC)
        return lf_error_oom(err);
    lf_path_add(&path, state->path, lf_str(name));
    lf_escape_shown(&shown, lf_buf_str(&path));
    const char *odd = odd_file(error);
    lf_error_set(err, code, odd ? EINVAL : -error, "cannot %s '%s': %s", what,
                 lf_buf_str(&shown).data, odd ? odd : strerror(-error));
    /* of what is committed already, nothing is to be done again */
    const char *cure = odd ? "see who put it there, and move it away"
                       : code == LF_CODE_SYNC ? NULL
                                              : cure_of(error);
    if (cure)
        lf_error_help(err, "%s", cure);
    else if (error == -EACCES)
        lf_state_help_to_rights(state, name, err);
    lf_buf_finish(&path);
    lf_buf_finish(&shown);
    return false;
}

/* ---- is it to be trusted ---- */

static bool refuse(const struct lf_state *state, const char *why,
                   const char *cure, struct lf_error *err)
{
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, state->path);
    lf_error_set(err, LF_CODE_STATE_UNSAFE, 0, "state directory '%s' %s",
                 lf_buf_str(&shown).data, why);
    lf_error_help(err, "%s", cure);
    lf_buf_finish(&shown);
    return false;
}

static bool check_owner(const struct lf_state *state,
                        const struct lf_node *node, struct lf_error *err)
{
    if (node->uid == lf_sys_uid())
        return true;
    struct lf_buf why = {0};
    lf_buf_add_format(&why, "belongs to user %lu, not to user %lu",
                      (unsigned long)node->uid, (unsigned long)lf_sys_uid());
    refuse(state, lf_buf_str(&why).data,
           "run as its owner, or name another one with --state-dir", err);
    lf_buf_finish(&why);
    return false;
}

static bool check_mode(const struct lf_state *state, const struct lf_node *node,
                       struct lf_error *err)
{
    if ((node->mode & 022) == 0)
        return true;
    struct lf_buf why = {0}, shown = {0}, cure = {0};
    lf_escape_argument(&shown, state->path);
    lf_buf_add_format(&why, "may be written by others (mode %04o)",
                      (unsigned)node->mode);
    lf_buf_add_format(&cure, "see that nobody changed it, then: chmod 700 %s",
                      lf_buf_str(&shown).data);
    refuse(state, lf_buf_str(&why).data, lf_buf_str(&cure).data, err);
    lf_buf_finish(&why);
    lf_buf_finish(&shown);
    lf_buf_finish(&cure);
    return false;
}

/* Without the right to read it, a descriptor that needs none, to tell a directory of
 * someone else by. */
static int reach(struct lf_fs *fs, int parent, const char *name,
                 bool *ret_readable)
{
    int fd = fs->open_dir(fs, parent, name, LF_DIR_READ);
    *ret_readable = fd != -EACCES;
    return *ret_readable ? fd : fs->open_dir(fs, parent, name, LF_DIR_PATH);
}

/* What is missing can be read: there is nothing in it. */
static bool open_checked(struct lf_state *state, int parent, const char *name,
                         enum lf_state_mode mode, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    enum lf_code code = mode == LF_STATE_READ ? LF_CODE_STATE_UNREADABLE
                                              : LF_CODE_STATE_UNWRITABLE;
    struct lf_node node;
    bool readable;
    LF_AUTO_CLOSE struct lf_fd found = {fs, -1};
    found.fd = reach(fs, parent, name, &readable);
    if (found.fd == -ENOENT && mode == LF_STATE_READ)
        return true;
    if (found.fd == -ELOOP)
        return refuse(state, "is a symbolic link",
                      "name the directory itself with --state-dir", err);
    if (found.fd == -ENOTDIR)
        return refuse(state, "is not a directory",
                      "move it away, or name another one with --state-dir",
                      err);
    if (found.fd < 0)
        return lf_state_fail(state, code, found.fd, "open", "", err);
    int error = fs->stat(fs, found.fd, "", &node);
    if (error < 0)
        return lf_state_fail(state, code, error, "look at", "", err);
    if (!check_owner(state, &node, err) || !check_mode(state, &node, err))
        return false;
    state->fd = found.fd;
    found.fd = -1;
    return readable || lf_state_fail(state, code, -EACCES, "open", "", err);
}

/* ---- opening ---- */

/* Rights have a cure of their own. */
static bool fail_on_way(const struct lf_state *state, int error,
                        struct lf_error *err)
{
    lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "open", "", err);
    if (err->code == LF_CODE_STATE_UNREADABLE && !cure_of(error) &&
        error != -EACCES)
        lf_error_help(err, "name another one with --state-dir");
    return false;
}

static bool open_for_reading(struct lf_state *state, struct lf_str root,
                             struct lf_str parent, const char *name,
                             struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd way = {fs, -1};
    int error = lf_state_way(fs, root, parent, false, &way.fd);
    if (error == -ENOENT)
        return true;
    if (error < 0)
        return fail_on_way(state, error, err);
    return open_checked(state, way.fd, name, LF_STATE_READ, err);
}

bool lf_state_upgrade(struct lf_state *state, struct lf_error *err)
{
    struct lf_node node;
    int error = state->fs->stat(state->fs, state->fd, LF_LEDGER_FILE, &node);
    state->fresh = error == -ENOENT;
    return error == 0 || state->fresh ||
           lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "look at",
                         LF_LEDGER_FILE, err);
}

static bool fail_to_make(const struct lf_state *state, int error,
                         struct lf_error *err)
{
    lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error, "make", "", err);
    if (err->code == LF_CODE_STATE_UNWRITABLE && !cure_of(error))
        lf_error_help(err, "name another one with --state-dir");
    return false;
}

static bool open_for_writing(struct lf_state *state, struct lf_str root,
                             struct lf_str parent, const char *name,
                             struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd way = {fs, -1};
    int error = lf_state_way(fs, root, parent, true, &way.fd);
    if (error == 0)
        error = lf_state_make_dir(fs, way.fd, name, 0700);
    if (error < 0 && error != -EEXIST)
        return fail_to_make(state, error, err);
    return open_checked(state, way.fd, name, LF_STATE_WRITE, err) &&
           lf_state_upgrade(state, err);
}

/* `path` without the slashes and dots at its end, which name nothing. */
static struct lf_str trim(struct lf_str path)
{
    for (;;) {
        size_t len = path.len;
        bool slash = len > 1 && path.data[len - 1] == '/';
        bool dot = len > 1 && path.data[len - 1] == '.' &&
                   path.data[len - 2] == '/';
        if (!slash && !dot)
            return path;
        path.len--;
    }
}

static bool open_in_mode(struct lf_state *state, struct lf_str root,
                         enum lf_state_mode mode, struct lf_error *err)
{
    struct lf_str name = lf_path_name(state->path);
    if (state->path.data[0] != '/' || name.len == 0 ||
        memchr(state->path.data, '\0', state->path.len) ||
        lf_str_equal(name, LF_STR("..")))
        return refuse(state, "is not an absolute path that ends in a name",
                      "write it without '..' at the end", err);
    struct lf_buf dir = {0};
    lf_buf_add(&dir, lf_path_dir(state->path));
    struct lf_str parent = lf_buf_str(&dir);
    bool done = false;
    if (lf_buf_failed(&dir))
        lf_error_oom(err);
    else if (mode == LF_STATE_WRITE)
        done = open_for_writing(state, root, parent, name.data, err);
    else
        done = open_for_reading(state, root, parent, name.data, err);
    lf_buf_finish(&dir);
    return done;
}

static struct lf_str position(struct lf_str root, struct lf_str path)
{
    struct lf_str rest;
    if (root.len <= 1)
        return path;
    return lf_state_inside(root, path, &rest) ? rest : root;
}

bool lf_state_open_in(struct lf_fs *fs, struct lf_str root, struct lf_str path,
                      enum lf_state_mode mode, struct lf_state *ret_state,
                      struct lf_error *err)
{
    struct lf_buf copy = {0}, where = {0}, above = {0};
    /* from elsewhere it would be another one */
    if (root.data && root.data[0] != '/') {
        lf_error_set(err, LF_CODE_ROOT, 0,
                     "the root '%.*s' is not an absolute path", (int)root.len,
                     root.data);
        return false;
    }
    if (root.len > 0)
        root = trim(root);
    lf_buf_add(&copy, trim(path));
    lf_buf_add(&where, position(root, trim(path)));
    if (root.len > 1)
        lf_buf_add(&above, root);
    if (lf_buf_failed(&copy) || lf_buf_failed(&where) ||
        lf_buf_failed(&above)) {
        lf_buf_finish(&copy);
        lf_buf_finish(&where);
        lf_buf_finish(&above);
        return lf_error_oom(err);
    }
    struct lf_state state = {.fs = fs,
                             .path = lf_buf_str(&copy),
                             .position = lf_buf_str(&where),
                             .root = root.len > 1 ? lf_buf_str(&above)
                                                  : (struct lf_str){0},
                             .fd = -1,
                             .lock_fd = -1};
    bool done = open_in_mode(&state, root, mode, err);
    if (done) {
        /* an empty path was refused, so there is memory to take over */
        *ret_state = state;
        return true;
    }
    if (state.fd >= 0)
        fs->close(fs, state.fd);
    lf_buf_finish(&copy);
    lf_buf_finish(&where);
    lf_buf_finish(&above);
    return false;
}

void lf_state_add_displaced(const struct lf_state *state, struct lf_buf *buf,
                            const struct lf_displaced *displaced)
{
    if (displaced->store.len > 0)
        lf_buf_add(buf, state->root);
    lf_displaced_add_path(buf, state->path, displaced);
}

bool lf_state_open(struct lf_fs *fs, struct lf_str path,
                   enum lf_state_mode mode, struct lf_state *ret_state,
                   struct lf_error *err)
{
    return lf_state_open_in(fs, (struct lf_str){0}, path, mode, ret_state, err);
}

int lf_state_nearest(const struct lf_state *state, struct lf_str root)
{
    struct lf_str dir = state->path;
    int fd = -1, error = -ENOENT;
    if (root.len > 0)
        root = trim(root);
    while (error == -ENOENT && dir.len > 1) {
        dir = lf_path_dir(dir);
        error = lf_state_way(state->fs, root, dir, false, &fd);
    }
    return error < 0 ? error : fd;
}

bool lf_state_may_write(const struct lf_state *state, struct lf_str root,
                        struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd above = {fs, -1};
    if (!fs->may_change)
        return true;
    if (state->fd >= 0) {
        int error = fs->may_change(fs, state->fd);
        return error == 0 || lf_state_fail(state, LF_CODE_STATE_UNWRITABLE,
                                           error, "write to", "", err);
    }
    above.fd = lf_state_nearest(state, root);
    int error = above.fd < 0 ? above.fd : fs->may_change(fs, above.fd);
    return error == 0 || fail_to_make(state, error, err);
}

bool lf_state_holds(const struct lf_state *state)
{
    return state->lock_fd >= 0 && state->pid == lf_sys_pid();
}

void lf_state_close(struct lf_state *state)
{
    struct lf_fs *fs = state->fs;
    if (!fs)
        return;
    lf_state_drop_kept(state);
    if (lf_state_holds(state)) {
        /* So that the next holder's readers do not see us in it. Without
         * success they see a stale name, for as long as it takes to write
         * theirs. */
        fs->truncate(fs, state->lock_fd, 0);
        /* children that were forked meanwhile have copies of the descriptor */
        fs->unlock(fs, state->lock_fd);
    }
    if (state->lock_fd >= 0)
        fs->close(fs, state->lock_fd);
    if (state->fd >= 0)
        fs->close(fs, state->fd);
    lf_free_const(state->path.data);
    lf_free_const(state->position.data);
    lf_free_const(state->root.data);
    *state = (struct lf_state){.fd = -1, .lock_fd = -1};
}
