/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - plan, and carry a plan out: all of it or nothing
 *
 * Calling sequence: open (for writing: it takes the lock, and finishes or
 * undoes an interrupted transaction first), make a plan, look at it, apply it,
 * close. A dry run is the same without the apply. Opened for reading it takes
 * no lock and writes nothing, not even a state directory.
 */
#ifndef LINKFARM_TRANSACTION_H
#define LINKFARM_TRANSACTION_H

#include <linkfarm/manifest.h>
#include <linkfarm/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the thread that writes gives up, for good, where the system can: by
 *  Linux's Landlock. */
enum lf_confine {
    LF_CONFINE_NOTHING,
    /* lf_transaction_apply(): once its journal is written, only the directories
     * that the plan works in and the state directory can be changed, and no
     * file can be opened for writing. lf_garbage_drop(): only the state
     * directory and the stores. For a thread that does one of them once and
     * changes nothing afterwards; others keep their rights */
    LF_CONFINE_APPLY,
    /* the same, also of the recovery in lf_transaction_open(): for a thread
     * that wants nothing else. Where something had to be recovered, no plan
     * can be applied then */
    LF_CONFINE_RECOVERY,
};

/** Zero-initialise and set what is needed. Texts are borrowed until close. */
struct lf_transaction_options {
    const char *root; /* --root, absolute; NULL for "/" */
    /* absolute, in the process's terms; required. Where it is spelled as
     * something below `root`, no link there leads out of `root` */
    const char *state_dir;
    const char *command; /* shown to those who wait for the lock */
    bool write;
    enum lf_confine confine;
    bool full;  /* look at every link, whatever was remembered of it */
    bool audit; /* plans of a manifest carry remarks: see lf_plan_remarks() */
    /* opened for reading: a plan that changes something is made only where the state
     * could be written, else LF_CODE_STATE_UNWRITABLE */
    bool rehearse;
    /* that may work at the same time, at most 8; 0 and 1: only the calling one.
     * Functions below are called by that one alone */
    unsigned threads;
    int64_t lock_timeout_ms; /* how long to wait for the lock; 0: not at all */
    /* asked between steps; true undoes all and fails with LF_CODE_CANCELLED */
    bool (*cancelled)(void *arg);
    void *cancelled_arg;
    /* called now and then with steps done and steps in all; may be NULL */
    void (*progress)(void *arg, size_t done, size_t total);
    void *progress_arg;
};

/** What recovery, or the end of a transaction, had to say. */
struct lf_note {
    struct lf_str path;    /* the place; may be empty */
    struct lf_str message; /* one sentence */
};

/** What was done. Owned by the transaction, until the next call. */
struct lf_report {
    uint64_t transaction; /* its number; 0 when nothing had to be done */
    uint64_t generation;  /* of the farm, now */
    size_t applied;       /* actions carried out */
    size_t n_notes;
    const struct lf_note *notes; /* what was left, and why */
};

enum lf_recovery {
    LF_RECOVERY_NONE,     /* there was nothing to recover */
    LF_RECOVERY_UNDONE,   /* an interrupted transaction was undone */
    LF_RECOVERY_FINISHED, /* a committed one was cleaned up */
};

/** What became of lf_transaction_options.confine. */
struct lf_confinement {
    bool asked;    /* something was to be written, in a confined thread */
    bool in_force; /* it is confined now */
    unsigned abi;  /* version of the kernel's Landlock; 0 where it has none */
    int os_errno;  /* why it is not in force: ENOSYS, EOPNOTSUPP (a kernel
                      without it), or others (it was forbidden) */
    size_t places; /* directories that may change, besides the state's; what is
                      below them may change too */
};

/** How long the state keeps, and with it what a transaction could be undone by. */
enum lf_keeping {
    LF_KEEPING_DURABLE,  /* as far as can be told */
    LF_KEEPING_MEMORY,   /* it is on a tmpfs: until that is unmounted */
    LF_KEEPING_VOLATILE, /* it is on an overlay that does not sync: a power cut
                            may undo any part of it */
};

struct lf_transaction;

