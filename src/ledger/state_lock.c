/* SPDX-License-Identifier: MIT */
/*
 * state_lock.c - one writer at a time
 *
 * The lock is flock(2) on the file `lock`: it ends with its holder, however
 * that ends. The file holds `PID COMMAND` of the holder, in the stored form,
 * for the message of those who wait; it decides nothing.
 *
 * A file that has another name is not written to: whoever made the system that
 * the state is in may have made `lock` a name of anything. It gets a file of its
 * own, and who waits for the other one, or opened it before, looks again.
 */
#include "base/escape.h"
#include "ledger/lines.h"
#include "ledger/state_io.h"
#include "platform/sys.h"

#include <errno.h>

#define LOCK "lock"

enum {
    COMMAND_LIMIT = 512, /* bytes of a command that are told to others */
    SHORTEST_WAIT = 2,   /* milliseconds between two tries */
    LONGEST_WAIT = 50,
    LOOKS = 10, /* at a lock file whose holder has not written to it yet */
    TRIES = 16, /* to lock the one that stands */
    AGAIN = 1,
};

/* `PID COMMAND\n` as words for people, appended to `ret`. */
static bool describe_holder(struct lf_str text, struct lf_buf *ret)
{
    const char *space = memchr(text.data, ' ', text.len);
    if (!space || text.data[text.len - 1] != '\n')
        return false;
    size_t at = (size_t)(space + 1 - text.data);
    uint64_t pid;
    struct lf_buf command = {0};
    bool known = lf_parse_u64(lf_str_of(text.data, at - 1), &pid) &&
                 lf_unescape_stored(&command, lf_str_of(text.data + at,
                                                        text.len - at - 1));
    if (known) {
        lf_buf_add_format(ret, "process %llu (", (unsigned long long)pid);
        lf_escape_shown(ret, lf_buf_str(&command));
        lf_buf_add_char(ret, ')');
    }
    lf_buf_finish(&command);
    return known;
}

static bool locked(struct lf_state *state, struct lf_error *err)
{
    struct lf_buf holder = {0}, shown = {0};
    bool known = false;
    for (int look = 0; look < LOOKS && !known; look++) {
        struct lf_buf text = {0};
        if (look > 0)
            lf_sys_sleep_ms(SHORTEST_WAIT);
        known = lf_state_read_at(state->fs, state->fd, LOCK, &text) == 0 &&
                describe_holder(lf_buf_str(&text), &holder);
        lf_buf_finish(&text);
    }
    lf_escape_shown(&shown, state->path);
    lf_error_set(err, LF_CODE_LOCKED, 0, "state directory '%s' is locked by %s",
                 lf_buf_str(&shown).data,
                 known ? lf_buf_str(&holder).data : "another process");
    lf_error_help(err, "try again when it has ended, or wait longer with "
                       "--lock-timeout");
    lf_buf_finish(&holder);
    lf_buf_finish(&shown);
    return false;
}

static bool cancelled(const struct lf_state *state)
{
    return state->cancelled && state->cancelled(state->cancelled_arg);
}

/* What is left, of a time that began at `start`. */
static int64_t left_of(int64_t timeout_ms, int64_t start)
{
    return timeout_ms - (lf_sys_monotonic() - start) / 1000000;
}

int lf_state_wait(const struct lf_state *state, int fd, int64_t timeout_ms)
{
    struct lf_fs *fs = state->fs;
    int64_t start = lf_sys_monotonic();
    unsigned wait = SHORTEST_WAIT;
    for (;;) {
        int error = fs->lock(fs, fd);
        if (error != -EWOULDBLOCK)
            return error;
        if (cancelled(state))
            return -ECANCELED;
        int64_t left = left_of(timeout_ms, start);
        if (left <= 0)
            return error;
        lf_sys_sleep_ms(left < wait ? (unsigned)left : wait);
        wait = wait * 2 > LONGEST_WAIT ? LONGEST_WAIT : wait * 2;
    }
}

bool lf_state_stopped(struct lf_error *err)
{
    lf_error_set(err, LF_CODE_CANCELLED, 0,
                 "stopped while waiting for the lock");
    lf_error_help(err, "nothing was changed");
    return false;
}

/* Who frees room on a full disk, or takes back what filled it, has to lock it too, so
 * there the name of the holder is done without. */
static bool is_full(int error)
{
    return error == -ENOSPC || error == -EDQUOT;
}

static int write_holder(struct lf_fs *fs, int fd, struct lf_str command)
{
    struct lf_buf text = {0};
    if (command.len > COMMAND_LIMIT)
        command.len = COMMAND_LIMIT;
    lf_buf_add_format(&text, "%lld ", (long long)lf_sys_pid());
    lf_escape_stored(&text, command);
    lf_buf_add_char(&text, '\n');
    int error = lf_buf_failed(&text) ? -ENOMEM : fs->truncate(fs, fd, 0);
    if (error == 0)
        error = fs->write(fs, fd, text.data, text.len);
    lf_buf_finish(&text);
    return is_full(error) ? 0 : error;
}

/* 0 if the file `fd`, which is locked, is the lock; AGAIN if another one is. */
static int check_lock(struct lf_fs *fs, int dir, int fd)
{
    struct lf_node held, named;
    int error = fs->stat(fs, fd, "", &held);
    if (error < 0)
        return error;
    error = fs->stat(fs, dir, LOCK, &named);
    if (error < 0)
        return error == -ENOENT ? AGAIN : error;
    if (!lf_node_same(&held, &named))
        return AGAIN;
    if (held.uid != lf_sys_uid())
        return -LF_NOT_OURS;
    if (held.links <= 1)
        return 0;
    error = fs->unlink(fs, dir, LOCK);
    return error < 0 ? error : AGAIN;
}

/* A descriptor of the lock, which is held then. All tries share the time. */
static int take(struct lf_state *state, int64_t timeout_ms)
{
    struct lf_fs *fs = state->fs;
    int64_t start = lf_sys_monotonic();
    for (int tries = TRIES; tries > 0; tries--) {
        int fd = lf_state_open_file(fs, state->fd, LOCK,
                                    LF_FILE_WRITE | LF_FILE_CREATE, 0600);
        if (fd < 0)
            return fd;
        int error = lf_state_wait(state, fd, left_of(timeout_ms, start));
        if (error == 0)
            error = check_lock(fs, state->fd, fd);
        if (error == 0)
            return fd;
        fs->close(fs, fd);
        if (error != AGAIN)
            return error;
    }
    return -EBUSY;
}

bool lf_state_lock(struct lf_state *state, int64_t timeout_ms,
                   struct lf_str command, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd lock = {fs, -1};
    lock.fd = take(state, timeout_ms);
    if (lock.fd == -EWOULDBLOCK)
        return locked(state, err);
    if (lock.fd == -ECANCELED)
        return lf_state_stopped(err);
    if (lock.fd < 0)
        return lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, lock.fd, "lock",
                             LOCK, err);
    int error = write_holder(fs, lock.fd, command);
    if (error < 0)
        return lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error, "write",
                             LOCK, err);
    state->lock_fd = lock.fd;
    state->pid = lf_sys_pid();
    lock.fd = -1;
    return true;
}
