/* SPDX-License-Identifier: MIT */
/*
 * apply.c - carrying a plan out: all of it or nothing
 *
 * The order is what makes it hold across a crash at any instant. Everything
 * that needs memory comes first; then the journal, durable before the first
 * change; the steps; a sync of what they changed; the new ledger, whose rename
 * is the instant at which the transaction has happened; and only then is
 * anything removed for good.
 */
#include "apply/confine.h"
#include "apply/crew.h"
#include "apply/journal.h"
#include "apply/stage.h"
#include "apply/stamps.h"
#include "apply/transaction.h"
#include "platform/sys.h"
#include <errno.h>
#include <string.h>

struct applier {
    struct lf_transaction *t;
    const struct lf_plan *plan;
    struct lf_compiled compiled;
    struct lf_runner runner;
    struct lf_crew crew;
    struct lf_sandbox sandbox;
    uint64_t old_generation;          /* to be kept; 0: none */
    struct lf_stamps_name old_stamps; /* by the manifest that the farm came from
                                         before; empty: by none */
    struct lf_staged staged;          /* that are not published yet */
    int stamps;                       /* the stamps', which may be lost; -1 */
    uint32_t steps_run;
    struct lf_error *err;
};

/* What of a failed step's cause can be done something about. */
static const char *cure_of(int error)
{
    switch (error) {
    case -EXDEV:
        /* Documentation/filesystems/overlayfs.rst, "Renaming directories"; a
         * directory whose files are to be of its project (chattr +P) takes in
         * none of another */
        return "all was undone; an overlay moves no directory of a layer "
               "below, and XFS and ext4 nothing to another project's (lsattr "
               "-p): move it away yourself, then run the command again";
    case -ENOSPC:
    case -EDQUOT:
        return "all was undone; make room, then run the command again";
    case -EMFILE:
    case -ENFILE:
        /* each thread keeps some directories open */
        return "all was undone; let more files be open at a time (ulimit -n), "
               "or fewer threads work (--threads=1)";
    default:
        return "all was undone";
    }
}

/* Where the name is one that nobody is to see: what a verb that names no thing is
 * about. Only files that are adopted are moved from such a name. */
static const char *thing_of(enum lf_op op)
{
    switch (op) {
    case LF_OP_LINK:
    case LF_OP_MKDIR:
        return "in ";
    case LF_OP_MOVE:
        return "a file in ";
    case LF_OP_COUNT:
        return "what was taken out in ";
    case LF_OP_EXCHANGE:
    case LF_OP_TAKE:
    case LF_OP_CHMOD:
    case LF_OP_DROP:
    case LF_OP_RMDIR:
    case LF_OPS:
        break;
    }
    return "a directory in ";
}

static bool step_failed(struct applier *a, uint32_t index, int error)
{
    struct lf_buf shown = {0};
    struct lf_spare_room room;
    struct lf_step step = lf_steps_get(&a->compiled.steps, index, &room);
    struct lf_str dir = lf_runner_shown(&a->runner, step.dir, &shown);
    struct lf_str name = lf_is_spare(step.name) ? lf_str("") : step.name;
    const char *slash = name.len ? "/" : "";
    if (error == -ESTALE) {
        lf_error_set(a->err, LF_CODE_STALE, 0,
                     "%.*s%s%.*s is not what it was when the plan was made",
                     (int)dir.len, dir.data, slash, (int)name.len,
                     name.data ? name.data : "");
        lf_error_help(a->err, "all was undone; run the command again");
    } else {
        lf_error_set(a->err, LF_CODE_STEP_FAILED, -error,
                     "cannot %s %s%.*s%s%.*s: %s", lf_step_verb(&step),
                     name.len ? "" : thing_of(step.op), (int)dir.len, dir.data,
                     slash, (int)name.len, name.data ? name.data : "",
                     strerror(-error));
        lf_error_help(a->err, "%s", cure_of(error));
    }
    lf_buf_finish(&shown);
    return false;
}

static bool stopped(struct applier *a)
{
    lf_error_set(a->err, LF_CODE_CANCELLED, 0, "stopped");
    lf_error_help(a->err, "all was undone");
    return false;
}

static bool cancelled(struct applier *a)
{
    const struct lf_transaction_options *options = &a->t->options;
    return options->cancelled && options->cancelled(options->cancelled_arg) &&
           !stopped(a);
}

static bool sync_failed(struct applier *a, int error)
{
    lf_error_set(a->err, LF_CODE_STEP_FAILED, -error,
                 "the changes cannot be synced to disk: %s", strerror(-error));
    lf_error_help(a->err, "%s", cure_of(error));
    return false;
}

