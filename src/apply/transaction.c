/* SPDX-License-Identifier: MIT */
/*
 * transaction.c - opening a transaction, and what is known of it
 */
#include "apply/transaction.h"

#include "platform/mount.h"
#include "platform/sys.h"
#include "resolve/view.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool open_root(struct lf_transaction *t, struct lf_error *err)
{
    const char *root = t->options.root ? t->options.root : "/";
    int fd = t->fs->open_dir(t->fs, -1, root, LF_DIR_READ | LF_DIR_FOLLOW);
    if (fd < 0)
        return lf_view_unopened(root, -fd, err);
    t->root_fd = fd;
    return true;
}

static bool open_state(struct lf_transaction *t, struct lf_error *err)
{
    const struct lf_transaction_options *options = &t->options;
    return lf_state_open_in(
            t->fs, lf_str(options->root), lf_str(options->state_dir),
            options->write ? LF_STATE_WRITE : LF_STATE_READ, &t->state, err);
}

static bool begin_to_write(struct lf_transaction *t, struct lf_error *err)
{
    const struct lf_transaction_options *options = &t->options;
    t->state.cancelled = options->cancelled;
    t->state.cancelled_arg = options->cancelled_arg;
    return lf_state_lock(&t->state, options->lock_timeout_ms,
                         lf_str(options->command ? options->command : ""),
                         err) &&
           lf_transaction_recover(t, err);
}

static bool begin(struct lf_transaction *t, struct lf_error *err)
{
    return open_root(t, err) && open_state(t, err) &&
           (!t->options.write || begin_to_write(t, err));
}

bool lf_transaction_open_with(struct lf_fs *fs,
                              const struct lf_transaction_options *options,
                              struct lf_transaction **ret_transaction,
                              struct lf_error *err)
{
    struct lf_transaction *t = calloc(1, sizeof(*t));
    if (!t)
        return lf_error_oom(err);
    t->options = *options;
    t->since = lf_sys_monotonic();
    t->root_fd = t->into_fd = t->state.fd = t->state.lock_fd = -1;
    if (!fs)
        lf_fs_system(&t->system);
    t->fs = fs ? fs : &t->system;
    if (!begin(t, err)) {
        lf_transaction_close(t);
        return false;
    }
    *ret_transaction = t;
    return true;
}

bool lf_transaction_open(const struct lf_transaction_options *options,
                         struct lf_transaction **ret_transaction,
                         struct lf_error *err)
{
    return lf_transaction_open_with(NULL, options, ret_transaction, err);
}

/* A state that was missing may have been made meanwhile, by this one or another. */
static bool upgrade_state(struct lf_transaction *t, struct lf_error *err)
{
    if (t->state.fd >= 0)
        return lf_state_upgrade(&t->state, err);
    struct lf_state missing = t->state;
    if (!open_state(t, err))
        return false;
    lf_state_close(&missing);
    return true;
}

bool lf_transaction_upgrade(struct lf_transaction *t, struct lf_error *err)
{
    if (t->options.write || t->spent) {
        lf_error_set(err, LF_CODE_INTERNAL, 0,
                     "the transaction writes already, or could not come to");
        return false;
    }
    t->options.write = true;
    t->since = lf_sys_monotonic();
    /* what was read before the lock may be of yesterday */
    lf_ledger_free(t->ledger);
    t->ledger = NULL;
    t->stamped = NULL;
    if (upgrade_state(t, err) && begin_to_write(t, err))
        return true;
    t->options.write = false;
    t->spent = true;
    return false;
}

void lf_transaction_close(struct lf_transaction *t)
{
    if (!t)
        return;
    lf_ledger_free(t->ledger);
    lf_ledger_free(t->heads);
    lf_transaction_unlock(t);
    lf_state_close(&t->state);
    if (t->root_fd >= 0)
        t->fs->close(t->fs, t->root_fd);
    lf_buf_finish(&t->stamps);
    lf_notes_clear(&t->notes);
    lf_notes_clear(&t->recovery_notes);
    free(t);
}

enum lf_recovery lf_transaction_recovery(const struct lf_transaction *t,
                                         const struct lf_report **ret_report)
{
    if (ret_report)
        *ret_report = &t->recovery_report;
    return t->recovery;
}

const struct lf_confinement *
lf_transaction_confinement(const struct lf_transaction *t)
{
    return &t->confinement;
}

bool lf_transaction_keeping(const struct lf_transaction *t,
                            enum lf_keeping *ret_keeping, struct lf_error *err)
{
    static const enum lf_keeping keepings[] = {
            [LF_MOUNT_KEEPS] = LF_KEEPING_DURABLE,
            [LF_MOUNT_MEMORY] = LF_KEEPING_MEMORY,
            [LF_MOUNT_VOLATILE] = LF_KEEPING_VOLATILE,
    };
    struct lf_mount mount;
    *ret_keeping = LF_KEEPING_DURABLE;
    int result =
            t->state.fd < 0 ? -ENOENT : lf_mount_of(t->fs, t->state.fd, &mount);
    if (result == 0)
        *ret_keeping = keepings[mount.keeps];
    return result != -ENOMEM || lf_error_oom(err);
}

bool lf_transaction_may_write(const struct lf_transaction *t,
                              struct lf_error *err)
{
    return lf_state_may_write(&t->state, lf_str(t->options.root), err);
}

bool lf_transaction_interrupted(const struct lf_transaction *t)
{
    return t->state.fd >= 0 && lf_state_interrupted(&t->state);
}

bool lf_transaction_ledger(struct lf_transaction *t, struct lf_error *err)
{
    return t->ledger || lf_state_load(&t->state, &t->ledger, err);
}

bool lf_transaction_profiles(struct lf_transaction *t, struct lf_str farm,
                             const struct lf_str **ret_profiles,
                             size_t *ret_count, struct lf_error *err)
{
    *ret_profiles = NULL;
    *ret_count = 0;
    if (!t->heads && !lf_state_load_heads(&t->state, &t->heads, err))
        return false;
    const struct lf_recorded *recorded = lf_ledger_find(t->heads, farm);
    if (recorded) {
        *ret_profiles = recorded->head.profiles;
        *ret_count = recorded->head.n_profiles;
    }
    return true;
}

bool lf_transaction_only_reads(struct lf_error *err)
{
    lf_error_set(err, LF_CODE_INTERNAL, 0,
                 "the transaction was opened for reading");
    return false;
}

struct lf_maker lf_transaction_maker(const struct lf_transaction *t)
{
    return (struct lf_maker){t, t->since};
}

bool lf_transaction_made(const struct lf_transaction *t,
                         const struct lf_maker *maker, const char *what,
                         struct lf_error *err)
{
    if (maker->transaction == t && maker->since == t->since)
        return true;
    lf_error_set(err, LF_CODE_INTERNAL, 0,
                 "the %s is of another transaction, or of one that did not "
                 "write then",
                 what);
    return false;
}

bool lf_transaction_lost_ledger(const struct lf_transaction *t)
{
    return t->ledger && lf_state_lost_ledger(&t->state, t->ledger);
}
