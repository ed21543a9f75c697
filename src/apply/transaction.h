/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - an open transaction, inside
 */
#ifndef LF_APPLY_TRANSACTION_H
#define LF_APPLY_TRANSACTION_H

#include "apply/compile.h"
#include "apply/crew.h"
#include "ledger/state.h"
#include <linkfarm/transaction.h>

struct lf_notes {
    struct lf_arena arena;
    struct lf_note *list;
    uint32_t n, capacity;
    bool lost; /* memory ran out while noting */
};

struct lf_transaction {
    struct lf_fs system;
    struct lf_fs *fs;
    struct lf_transaction_options options;
    int64_t since;  /* when it was opened, or came to write */
    bool spent;     /* it did not come to write: it can only be closed */
    uint32_t drops; /* of garbage, finished or not */
    int root_fd;
    int into_fd; /* held to lock `into`; -1 */
    struct lf_state state;
    struct lf_ledger *ledger; /* NULL: to be loaded anew */
    struct lf_ledger
            *heads; /* without records, as first read; NULL: not read */
    enum lf_recovery recovery;
    struct lf_confinement confinement;
    uint32_t crew_least;  /* work that is shared, for tests; 0: the default */
    struct lf_buf stamps; /* of `stamped`, until it is applied, */
    const struct lf_plan *stamped;
    struct lf_node stamped_ledger; /* and the ledger that they were made with */
    struct lf_notes notes, recovery_notes;
    struct lf_report report, recovery_report;
};

/** As lf_transaction_open(), over other operations, which are borrowed. */
bool lf_transaction_open_with(struct lf_fs *fs,
                              const struct lf_transaction_options *options,
                              struct lf_transaction **ret_transaction,
                              struct lf_error *err);

/**
 * Lock the directory `into` as well, or the nearest one above it that exists:
 * two state directories may serve one tree. It stays so until another one is
 * locked. What cannot be opened, or knows no locks, is left at the lock of the
 * state. LF_CODE_LOCKED, LF_CODE_CANCELLED.
 */
bool lf_transaction_lock(struct lf_transaction *transaction, struct lf_str into,
                         struct lf_error *err);
void lf_transaction_unlock(struct lf_transaction *transaction);

/** Finish or undo what the journal holds, if it holds anything. */
bool lf_transaction_recover(struct lf_transaction *transaction,
                            struct lf_error *err);

/** The ledger, loaded if it has to be. */
bool lf_transaction_ledger(struct lf_transaction *transaction,
                           struct lf_error *err);

/** Refuse, with LF_CODE_INTERNAL, what takes a transaction that was opened for writing.
 *  Returns false. */
bool lf_transaction_only_reads(struct lf_error *err);

/** Mark what the transaction makes for its caller, and know that again: what another
 *  one made is of another state or root, or of a time before this one's lock. That is
 *  refused with LF_CODE_INTERNAL; `what` is "plan", ... */
struct lf_maker lf_transaction_maker(const struct lf_transaction *transaction);
bool lf_transaction_made(const struct lf_transaction *transaction,
                         const struct lf_maker *maker, const char *what,
                         struct lf_error *err);

/** Write down that something was left; for struct lf_runner. */
void lf_notes_add(void *notes, struct lf_str dir, struct lf_str name,
                  const char *message);
void lf_notes_report(struct lf_notes *notes, struct lf_report *report);
void lf_notes_clear(struct lf_notes *notes);

/* ---- the parts that applying and recovering share ---- */

/** Undo steps [0, count) in reverse and sync. LF_CODE_RECOVERY on failure. */
bool lf_steps_undo(struct lf_runner *runner, const struct lf_steps *steps,
                   uint32_t count, struct lf_error *err);

/** Carry out the CLEAN steps and sync. LF_CODE_CLEAN_UP on failure. */
bool lf_steps_clean(struct lf_crew *crew, struct lf_steps *steps,
                    struct lf_error *err);

/** Remove the journal of a transaction that was committed, or undone; not synced,
 *  because repeating its end does no harm. LF_CODE_CLEAN_UP, or LF_CODE_RECOVERY. */
bool lf_journal_drop(struct lf_state *state, bool committed,
                     struct lf_error *err);

#endif