/**
 * Open the state. The caller closes `*ret_transaction` with
 * lf_transaction_close(). Errors: LF_CODE_ROOT, LF_CODE_LOCKED, LF_CODE_CANCELLED
 * (while it waited for the lock), LF_CODE_STATE_*, LF_CODE_LEDGER_*; of an
 * interrupted transaction LF_CODE_JOURNAL_*, LF_CODE_OTHER_ROOT, LF_CODE_RECOVERY
 * and LF_CODE_CLEAN_UP (a person has to look; exit 4).
 */
LF_PUBLIC bool lf_transaction_open(const struct lf_transaction_options *options,
                                   struct lf_transaction **ret_transaction,
                                   struct lf_error *err);
/**
 * Let a transaction that was opened for reading write, as if it had been opened so,
 * with the same errors; after one it writes nothing, and must be closed. What was
 * planned before is not to be applied. LF_CODE_INTERNAL if it writes already.
 */
LF_PUBLIC bool lf_transaction_upgrade(struct lf_transaction *transaction,
                                      struct lf_error *err);
/** Release the lock and all memory; plans made by it stay valid. NULL is allowed. In a
 *  child that was forked while it was open, only memory is released: the parent keeps
 *  the lock. */
LF_PUBLIC void lf_transaction_close(struct lf_transaction *transaction);

/** What opening had to recover, and notes about it. Borrowed; `ret_report` may be
 *  NULL. */
LF_PUBLIC enum lf_recovery
lf_transaction_recovery(const struct lf_transaction *transaction,
                        const struct lf_report **ret_report);
/** Opened for reading: whether an interrupted transaction awaits recovery. */
LF_PUBLIC bool
lf_transaction_interrupted(const struct lf_transaction *transaction);
/**
 * Opened for reading: whether the next lf_transaction_open() for writing could begin to
 * recover it; true where nothing awaits recovery. Nothing is changed. Errors: those of
 * an interrupted transaction that are found before anything is touched
 * (LF_CODE_JOURNAL_*, LF_CODE_OTHER_ROOT), LF_CODE_ROOT, LF_CODE_STATE_UNREADABLE and
 * LF_CODE_LEDGER_*.
 */
LF_PUBLIC bool lf_transaction_recoverable(struct lf_transaction *transaction,
                                          struct lf_error *err);

/**
 * Whether, when something was planned, the state had no ledger, though it keeps
 * generations or what was moved aside: then there was one, and links that are right are
 * recorded anew, without what they took the place of. Once that is applied there is a
 * ledger again.
 */
LF_PUBLIC bool
lf_transaction_lost_ledger(const struct lf_transaction *transaction);

/**
 * How long the state keeps: the promise that a power cut leaves all or nothing
 * holds only for LF_KEEPING_DURABLE. From /proc/self/mountinfo; where that cannot
 * be read it is taken to be durable. Fails only without memory.
 */
LF_PUBLIC bool lf_transaction_keeping(const struct lf_transaction *transaction,
                                      enum lf_keeping *ret_keeping,
                                      struct lf_error *err);

/**
 * Whether this user could write the state, or make it where it is missing, as far as
 * that can be told without doing it. LF_CODE_STATE_UNWRITABLE.
 */
LF_PUBLIC bool
lf_transaction_may_write(const struct lf_transaction *transaction,
                         struct lf_error *err);

/** Whether the calling thread was confined. Borrowed. */
LF_PUBLIC const struct lf_confinement *
lf_transaction_confinement(const struct lf_transaction *transaction);

/**
 * The profiles that were active when `farm` was applied last, sorted, for
 * lf_manifest_request.profiles_for; none of a farm that is not known. As they were
 * when this was asked first. Borrowed until the transaction is closed. Errors:
 * LF_CODE_STATE_UNREADABLE, LF_CODE_LEDGER_*.
 */
LF_PUBLIC bool lf_transaction_profiles(struct lf_transaction *transaction,
                                       struct lf_str farm,
                                       const struct lf_str **ret_profiles,
                                       size_t *ret_count, struct lf_error *err);

/**
 * Plan what makes the farm match `manifest` (which must have no errors:
 * LF_CODE_INTERNAL, and must live as long as the plan). Faults found while
 * expanding it are added to `diags`, and if errors are among them `*ret_plan` is
 * NULL. The caller frees this plan, and those of the functions below, with
 * lf_plan_free().
 */
LF_PUBLIC bool lf_transaction_plan(struct lf_transaction *transaction,
                                   const struct lf_manifest *manifest,
                                   struct lf_diags *diags,
                                   struct lf_plan **ret_plan,
                                   struct lf_error *err);