/* What is removed after the commit is only looked at before it. */
static int run_or_look(struct lf_runner *runner, const struct lf_step *step)
{
    return step->phase == LF_PHASE_CLEAN ? lf_step_look(runner, step)
                                         : lf_step_run(runner, step);
}

static bool run_one(struct applier *a, uint32_t index)
{
    const struct lf_transaction_options *options = &a->t->options;
    const struct lf_steps *steps = &a->compiled.steps;
    struct lf_spare_room room;
    struct lf_step step = lf_steps_get(steps, index, &room);
    if (cancelled(a))
        return false;
    int result = run_or_look(&a->runner, &step);
    if (step.phase != LF_PHASE_CLEAN &&
        (result == 0 || (lf_op_is_judged(step.op) && a->runner.began)))
        a->steps_run = index + 1;
    if (result < 0)
        return step_failed(a, index, result);
    if (step.flags & LF_MARK_LATE_MODE)
        lf_steps_know_made(&a->compiled.steps, &step, a->runner.made);
    if (options->progress)
        options->progress(options->progress_arg, index + 1, steps->n);
    return true;
}

/* The end of the steps from `from` on that need no order; `from` if it does. A
 * place has one such step in each phase. Those that only count need none among
 * themselves. */
static uint32_t end_of_free(const struct lf_steps *steps, uint32_t from)
{
    enum lf_phase phase = lf_steps_phase(steps, from);
    bool counts = lf_steps_op(steps, from) == LF_OP_COUNT;
    uint32_t end = from;
    if (phase == LF_PHASE_CLEAN)
        return steps->n;
    while (end < steps->n && lf_steps_phase(steps, end) == phase &&
           (counts ? lf_steps_op(steps, end) == LF_OP_COUNT
                   : lf_crew_is_free(steps, end)))
        end++;
    return end;
}

/* Whether it pays to share them. To count takes as long as to change several links. */
static bool pays(const struct applier *a, uint32_t from, uint32_t to)
{
    enum { LINKS = 4 };
    const struct lf_steps *steps = &a->compiled.steps;
    uint32_t count = to - from;
    if (count > 0 && lf_steps_op(steps, from) == LF_OP_COUNT)
        count *= LINKS;
    return lf_crew_pays(&a->crew, count);
}

struct between {
    struct applier *a;
    uint32_t from;
};

static bool between(void *arg, uint32_t done)
{
    const struct between *at = arg;
    const struct lf_transaction_options *options = &at->a->t->options;
    if (options->progress && done > 0)
        options->progress(options->progress_arg, at->from + done,
                          at->a->compiled.steps.n);
    return options->cancelled && options->cancelled(options->cancelled_arg);
}

static bool run_many(struct applier *a, uint32_t from, uint32_t to)
{
    struct lf_steps *steps = &a->compiled.steps;
    struct between at = {a, from};
    struct lf_crew_work work = {
            .steps = steps,
            .from = from,
            .to = to,
            .run = run_or_look,
            .between = between,
            .arg = &at,
    };
    uint32_t failed;
    int result = lf_crew_run(&a->crew, &work, &failed);
    if (lf_steps_phase(steps, from) != LF_PHASE_CLEAN)
        a->steps_run = to;
    if (result == -ECANCELED)
        return stopped(a);
    if (result < 0)
        return failed == to ? sync_failed(a, result)
                            : step_failed(a, failed, result);
    return true;
}

static bool run_steps(struct applier *a)
{
    const struct lf_steps *steps = &a->compiled.steps;
    for (uint32_t from = 0, to; from < steps->n; from = to) {
        to = end_of_free(steps, from);
        bool shared = pays(a, from, to);
        if (to == from)
            to++;
        if (shared && !run_many(a, from, to))
            return false;
        for (uint32_t i = from; !shared && i < to; i++)
            if (!run_one(a, i))
                return false;
    }
    return true;
}

static bool sync_steps(struct applier *a)
{
    int result = 0;
    if (a->old_generation) {
        /* the history's new entry becomes durable with the tree */
        result = lf_runner_dir(&a->runner, lf_str(""), NULL);
        if (result >= 0)
            result = lf_runner_touch(&a->runner, lf_str(""));
    }
    if (result >= 0)
        result = lf_runner_sync(&a->runner);
    return result >= 0 || sync_failed(a, result);
}

/* All that the state directory has to hold stands before the journal is
 * published: then a full one has shown itself while there is nothing to undo. */
static bool fill_state(struct applier *a)
{
    struct lf_transaction *t = a->t;
    const struct lf_steps *steps = &a->compiled.steps;
    return lf_stage(t, a->plan, &a->compiled, lf_crew_pays(&a->crew, steps->n),
                    &a->staged, a->err) &&
           (a->old_generation == 0 ||
            lf_state_keep(&t->state, a->plan->farm, a->old_generation, a->err));
}

