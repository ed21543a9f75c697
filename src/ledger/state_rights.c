/* SPDX-License-Identifier: MIT */
/*
 * state_rights.c - what a user lacks the rights to in the state directory
 *
 * The cure names that alone: whatever was moved aside into the state keeps its mode and
 * its owner. What root has put back from a backup may be root's.
 */
#include "ledger/state_io.h"

#include "base/escape.h"
#include "base/path.h"
#include "platform/sys.h"

#include <stdio.h>

/* The first of the state directory, those on the way to its file `name`, and that one,
 * which keeps this user out. */
struct barrier {
    struct lf_buf path;
    uint32_t owner;
};

/* Whether `name` in `at` is it. False, too, where it cannot be looked at: then it is
 * the one before. */
static bool is_barrier(struct lf_fs *fs, int at, const char *name,
                       uint32_t *ret_owner)
{
    struct lf_node node;
    if (fs->stat(fs, at, name, &node) < 0)
        return false;
    uint32_t rights = node.kind == LF_NODE_DIR ? 0700 : 0600;
    *ret_owner = node.uid;
    return node.uid != lf_sys_uid() || (node.mode & rights) != rights;
}

/* Open `name` in `at`, if that is a directory, in place of `dir`. */
static int step_into(struct lf_fd *dir, int at, const char *name)
{
    int fd = dir->fs->open_dir(dir->fs, at, name, LF_DIR_PATH);
    if (fd >= 0) {
        lf_auto_close(dir);
        dir->fd = fd;
    }
    return fd;
}

static void find_barrier(const struct lf_state *state, const char *name,
                         struct barrier *ret)
{
    LF_AUTO_CLOSE struct lf_fd dir = {state->fs, -1};
    char text[LF_NAME_LIMIT + 1];
    struct lf_buf part = {0};
    struct lf_str rest = lf_str(name), next;
    int at = state->fd;
    bool found = is_barrier(state->fs, at, "", &ret->owner);
    while (!found && at >= 0) {
        next = lf_path_next(&rest);
        if (next.len == 0 || next.len > LF_NAME_LIMIT)
            break;
        snprintf(text, sizeof(text), "%.*s", (int)next.len, next.data);
        if (part.len > 0)
            lf_buf_add_char(&part, '/');
        lf_buf_add(&part, next);
        found = is_barrier(state->fs, at, text, &ret->owner);
        if (!found)
            at = step_into(&dir, at, text);
    }
    lf_path_add(&ret->path, state->path,
                found ? lf_buf_str(&part) : lf_str(""));
    if (!found)
        ret->owner = lf_sys_uid();
    lf_buf_finish(&part);
}

void lf_state_help_to_rights(const struct lf_state *state, const char *name,
                             struct lf_error *err)
{
    struct barrier barrier = {0};
    struct lf_buf shown = {0};
    if (state->fd < 0) {
        lf_error_help(err, "name another one with --state-dir");
        return;
    }
    find_barrier(state, name, &barrier);
    lf_escape_argument(&shown, lf_buf_str(&barrier.path));
    if (barrier.owner != lf_sys_uid())
        lf_error_help(err,
                      "it is user %lu's: see who put it there, and give it to "
                      "this user, as root: chown -R %lu %s",
                      (unsigned long)barrier.owner, (unsigned long)lf_sys_uid(),
                      lf_buf_str(&shown).data);
    else
        lf_error_help(err, "give yourself the rights: chmod u+rwX %s",
                      lf_buf_str(&shown).data);
    lf_buf_finish(&barrier.path);
    lf_buf_finish(&shown);
}
