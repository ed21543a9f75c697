/* SPDX-License-Identifier: MIT */
/*
 * fault_fs.h - a file system that fails, or stops for good, at the nth call
 *
 * Stands in front of another table of operations (the system's, mostly) and
 * counts the calls that go through. One law is tried at every call like this:
 *
 *     for (unsigned long n = 1;; n++) {
 *         fault_fs_init(&faults, NULL);
 *         fault_fs_fail(&faults, n, ENOSPC);     or fault_fs_stop(&faults, n)
 *         bool done = thing_under_test(&faults.fs);
 *         ...
 *         if (!faults.struck)
 *             break;                             n was past the last call
 *     }
 *
 * Stopping stands for a kill: the call is not made, nor any later one, and all
 * of them answer FAULT_STOPPED; only descriptors are closed (and so locks
 * released), as the kernel does for a process that is gone. A write that is
 * stopped at has written half. Calls of several threads go through one by one.
 */
#ifndef LF_SUPPORT_FAULT_FS_H
#define LF_SUPPORT_FAULT_FS_H

#include "platform/fs.h"

/* No system call fails with it. */
#define FAULT_STOPPED 3999

enum fault_op {
    FAULT_OPEN_DIR,
    FAULT_CLOSE,
    FAULT_STAT,
    FAULT_READLINK,
    FAULT_LIST,
    FAULT_SYMLINK,
    FAULT_MKDIR,
    FAULT_CHMOD,
    FAULT_RENAME,
    FAULT_LINK,
    FAULT_UNLINK,
    FAULT_RMDIR,
    FAULT_OPEN_FILE,
    FAULT_READ,
    FAULT_WRITE,
    FAULT_TRUNCATE,
    FAULT_FSYNC,
    FAULT_SYNCFS,
    FAULT_LOCK,
};
#define FAULT_OPS ((size_t)FAULT_LOCK + 1)

/** A call that is about to be made. Names are NULL where there are none. */
struct fault_call {
    unsigned long number; /* from 1, of those that are counted; 0: is not */
    enum fault_op op;
    int fd; /* of the directory or the file */
    const char *name;
    const char *new_name; /* of rename and link; the text of symlink */
};

struct fault_fs {
    struct lf_fs fs;    /* what the code under test is given; comes first */
    struct lf_fs *base; /* what the calls go to */
    struct lf_fs system;

    /* what to do; set freely between calls */
    unsigned ops;            /* bits 1 << enum fault_op that are counted, and
                                 so can be struck; all, to begin with */
    unsigned long strike_at; /* number of the call that does not go well; 0:
                                 none */
    int error;               /* errno that it fails with */
    bool stop;               /* stop for good there */
    bool afterwards;         /* make the call, and then fail or stop */
    bool halves;             /* as where there is no renameat2(2): no exchange,
                                 and what replaces nothing is a link and an
                                 unlink, which are struck by themselves; nor
                                 are directories known to move */
    bool clock;              /* file systems are known to keep their clock, if
                                 they do */
    uint64_t renumber;       /* added to each device's number, which is
                                    another one after a reboot */
    void (*before)(void *arg, const struct fault_call *call); /* may be NULL;
                                 told of every call, also of uncounted ones */
    void *before_arg;

    /* what has happened */
    unsigned long count;            /* calls counted */
    unsigned long calls[FAULT_OPS]; /* calls of each kind, counted or not */
    bool struck;                    /* the call at `strike_at` was reached */
    bool stopped;
    int open; /* descriptors that were opened and not closed */
    int most_open;
};

/** All operations that change something on disk, or sync it. */
#define FAULT_CHANGES                                                          \
    (1u << FAULT_SYMLINK | 1u << FAULT_MKDIR | 1u << FAULT_CHMOD |             \
     1u << FAULT_RENAME | 1u << FAULT_LINK | 1u << FAULT_UNLINK |              \
     1u << FAULT_RMDIR | 1u << FAULT_OPEN_FILE | 1u << FAULT_WRITE |           \
     1u << FAULT_TRUNCATE | 1u << FAULT_FSYNC | 1u << FAULT_SYNCFS)

/** Pass everything on to `base`, which is borrowed; NULL: the system's. */
void fault_fs_init(struct fault_fs *faults, struct lf_fs *base);

/** Let the `n`th call that is counted fail with the errno `error`. */
void fault_fs_fail(struct fault_fs *faults, unsigned long n, int error);

/** Stop for good at the `n`th call that is counted. */
void fault_fs_stop(struct fault_fs *faults, unsigned long n);

/** Calls of fsync and syncfs so far. */
unsigned long fault_fs_syncs(const struct fault_fs *faults);

/** "open_dir", ... Static. */
const char *fault_op_name(enum fault_op op);

/* ---- a log of operations, for tests of their order ---- */

struct fault_log {
    char *text; /* lines "op name -> new_name"; NULL when empty */
    size_t len;
    unsigned ops; /* bits 1 << enum fault_op that are logged */
};

/** As fault_fs.before, with a `struct fault_log *` as `before_arg`. */
void fault_log_add(void *log, const struct fault_call *call);

/** Free the text and start anew. */
void fault_log_clear(struct fault_log *log);

#endif
