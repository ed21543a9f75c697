/* SPDX-License-Identifier: MIT */
/*
 * recover.c - finishing or undoing an interrupted transaction
 *
 * The ledger tells which: it carries the number of the transaction that wrote
 * it, so if the journal's number is the ledger's, the commit happened.
 */
#include "apply/confine.h"
#include "apply/journal.h"
#include "apply/transaction.h"
#include "base/util.h"
#include <inttypes.h>
#include <string.h>

/*
 * A root directory of the same number may be another file system's, so then the
 * state must also lie where it lay in it.
 */
static bool is_same_root(const struct lf_transaction *t,
                         const struct lf_steps *steps,
                         const struct lf_node *root)
{
    return root->ino == steps->root_ino &&
           (root->dev == steps->root_dev ||
            lf_str_equal(t->state.position, steps->position));
}

static bool check_root(struct lf_transaction *t, const struct lf_steps *steps,
                       struct lf_node *ret_root, struct lf_error *err)
{
    int result = t->fs->stat(t->fs, t->root_fd, "", ret_root);
    if (result < 0) {
        lf_error_set(err, LF_CODE_ROOT, -result,
                     "the root directory cannot be looked at: %s",
                     strerror(-result));
        return false;
    }
    if (is_same_root(t, steps, ret_root))
        return true;
    lf_error_set(err, LF_CODE_OTHER_ROOT, 0,
                 "the interrupted transaction in %.*s worked below another "
                 "root directory",
                 (int)t->state.path.len, t->state.path.data);
    lf_error_help(err, "run recover with the --root that was used");
    return false;
}

/* A ledger that was put back, or lost, is of another time: neither undoing nor
 * cleaning up would make the tree what it says. */
static bool check_numbers(struct lf_transaction *t,
                          const struct lf_steps *steps, struct lf_error *err)
{
    uint64_t of_ledger = t->ledger->transaction;
    if (of_ledger == steps->transaction || of_ledger + 1 == steps->transaction)
        return true;
    lf_error_set(err, LF_CODE_JOURNAL_CORRUPT, 0,
                 "the journal is of transaction %" PRIu64
                 ", and the ledger of transaction %" PRIu64
                 ": they do not belong together",
                 steps->transaction, of_ledger);
    lf_error_help(
            err,
            "nothing was touched; put the right %.*s/ledger back, or look "
            "at the places that %.*s/%s names and move it away",
            (int)t->state.path.len, t->state.path.data, (int)t->state.path.len,
            t->state.path.data, LF_JOURNAL_FILE);
    return false;
}

/* `err` says what is wrong in the journal, but not in which file that is. */
static bool unreadable(const struct lf_transaction *t, struct lf_error *err)
{
    if (err->code != LF_CODE_NO_MEMORY)
        lf_error_prefix(err, "journal '%.*s/%s'", (int)t->state.path.len,
                        t->state.path.data, LF_JOURNAL_FILE);
    if (err->code == LF_CODE_JOURNAL_CORRUPT)
        lf_error_help(err, "nothing was touched; look at the places that it "
                           "names (what had to give way may stand beside its "
                           "own under a name that begins with .lf-), and move "
                           "it away when all are right");
    return false;
}

/* The steps of a journal that can be recovered by this transaction, and the root
 * directory that they are below. */
static bool read_steps(struct lf_transaction *t, struct lf_str text,
                       struct lf_steps *ret_steps, struct lf_node *ret_root,
                       struct lf_error *err)
{
    if (!lf_journal_decode(text, ret_steps, err))
        return unreadable(t, err);
    if (check_root(t, ret_steps, ret_root, err) &&
        lf_transaction_ledger(t, err) && check_numbers(t, ret_steps, err))
        return true;
    lf_steps_finish(ret_steps);
    return false;
}

static bool finish(struct lf_transaction *t, struct lf_runner *runner,
                   struct lf_steps *steps, struct lf_error *err)
{
    bool committed = t->ledger->transaction == steps->transaction;
    t->recovery = committed ? LF_RECOVERY_FINISHED : LF_RECOVERY_UNDONE;
    t->recovery_report.transaction = steps->transaction;
    if (!committed)
        return lf_steps_undo(runner, steps, steps->n, err);
    struct lf_crew crew;
    lf_crew_init(&crew, runner, t->options.threads);
    return lf_steps_clean(&crew, steps, err);
}

static bool confine(struct lf_transaction *t, const struct lf_runner *runner,
                    const struct lf_steps *steps, struct lf_error *err)
{
    struct lf_sandbox sandbox;
    if (t->options.confine != LF_CONFINE_RECOVERY)
        return true;
    if (!lf_confine_begin(&sandbox, runner, steps, &t->confinement, err))
        return false;
    lf_confine_enter(&sandbox, &t->confinement);
    return true;
}

static bool recover(struct lf_transaction *t, struct lf_str text,
                    struct lf_error *err)
{
    struct lf_runner runner;
    struct lf_steps steps;
    struct lf_node root;
    if (!read_steps(t, text, &steps, &root, err))
        return false;
    /* A device has its number for as long as it is mounted: after a power cut it
     * may be another one, and on btrfs it is. So what a journal names is known
     * again by its inode alone, in the directory that the journal names. */
    lf_steps_forget_devices(&steps);
    lf_runner_init(&runner, t->fs, t->root_fd, t->state.fd);
    runner.note = lf_notes_add;
    runner.note_arg = &t->recovery_notes;
    runner.state_path = t->state.path;
    lf_runner_set_root(&runner, steps.root_dev, root.dev);
    bool ok = lf_transaction_lock(t, steps.into, err) &&
              confine(t, &runner, &steps, err) &&
              finish(t, &runner, &steps, err);
    /* the ledger that was not to be */
    if (ok)
        lf_state_drop_staged(&t->state, LF_LEDGER_FILE);
    ok = ok &&
         lf_journal_drop(&t->state, t->recovery == LF_RECOVERY_FINISHED, err);
    lf_transaction_unlock(t);
    lf_runner_finish(&runner);
    lf_steps_finish(&steps);
    lf_notes_report(&t->recovery_notes, &t->recovery_report);
    return ok;
}

/* One of no bytes was not begun. `ret_text` is the caller's to free, also then. */
static bool read_journal(struct lf_transaction *t, struct lf_str *ret_text,
                         struct lf_error *err)
{
    bool exists;
    *ret_text = (struct lf_str){0};
    return lf_state_read(&t->state, LF_JOURNAL_FILE, ret_text, &exists, err);
}

bool lf_transaction_recover(struct lf_transaction *t, struct lf_error *err)
{
    struct lf_str text;
    bool ok = read_journal(t, &text, err) &&
              (text.len == 0 || recover(t, text, err));
    lf_free_const(text.data);
    return ok;
}

bool lf_transaction_recoverable(struct lf_transaction *t, struct lf_error *err)
{
    struct lf_str text;
    struct lf_steps steps;
    struct lf_node root;
    bool ok = read_journal(t, &text, err);
    if (ok && text.len > 0) {
        ok = read_steps(t, text, &steps, &root, err);
        if (ok)
            lf_steps_finish(&steps);
    }
    lf_free_const(text.data);
    return ok;
}
