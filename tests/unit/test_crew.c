/* SPDX-License-Identifier: MIT */
/* test_crew.c - crew.h */
#define _GNU_SOURCE
#include "apply/crew.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS = 2000, DIRS = 50, LEAST = 4, EXCHANGED = 9 };

/* What the steps do; see run(). */
static struct {
    atomic_uint ran[STEPS]; /* how often */
    int result[STEPS];
    bool notes[STEPS];
    atomic_uint runs;
    long caller;         /* not 0: others wait for it, now and then */
    atomic_bool stopped; /* by it */
} law;

struct job {
    struct lf_fs fs;
    struct lf_runner lead;
    struct lf_crew crew;
    struct lf_steps steps;
    char dirs[DIRS][16];
    char names[STEPS][8]; /* each step has its number for a name */
};

static struct job *new_job(unsigned threads)
{
    struct job *job = calloc(1, sizeof(*job));
    assert_non_null(job);
    memset(&law, 0, sizeof(law));
    lf_fs_system(&job->fs);
    lf_runner_init(&job->lead, &job->fs, -1, -1);
    lf_crew_init(&job->crew, &job->lead, threads);
    job->crew.least = LEAST;
    for (size_t i = 0; i < DIRS; i++)
        snprintf(job->dirs[i], sizeof(job->dirs[i]), "/d/%zu", i);
    for (size_t i = 0; i < STEPS; i++) {
        /* some are kept short, some as they are */
        struct lf_step step = {
                .op = i == EXCHANGED ? LF_OP_EXCHANGE : LF_OP_LINK,
                .dir = lf_str(job->dirs[i * DIRS / STEPS]),
                .after.kind = i % 5 ? LF_NODE_LINK : LF_NODE_NOTHING,
        };
        snprintf(job->names[i], sizeof(job->names[i]), "%zu", i);
        step.name = lf_str(job->names[i]);
        assert_true(lf_steps_add(&job->steps, &step));
    }
    return job;
}

static void free_job(struct job *job)
{
    lf_steps_finish(&job->steps);
    free(job);
}

static unsigned flags_of(const struct job *job, uint32_t index)
{
    return lf_steps_flags(&job->steps, index);
}

static unsigned number_of(const struct lf_step *step)
{
    return (unsigned)atoi(step->name.data);
}

static int run(struct lf_runner *runner, const struct lf_step *step)
{
    unsigned number = number_of(step);
    /* or one of them might do all before the caller's thread comes to run */
    while (law.caller && law.caller != (long)gettid() && number > STEPS / 4 &&
           !law.stopped)
        (void)sched_yield();
    runner->began = true;
    law.ran[number]++;
    law.runs++;
    if (law.notes[number])
        runner->note(runner->note_arg, step->dir, lf_str("x"), "odd");
    return law.result[number];
}

static bool is_odd(const struct lf_steps *steps, uint32_t index)
{
    struct lf_spare_room room;
    struct lf_step step = lf_steps_get(steps, index, &room);
    return number_of(&step) % 2;
}

static struct lf_crew_work work_of(struct job *job)
{
    return (struct lf_crew_work){.steps = &job->steps, .to = STEPS, .run = run};
}

static void test_each_step_is_run_once(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= 2 * LF_THREADS_MOST; threads++) {
        struct job *job = new_job(threads);
        struct lf_crew_work work = work_of(job);
        uint32_t failed;
        work.from = 7;
        work.to = STEPS - 5;
        assert_int_equal(lf_crew_run(&job->crew, &work, &failed), 0);
        for (unsigned i = 0; i < STEPS; i++) {
            assert_int_equal(law.ran[i], i >= work.from && i < work.to);
            assert_int_equal(flags_of(job, i), 0);
        }
        free_job(job);
    }
}

static int note_change(struct lf_runner *runner, const struct lf_step *step)
{
    runner->changed |= number_of(step) == STEPS / 2;
    return 0;
}

static int want_change(struct lf_runner *runner, const struct lf_step *step)
{
    (void)step;
    return runner->changed ? 0 : -EIO;
}

/* What one finds of directories concerns the steps that come after. */
static void test_a_change_that_one_finds_is_known_to_all(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct job *job = new_job(threads);
        struct lf_crew_work work = work_of(job);
        uint32_t failed;
        work.run = want_change;
        assert_int_equal(lf_crew_run(&job->crew, &work, &failed), -EIO);
        work.run = note_change;
        assert_int_equal(lf_crew_run(&job->crew, &work, &failed), 0);
        work.run = want_change;
        assert_int_equal(lf_crew_run(&job->crew, &work, &failed), 0);
        free_job(job);
    }
}