static bool publish_journal(struct applier *a)
{
    bool renamed = false;
    int file = a->staged.journal;
    a->staged.journal = -1;
    if (file < 0 ||
        lf_state_publish(&a->t->state, LF_JOURNAL_FILE, file, &renamed, a->err))
        return true;
    struct lf_error ignored; /* nothing was changed: the first one counts */
    if (renamed) {
        lf_journal_drop(&a->t->state, false, &ignored);
        /* a sync that fails before the first change leaves nothing done */
        a->err->code = LF_CODE_STATE_UNWRITABLE;
    }
    return false;
}

/* Undo, and let the first error stand; only a second failure outranks it. */
static bool take_back(struct applier *a)
{
    struct lf_error second;
    lf_runner_forget(&a->runner);
    /* what is taken back is known by itself, wherever it was led to */
    a->runner.guarded = false;
    if (a->compiled.steps.n == 0 ||
        (lf_steps_undo(&a->runner, &a->compiled.steps, a->steps_run, &second) &&
         lf_journal_drop(&a->t->state, false, &second)))
        return false;
    lf_error_prefix(&second, "while undoing (%s)", a->err->message);
    *a->err = second;
    return false;
}

/* False with `*ret_committed` true: renamed, but perhaps not for good. Then the
 * journal stays, and whichever ledger is found next time decides. */
static bool commit(struct applier *a, bool *ret_committed)
{
    int file = a->staged.ledger;
    a->staged.ledger = -1;
    bool done = lf_state_publish(&a->t->state, LF_LEDGER_FILE, file,
                                 ret_committed, a->err);
    if (!done && *ret_committed)
        lf_error_help(a->err, "it is done and recorded; see the system's log "
                              "for what is wrong with the disk");
    return done;
}

static bool carry_out(struct applier *a)
{
    bool committed = false;
    if (!fill_state(a) || !publish_journal(a))
        return false;
    lf_confine_enter(&a->sandbox, &a->t->confinement);
    if (!run_steps(a) || !sync_steps(a) || cancelled(a))
        return take_back(a);
    if (!commit(a, &committed))
        return committed ? false : take_back(a);
    return a->compiled.steps.n == 0 ||
           (lf_steps_clean(&a->crew, &a->compiled.steps, a->err) &&
            lf_journal_drop(&a->t->state, true, a->err));
}

static bool make_tag(uint64_t *ret, struct lf_error *err)
{
    int result = lf_sys_random(ret);
    if (result < 0)
        lf_error_set(err, LF_CODE_SYSTEM, -result,
                     "the system gives no random numbers: %s",
                     strerror(-result));
    return result == 0;
}

/* With what is staged, all that needs memory before the first change. */
static bool get_ready(struct applier *a)
{
    struct lf_transaction *t = a->t;
    struct lf_compile_request request = {
            .plan = a->plan,
            .fs = t->fs,
            .root_fd = t->root_fd,
            .state_fd = t->state.fd,
            .position = t->state.position,
            .transaction = t->ledger->transaction + 1,
    };
    if (!make_tag(&request.tag, a->err) ||
        !lf_compile(&request, &a->compiled, a->err))
        return false;
    const struct lf_recorded *farm = lf_ledger_find(t->ledger, a->plan->farm);
    a->old_generation = farm ? farm->generation : 0;
    /* the threads' runners take it from this one */
    lf_runner_set_root(&a->runner, a->compiled.steps.root_dev,
                       a->compiled.steps.root_dev);
    lf_crew_init(&a->crew, &a->runner, t->options.threads);
    if (t->crew_least > 0)
        a->crew.least = t->crew_least;
    /* the ledger is forgotten while the transaction is carried out */
    if (farm && farm->head.manifest.len > 0)
        a->old_stamps = lf_stamps_name(farm->head.manifest);
    return true;
}

/* Its memory too comes before the first change. */
static bool confine(struct applier *a)
{
    return a->t->options.confine == LF_CONFINE_NOTHING ||
           lf_confine_begin(&a->sandbox, &a->runner, &a->compiled.steps,
                            &a->t->confinement, a->err);
}

static bool may_apply(struct applier *a)
{
    if (!lf_plan_ok(a->plan)) {
        lf_error_set(a->err, LF_CODE_NOT_APPLICABLE, 0,
                     "the plan has conflicts or findings");
        return false;
    }
    if (!lf_transaction_ledger(a->t, a->err))
        return false;
    if (a->plan->base == a->t->ledger->transaction)
        return true;
    lf_error_set(a->err, LF_CODE_STALE, 0,
                 "another transaction has happened since the plan was made");
    return false;
}