/**
 * Whether nothing is to be done since an earlier lf_transaction_apply(), because
 * the manifest that `request` names, its facts, the ledger and all that was looked
 * at then are as they were: which is told by one look for each directory, and by
 * reading the farm's links in those that may have changed. If so, sets `*ret_plan`
 * to a plan that changes nothing, knows its counts and lists no actions; else, and
 * whenever in doubt, to NULL: load the manifest and plan. The request's
 * `profiles_for` is not asked. Fails only without memory.
 */
LF_PUBLIC bool
lf_transaction_plan_unchanged(struct lf_transaction *transaction,
                              const struct lf_manifest_request *request,
                              struct lf_plan **ret_plan, struct lf_error *err);

/**
 * The name of the farm of the manifest that `request` names, if its bytes and its
 * facts are those of an earlier lf_transaction_apply(): for who needs nothing else
 * of it. Else, and whenever in doubt, `*ret_farm` is NULL: load the manifest. The
 * caller frees it with free(3). Fails only without memory.
 */
LF_PUBLIC bool lf_transaction_farm_of(struct lf_transaction *transaction,
                                      const struct lf_manifest_request *request,
                                      char **ret_farm, struct lf_error *err);

/** Plan what takes away all that the farm owns. LF_CODE_NO_FARM. */
LF_PUBLIC bool lf_transaction_plan_remove(struct lf_transaction *transaction,
                                          struct lf_str farm,
                                          struct lf_plan **ret_plan,
                                          struct lf_error *err);

/**
 * Plan what brings back generation `generation` of the farm; 0 is the state
 * before the first. LF_CODE_NO_FARM, LF_CODE_NO_GENERATION.
 */
LF_PUBLIC bool lf_transaction_plan_rollback(struct lf_transaction *transaction,
                                            struct lf_str farm,
                                            uint64_t generation,
                                            struct lf_plan **ret_plan,
                                            struct lf_error *err);

/**
 * Plan what moves files into the directory `into` and puts links in their
 * places. The `count` paths, 1 or more, and `into` are absolute. What cannot be
 * adopted is a conflict. It is of no farm: applying records nothing, and a
 * manifest that names the links claims them. LF_CODE_UNRESOLVED,
 * LF_CODE_RESOLVE_REQUEST; as root LF_CODE_FOREIGN_DIR, for a way on which another user
 * may lead.
 */
LF_PUBLIC bool lf_transaction_plan_adopt(struct lf_transaction *transaction,
                                         const struct lf_str *paths,
                                         size_t count, struct lf_str into,
                                         struct lf_plan **ret_plan,
                                         struct lf_error *err);

/**
 * Compare the ledger alone with the disk: a plan whose desired set is what is
 * recorded. For `status` without a manifest; it is not proved, and not to be applied
 * (LF_CODE_INTERNAL). LF_CODE_NO_FARM.
 */
LF_PUBLIC bool lf_transaction_plan_recorded(struct lf_transaction *transaction,
                                            struct lf_str farm,
                                            struct lf_plan **ret_plan,
                                            struct lf_error *err);

/**
 * Carry out a plan that this transaction made (LF_CODE_INTERNAL for another one's, or
 * for one from before lf_transaction_upgrade()), which must be lf_plan_ok()
 * (LF_CODE_NOT_APPLICABLE). What it was made from is remembered, for
 * lf_transaction_plan_unchanged(). One that changes nothing may be of a transaction
 * opened for reading. On failure the file system is as it was, but for what the notes
 * of the report name (LF_CODE_STALE: something changed since the plan was made;
 * LF_CODE_CANCELLED; LF_CODE_STEP_FAILED with os_errno ...), except for
 * LF_CODE_RECOVERY, when undoing failed too and the next open will try again;
 * LF_CODE_CLEAN_UP, when all is done but for leftovers that the next open will try to
 * take away; and LF_CODE_SYNC, when all is done but may not survive a power cut.
 */
LF_PUBLIC bool lf_transaction_apply(struct lf_transaction *transaction,
                                    const struct lf_plan *plan,
                                    const struct lf_report **ret_report,
                                    struct lf_error *err);

#ifdef __cplusplus
}
#endif

#endif