static void test_what_is_not_wanted_is_passed_over(void **state)
{
    (void)state;
    struct job *job = new_job(3);
    struct lf_crew_work work = work_of(job);
    uint32_t failed;
    work.wanted = is_odd;
    assert_int_equal(lf_crew_run(&job->crew, &work, &failed), 0);
    for (unsigned i = 0; i < STEPS; i++)
        assert_int_equal(law.ran[i], i % 2);
    free_job(job);
}

/* The first of the list, whoever comes to another one before it. */
static void test_the_first_failure_is_told(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct job *job = new_job(1 + round % LF_THREADS_MOST);
        struct lf_crew_work work = work_of(job);
        uint32_t failed, first = 100 + round * 7;
        law.result[first] = -EIO;
        law.result[first + 1 + round] = -EACCES;
        law.result[STEPS - 1] = -ENOSPC;
        assert_int_equal(lf_crew_run(&job->crew, &work, &failed), -EIO);
        assert_int_equal(failed, first);
        for (unsigned i = 0; i < STEPS; i++) {
            bool skipped = flags_of(job, i) & LF_MARK_NOT_RUN;
            bool done = law.ran[i] == 1 && law.result[i] == 0;
            assert_true(law.ran[i] <= 1);
            /* what nobody came to has no mark either way: none was run */
            assert_true(done ? !skipped : skipped || law.ran[i] == 0);
            assert_true(i >= first || done);
        }
        free_job(job);
    }
}

/* A step that is no LINK may have left something, and is judged again. */
static void test_a_failed_exchange_is_not_marked(void **state)
{
    (void)state;
    struct job *job = new_job(2);
    struct lf_crew_work work = work_of(job);
    uint32_t failed;
    law.result[EXCHANGED] = -ESTALE;
    assert_int_equal(lf_crew_run(&job->crew, &work, &failed), -ESTALE);
    assert_int_equal(failed, EXCHANGED);
    assert_int_equal(flags_of(job, EXCHANGED), 0);
    free_job(job);
}

static void never(void *arg, struct lf_str dir, struct lf_str name,
                  const char *message)
{
    (void)arg;
    (void)dir;
    (void)name;
    (void)message;
    fail_msg("a note came from within");
}

static void test_steps_with_something_to_note_are_marked(void **state)
{
    (void)state;
    struct job *job = new_job(4);
    struct lf_crew_work work = work_of(job);
    uint32_t failed;
    job->lead.note = never;
    for (unsigned i = 0; i < STEPS; i += 3)
        law.notes[i] = true;
    assert_int_equal(lf_crew_run(&job->crew, &work, &failed), 0);
    for (unsigned i = 0; i < STEPS; i++)
        assert_int_equal(flags_of(job, i), i % 3 ? 0 : LF_MARK_AGAIN);
    assert_ptr_equal(job->lead.note, never);
    free_job(job);
}

struct asked {
    unsigned long caller; /* the thread that may ask */
    uint32_t last;
    unsigned times;
};

static bool stop_after_some(void *arg, uint32_t done)
{
    struct asked *asked = arg;
    assert_true(done >= asked->last && done <= STEPS);
    assert_int_equal(asked->caller, (unsigned long)gettid());
    asked->last = done;
    law.stopped = ++asked->times > 20;
    return law.stopped;
}

static void test_the_calling_thread_may_stop_it(void **state)
{
    (void)state;
    struct job *job = new_job(2);
    struct lf_crew_work work = work_of(job);
    struct asked asked = {.caller = (unsigned long)gettid()};
    uint32_t failed;
    work.between = stop_after_some;
    work.arg = &asked;
    law.caller = (long)gettid();
    assert_int_equal(lf_crew_run(&job->crew, &work, &failed), -ECANCELED);
    for (unsigned i = 0; i < STEPS; i++) {
        bool skipped = flags_of(job, i) & LF_MARK_NOT_RUN;
        assert_true(law.ran[i] <= 1 && !(skipped && law.ran[i]));
    }
    free_job(job);
}

