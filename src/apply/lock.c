/* SPDX-License-Identifier: MIT */
/*
 * lock.c - one writer at a time to the tree, whatever its state directory
 */
#include "apply/transaction.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/mount.h"
#include "platform/sys.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKS_LIMIT = 64 * 1024 };

/* The nearest directory above (or at) `into` that exists. */
static int open_nearest(struct lf_transaction *t, struct lf_str into)
{
    struct lf_buf path = {0};
    int fd;
    for (;;) {
        lf_buf_clear(&path);
        lf_buf_add(&path, into);
        fd = lf_buf_failed(&path) ? -ENOMEM
                                  : t->fs->open_dir(t->fs, t->root_fd,
                                                    path.data + 1, LF_DIR_READ);
        if ((fd != -ENOENT && fd != -ENOTDIR) || into.len <= 1)
            break;
        into = lf_path_dir(into);
    }
    lf_buf_finish(&path);
    return fd;
}

/* ---- who holds it ---- */

/* Whether "MAJOR:MINOR:INODE" names the node; device numbers are in hex, and of
 * the file system, which on btrfs is not its nodes'. */
static bool names_node(const char *text, const struct lf_node *node)
{
    char *at;
    unsigned long major = strtoul(text, &at, 16);
    if (*at++ != ':')
        return false;
    unsigned long minor = strtoul(at, &at, 16);
    return *at == ':' && strtoull(at + 1, NULL, 10) == node->ino &&
           lf_sys_device((unsigned)major, (unsigned)minor) == node->dev;
}

/* A line of /proc/locks is "1: FLOCK  ADVISORY  WRITE PID NODE 0 EOF"; one
 * that waits has "->" behind its number. 0: not this lock. */
static uint64_t holder_in(char *line, const struct lf_node *node)
{
    enum { KIND = 1, PID = 4, NODE = 5, FIELDS };
    const char *fields[FIELDS];
    char *rest = NULL;
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = strtok_r(i ? NULL : line, " ", &rest);
        if (!fields[i])
            return 0;
    }
    return strcmp(fields[KIND], "FLOCK") == 0 && names_node(fields[NODE], node)
                   ? strtoull(fields[PID], NULL, 10)
                   : 0;
}

/* What the system tells of it; 0: nothing. */
static uint64_t find_holder(struct lf_fs *fs, int fd)
{
    struct lf_node node;
    struct lf_mount mount;
    uint64_t pid = 0;
    LF_AUTO_FREE char *text = malloc(LOCKS_LIMIT + 1);
    LF_AUTO_CLOSE struct lf_fd locks = {fs, -1};
    locks.fd = fs->open_file(fs, -1, "/proc/locks", LF_FILE_FOLLOW, 0);
    if (!text || locks.fd < 0 || fs->stat(fs, fd, "", &node) < 0)
        return 0;
    if (lf_mount_of(fs, fd, &mount) == 0)
        node.dev = mount.device;
    long len = fs->read(fs, locks.fd, text, LOCKS_LIMIT);
    text[len > 0 ? len : 0] = '\0';
    for (char *line = text; line && !pid;) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        pid = holder_in(line, &node);
        line = end;
    }
    return pid;
}

static bool locked(struct lf_transaction *t, int fd, struct lf_str into,
                   struct lf_error *err)
{
    char who[48] = "another process";
    uint64_t pid = find_holder(t->fs, fd);
    if (pid)
        snprintf(who, sizeof(who), "process %" PRIu64, pid);
    lf_error_set(err, LF_CODE_LOCKED, 0, "%s works on the links in %.*s", who,
                 (int)into.len, into.data);
    lf_error_help(err, "wait for it, or give --lock-timeout=SECONDS");
    return false;
}

/* ---- locking ---- */

/* A second lock of one directory would wait for the first for ever. */
static bool holds(const struct lf_transaction *t, int fd)
{
    struct lf_node held, wanted;
    return t->into_fd >= 0 && t->fs->stat(t->fs, t->into_fd, "", &held) == 0 &&
           t->fs->stat(t->fs, fd, "", &wanted) == 0 &&
           lf_node_same(&held, &wanted);
}

bool lf_transaction_lock(struct lf_transaction *t, struct lf_str into,
                         struct lf_error *err)
{
    if (!t->options.write || into.len == 0)
        return true;
    LF_AUTO_CLOSE struct lf_fd dir = {t->fs, open_nearest(t, into)};
    if (dir.fd < 0 || holds(t, dir.fd))
        return true; /* what cannot be opened, the plan will say */
    int result = lf_state_wait(&t->state, dir.fd, t->options.lock_timeout_ms);
    if (result == -ECANCELED)
        return lf_state_stopped(err);
    if (result == -EWOULDBLOCK)
        return locked(t, dir.fd, into, err);
    /* another error: there are no such locks here */
    lf_transaction_unlock(t);
    t->into_fd = dir.fd;
    dir.fd = -1;
    return true;
}

void lf_transaction_unlock(struct lf_transaction *t)
{
    if (t->into_fd >= 0) {
        if (lf_state_holds(&t->state))
            t->fs->unlock(t->fs, t->into_fd);
        t->fs->close(t->fs, t->into_fd);
    }
    t->into_fd = -1;
}
