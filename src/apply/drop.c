/* SPDX-License-Identifier: MIT */
/*
 * drop.c - dropping old generations, and what only they keep
 *
 * The order is what makes it hold across a crash. Generations are retired by a
 * rename each, and that is made durable before anything that they kept is
 * touched; they are forgotten only when all of that is gone for good. So a
 * generation in the history always has what it kept, and what is not finished
 * is found again by what is still retired.
 */
#include "apply/confine.h"
#include "apply/garbage.h"

#include "base/util.h"
#include <string.h>

static bool sync_state(struct lf_transaction *t, struct lf_error *err)
{
    int error = t->fs->syncfs(t->fs, t->state.fd);
    if (error == 0)
        return true;
    lf_error_set(err, LF_CODE_GARBAGE, -error,
                 "that the history was dropped cannot be made durable: %s",
                 strerror(-error));
    lf_error_help(err, "nothing that it kept was removed; run: linkfarm gc");
    return false;
}

/* What fails in the state once something was dropped does not leave it as it was. */
static bool in_part(struct lf_error *err)
{
    if (err->code == LF_CODE_NO_MEMORY) {
        lf_error_set(err, err->code, err->os_errno,
                     "dropped in part: out of memory");
        lf_error_help(err, "run: linkfarm gc");
        return false;
    }
    if (err->code != LF_CODE_STATE_UNWRITABLE &&
        err->code != LF_CODE_STATE_UNREADABLE)
        return false;
    err->code = LF_CODE_GARBAGE;
    lf_error_prefix(err, "dropped in part");
    if (!err->help[0])
        lf_error_help(err, "remove the cause, then run: linkfarm gc");
    return false;
}

static bool retire_all(struct lf_transaction *t,
                       const struct lf_garbage *garbage, struct lf_error *err)
{
    bool retired = false;
    for (uint32_t i = 0; i < garbage->n_generations; i++) {
        const struct lf_old_generation *old = &garbage->generations[i];
        if (old->damaged)
            continue;
        if (!lf_state_retire(&t->state, old->farm, old->number, err))
            return retired && in_part(err);
        retired = true;
    }
    return !(retired || garbage->interrupted) || sync_state(t, err);
}

/* The ledger without the farms that have nothing left. No transaction: nothing
 * outside of the state changes, so the number stays. */
static bool write_ledger(struct lf_transaction *t,
                         const struct lf_garbage *garbage, struct lf_error *err)
{
    struct lf_buf text = {0};
    if (garbage->n_farms == 0)
        return true;
    for (uint32_t i = 0; i < garbage->n_farms; i++)
        lf_ledger_drop(t->ledger, garbage->farms[i]);
    bool done = lf_ledger_encode(&text, NULL, t->ledger, err) &&
                lf_state_write(&t->state, LF_LEDGER_FILE, lf_buf_str(&text),
                               NULL, err);
    lf_buf_finish(&text);
    if (!done) { /* what stands is the truth */
        lf_ledger_free(t->ledger);
        t->ledger = NULL;
    }
    return done;
}

static bool cancelled(struct lf_transaction *t, struct lf_error *err)
{
    const struct lf_transaction_options *options = &t->options;
    if (!options->cancelled || !options->cancelled(options->cancelled_arg))
        return false;
    lf_error_set(err, LF_CODE_CANCELLED, 0,
                 "stopped; the next gc removes what is left");
    return true;
}

static bool sweep(struct lf_transaction *t, const struct lf_garbage *garbage,
                  struct lf_error *err)
{
    struct lf_sweeper sweeper = {.t = t};
    bool done = true;
    for (size_t i = 0; done && i < garbage->n_displaced; i++) {
        if (t->options.progress)
            t->options.progress(t->options.progress_arg, i,
                                garbage->n_displaced);
        done = !cancelled(t, err) &&
               lf_sweep_node(&sweeper, &garbage->displaced[i], err);
    }
    lf_sweeper_finish(&sweeper);
    return done &&
           lf_sweep_end(t, garbage->displaced, garbage->n_displaced, err);
}

static void tell_damaged(struct lf_transaction *t, struct lf_str name,
                         uint64_t number)
{
    struct lf_buf file = {0};
    lf_state_add_retired(&file, name, number);
    lf_notes_add(&t->notes, t->state.path, lf_buf_str(&file),
                 "cannot be read, so what it kept is not known; move it away "
                 "when you have looked");
    lf_buf_finish(&file);
}

/* Those that cannot be read are left, as long as a person has not looked. */
static bool forget_farm(struct lf_transaction *t, struct lf_str name,
                        struct lf_error *err)
{
    LF_AUTO_FREE uint64_t *numbers = NULL;
    size_t count;
    if (!lf_state_retired(&t->state, name, &numbers, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct lf_ledger *ledger;
        struct lf_error why;
        if (!lf_state_retired_ledger(&t->state, name, numbers[i], &ledger,
                                     &why)) {
            if (!lf_garbage_is_damage(&why)) {
                *err = why;
                return false;
            }
            tell_damaged(t, name, numbers[i]);
            continue;
        }
        lf_ledger_free(ledger);
        if (!lf_state_forget(&t->state, name, numbers[i], err))
            return false;
    }
    return lf_state_tidy(&t->state, name, err);
}

static bool forget_all(struct lf_transaction *t,
                       const struct lf_garbage *garbage, struct lf_error *err)
{
    for (uint32_t i = 0; i < garbage->n_names; i++)
        if (!forget_farm(t, garbage->names[i], err))
            return false;
    return true;
}

/* What was garbage may be needed since, and a farm that owned nothing own something. */
static bool still_counts(struct lf_transaction *t,
                         const struct lf_garbage *garbage, struct lf_error *err)
{
    if (!lf_transaction_made(t, &garbage->maker, "garbage", err) ||
        !lf_transaction_ledger(t, err))
        return false;
    if (garbage->base == t->ledger->transaction && garbage->drops == t->drops)
        return true;
    lf_error_set(err, LF_CODE_STALE, 0,
                 "something was applied or dropped since the garbage was "
                 "found");
    return false;
}

bool lf_garbage_drop(struct lf_transaction *t, const struct lf_garbage *garbage,
                     const struct lf_report **ret_report, struct lf_error *err)
{
    t->report = (struct lf_report){0};
    lf_notes_clear(&t->notes);
    if (!t->options.write)
        return lf_transaction_only_reads(err);
    if (!still_counts(t, garbage, err))
        return false;
    t->drops++;
    if (t->options.confine != LF_CONFINE_NOTHING)
        lf_confine_to_store(t, garbage->displaced, garbage->n_displaced);
    /* the ledger last: a farm that begins anew must not find what is retired
     * under the numbers that it gives out again */
    if (!retire_all(t, garbage, err))
        return false;
    if (!sweep(t, garbage, err))
        return in_part(err);
    if (!forget_all(t, garbage, err) || !write_ledger(t, garbage, err))
        return (garbage->n_generations > 0 || garbage->interrupted) &&
               in_part(err);
    lf_notes_report(&t->notes, &t->report);
    *ret_report = &t->report;
    return true;
}