/* Two threads on two file systems: both are synced at the end. */
static void test_what_others_touched_is_synced_by_the_first(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_runner lead, other;
    lf_fs_system(&fs);
    scratch_dir(scratch, "d");
    char *dir;
    assert_true(asprintf(&dir, "%s/d", scratch->path) > 0);
    int root = fs.open_dir(&fs, -1, "/", LF_DIR_FOLLOW);
    assert_true(root >= 0);
    lf_runner_init(&lead, &fs, root, -1);
    lf_runner_init(&other, &fs, root, -1);
    assert_true(lf_runner_dir(&other, lf_str(dir), NULL) >= 0);
    assert_int_equal(lf_runner_touch(&other, lf_str(dir)), 0);
    assert_int_equal(other.n_touched, 1);
    assert_int_equal(lf_runner_join(&lead, &other), 0);
    assert_int_equal(lead.n_touched, 1);
    assert_int_equal(other.n_touched, 0);
    /* once more, of the same file system: it is known */
    assert_true(lf_runner_dir(&other, lf_str(dir), NULL) >= 0);
    assert_int_equal(lf_runner_touch(&other, lf_str(dir)), 0);
    assert_int_equal(lf_runner_join(&lead, &other), 0);
    assert_int_equal(lead.n_touched, 1);
    assert_int_equal(lf_runner_sync(&lead), 0);
    lf_runner_finish(&other);
    lf_runner_finish(&lead);
    fs.close(&fs, root);
    free(dir);
}

static void test_few_steps_are_not_shared(void **state)
{
    (void)state;
    struct job *one = new_job(1), *two = new_job(2);
    assert_false(lf_crew_pays(&one->crew, STEPS));
    assert_true(lf_crew_pays(&two->crew, LEAST));
    assert_false(lf_crew_pays(&two->crew, LEAST - 1));
    lf_crew_init(&two->crew, &two->lead, 2);
    assert_false(lf_crew_pays(&two->crew, LF_CREW_LEAST - 1));
    free_job(one);
    free_job(two);
}

static void test_which_steps_need_no_order(void **state)
{
    (void)state;
    static const struct {
        enum lf_op op;
        enum lf_node_kind before, after;
        bool is_free;
    } rows[] = {
            {LF_OP_LINK,     LF_NODE_NOTHING, LF_NODE_LINK,    true },
            {LF_OP_EXCHANGE, LF_NODE_LINK,    LF_NODE_LINK,    true },
            {LF_OP_EXCHANGE, LF_NODE_FILE,    LF_NODE_LINK,    true },
            {LF_OP_EXCHANGE, LF_NODE_DIR,     LF_NODE_LINK,    false},
            {LF_OP_EXCHANGE, LF_NODE_LINK,    LF_NODE_DIR,     false},
            {LF_OP_TAKE,     LF_NODE_LINK,    LF_NODE_NOTHING, true },
            {LF_OP_TAKE,     LF_NODE_DIR,     LF_NODE_NOTHING, false},
            {LF_OP_MKDIR,    LF_NODE_NOTHING, LF_NODE_DIR,     false},
            {LF_OP_MOVE,     LF_NODE_FILE,    LF_NODE_NOTHING, false},
            {LF_OP_COUNT,    LF_NODE_NOTHING, LF_NODE_NOTHING, false},
            {LF_OP_CHMOD,    LF_NODE_DIR,     LF_NODE_DIR,     false},
            {LF_OP_RMDIR,    LF_NODE_DIR,     LF_NODE_NOTHING, false},
    };
    struct lf_steps steps = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct lf_step step = {.op = rows[i].op,
                                     .before = {.kind = rows[i].before},
                                     .after = {.kind = rows[i].after}};
        assert_true(lf_steps_add(&steps, &step));
        if (lf_crew_is_free(&steps, (uint32_t)i) != rows[i].is_free)
            fail_msg("row %zu", i);
    }
    lf_steps_finish(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_step_is_run_once),
            cmocka_unit_test(test_a_change_that_one_finds_is_known_to_all),
            cmocka_unit_test(test_what_is_not_wanted_is_passed_over),
            cmocka_unit_test(test_the_first_failure_is_told),
            cmocka_unit_test(test_a_failed_exchange_is_not_marked),
            cmocka_unit_test(test_steps_with_something_to_note_are_marked),
            cmocka_unit_test(test_the_calling_thread_may_stop_it),
            cmocka_unit_test_setup_teardown(
                    test_what_others_touched_is_synced_by_the_first,
                    scratch_setup, scratch_teardown),
            cmocka_unit_test(test_few_steps_are_not_shared),
            cmocka_unit_test(test_which_steps_need_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