/* The only plan that a transaction opened for reading may carry out. */
static bool changes_nothing(struct applier *a)
{
    return (lf_plan_ok(a->plan) && !lf_plan_changes(a->plan)) ||
           lf_transaction_only_reads(a->err);
}

static size_t actions_of(const struct lf_plan *plan)
{
    size_t count = 0;
    for (uint32_t i = 0; i < plan->n_planned; i++)
        count += plan->planned[i].kind != LF_ACTION_KEEP &&
                 plan->planned[i].kind != LF_ACTION_SKIP &&
                 plan->planned[i].kind != LF_ACTION_DRIFT;
    return count;
}

/* Whoever finds that there is nothing to do may have found it out anew. */
static void keep_stamps(struct lf_transaction *t, const struct lf_plan *plan)
{
    struct lf_str manifest = plan->head.manifest;
    if (t->stamped == plan)
        lf_stamps_put_end(t, manifest, &t->stamped_ledger,
                          lf_stamps_put_begin(t, manifest));
    t->stamped = NULL;
}

/* Nothing is remembered any more by the name of a manifest from which no farm comes:
 * nobody would write over it. */
static void drop_stamps(struct applier *a)
{
    struct lf_stamps_name now = lf_stamps_name(a->plan->head.manifest);
    if (a->old_stamps.text[0] != '\0' &&
        (a->plan->purpose == LF_PURPOSE_REMOVE ||
         strcmp(a->old_stamps.text, now.text) != 0))
        lf_stamps_drop(a->t, a->old_stamps);
}

/* The stamps of a plan that is to be carried out hold with the ledger that it
 * makes. */
static void begin_stamps(struct applier *a)
{
    if (a->t->stamped == a->plan)
        a->stamps = lf_stamps_put_begin(a->t, a->plan->head.manifest);
}

static void end_stamps(struct applier *a, bool applied)
{
    struct lf_node ledger;
    struct lf_str manifest = a->plan->head.manifest;
    if (a->stamps >= 0 && applied && lf_stamps_ledger(a->t, &ledger))
        lf_stamps_put_end(a->t, manifest, &ledger, a->stamps);
    else if (a->stamps >= 0)
        lf_state_discard(&a->t->state, lf_stamps_name(manifest).text,
                         a->stamps);
    a->t->stamped = NULL;
}

/* What is only compared was not proved, and makes no generation. */
static bool is_for_applying(const struct lf_plan *plan, struct lf_error *err)
{
    if (plan->purpose != LF_PURPOSE_STATUS)
        return true;
    lf_error_set(err, LF_CODE_INTERNAL, 0,
                 "the plan compares what is recorded with the disk, and is not "
                 "to be applied");
    return false;
}

bool lf_transaction_apply(struct lf_transaction *t, const struct lf_plan *plan,
                          const struct lf_report **ret_report,
                          struct lf_error *err)
{
    struct applier a = {
            .t = t,
            .plan = plan,
            .staged = {-1, -1},
            .stamps = -1,
            .sandbox = {.ruleset = -1 },
            .err = err
    };
    lf_notes_clear(&t->notes);
    t->report = (struct lf_report){.generation = plan->generation};
    *ret_report = &t->report;
    if (!lf_transaction_made(t, &plan->maker, "plan", err) ||
        !is_for_applying(plan, err) ||
        (t->options.write ? !may_apply(&a) : !changes_nothing(&a)))
        return false;
    if (!lf_plan_changes(plan)) {
        keep_stamps(t, plan);
        return true;
    }
    lf_runner_init(&a.runner, t->fs, t->root_fd, t->state.fd);
    a.runner.note = lf_notes_add;
    a.runner.note_arg = &t->notes;
    a.runner.state_path = t->state.path;
    a.runner.guarded = plan->shared;
    lf_held_way_init(&a.runner.way, t->fs, t->root_fd,
                     (struct lf_passable){plan->passable, plan->n_passable});
    begin_stamps(&a);
    bool ok = get_ready(&a) && confine(&a) && carry_out(&a);
    end_stamps(&a, ok);
    if (ok) {
        t->report.transaction = a.compiled.steps.transaction;
        t->report.generation = lf_plan_generation(plan);
        t->report.applied = actions_of(plan);
        drop_stamps(&a);
    }
    lf_staged_discard(t, &a.staged);
    /* it is not the one that stands, and borrows from the plan */
    lf_ledger_free(t->ledger);
    t->ledger = NULL;
    lf_notes_report(&t->notes, &t->report);
    lf_sandbox_finish(&a.sandbox);
    lf_runner_finish(&a.runner);
    lf_compiled_finish(&a.compiled);
    return ok;
}
