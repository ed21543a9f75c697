/* SPDX-License-Identifier: MIT */
/* test_state_files.c - the files of the state directory, and generations */
#include "base/util.h"
#include "ledger/state.h"
#include "support/check.h"
#include "support/fault_fs.h"
#include "support/sample_ledger.h"
#include "support/sample_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- files ---- */

static void test_a_write_has_the_promised_order(void **state)
{
    struct scratch *scratch = *state;
    struct fault_fs faults;
    struct lf_error err;
    bool renamed = false;
    struct fault_log log = {.ops = FAULT_CHANGES | 1u << FAULT_CLOSE};
    fault_fs_init(&faults, NULL);
    struct lf_state writer = open_state(&faults.fs, below(scratch, "state"));
    stand(&writer, "f", 1, "one");
    faults.before = fault_log_add;
    faults.before_arg = &log;
    assert_done(
            lf_state_write(&writer, "ledger", LF_STR("two"), &renamed, &err),
            &err);
    assert_true(renamed);
    assert_string_equal(log.text, "open_file ledger.new\n"
                                  "write\n"
                                  "fsync\n"
                                  "close\n"
                                  "rename ledger.new -> ledger\n"
                                  "fsync\n");
    faults.before = NULL;
    fault_log_clear(&log);
    check_file(scratch, "state/ledger", "two");
    assert_int_equal(mode_of(scratch, "state/ledger"), 0600);
    lf_state_close(&writer);
}

/* Its own name, and its parents', must not be lost with the power. */
static void test_the_first_write_syncs_the_file_system(void **state)
{
    struct scratch *scratch = *state;
    struct fault_fs faults;
    fault_fs_init(&faults, NULL);
    struct lf_state writer = open_state(&faults.fs, below(scratch, "a/state"));
    assert_int_equal(fault_fs_syncs(&faults), 0);
    stand(&writer, "f", 1, "one");
    assert_int_equal(faults.calls[FAULT_FSYNC], 1);
    assert_int_equal(faults.calls[FAULT_SYNCFS], 1);
    stand(&writer, "f", 2, "two");
    lf_state_close(&writer);
    writer = open_state(&faults.fs, below(scratch, "a/state"));
    stand(&writer, "f", 3, "three");
    lf_state_close(&writer);
    assert_int_equal(faults.calls[FAULT_FSYNC], 5);
    assert_int_equal(faults.calls[FAULT_SYNCFS], 1);
}

static void test_a_left_temporary_file_is_replaced(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    scratch_file(scratch, "state/journal.new", "half of someth");
    assert_done(lf_state_write(&writer, "journal", LF_STR(""), NULL, &err),
                &err);
    check_file(scratch, "state/journal", "");
    assert_false(scratch_exists(scratch, "state/journal.new"));
    lf_state_close(&writer);
}

static void test_files_are_read_whole(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_str text;
    bool exists;
    struct lf_buf big = {0};
    lf_fs_system(&fs);
    for (int i = 0; i < 300000; i++)
        lf_buf_add_char(&big, (char)i);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    assert_done(lf_state_write(&writer, "x", lf_buf_str(&big), NULL, &err),
                &err);
    assert_done(lf_state_read(&writer, "x", &text, &exists, &err), &err);
    assert_true(exists);
    assert_true(lf_str_equal(text, lf_buf_str(&big)));
    lf_free_const(text.data);
    assert_done(lf_state_write(&writer, "x", LF_STR(""), NULL, &err), &err);
    assert_done(lf_state_read(&writer, "x", &text, &exists, &err), &err);
    assert_true(exists && text.len == 0);
    lf_free_const(text.data);
    scratch_dir(scratch, "state/dir");
    assert_refused(lf_state_read(&writer, "dir", &text, &exists, &err), &err,
                   LF_CODE_STATE_UNREADABLE);
    assert_int_equal(err.os_errno, EINVAL); /* which is no file */
    lf_buf_finish(&big);
    lf_state_close(&writer);
}

/* As large as a file system goes, and there is nothing in it. */
static void make_huge(struct scratch *scratch, const char *path)
{
    scratch_file(scratch, path, "");
    int fd = openat(scratch->fd, path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)1 << 33), 0);
    close(fd);
}

static void test_huge_files_are_not_read(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_str text;
    struct lf_ledger *ledger;
    bool exists;
    static const char *const names[] = {"ledger", "journal", "stamps.0"};
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[64];
        snprintf(path, sizeof(path), "state/%s", names[i]);
        make_huge(scratch, path);
        assert_refused(lf_state_read(&writer, names[i], &text, &exists, &err),
                       &err, LF_CODE_STATE_UNREADABLE);
        assert_non_null(strstr(err.message, "larger than such a file may be"));
    }
    assert_refused(lf_state_load(&writer, &ledger, &err), &err,
                   LF_CODE_STATE_UNREADABLE);
    assert_refused(lf_state_load_heads(&writer, &ledger, &err), &err,
                   LF_CODE_STATE_UNREADABLE);
    lf_state_close(&writer);
}

/* It could not be read again. */
static void test_huge_files_are_not_published(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    int file;
    bool renamed = true;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    assert_done(lf_state_stage(&writer, "ledger", &file, &err), &err);
    assert_int_equal(fs.truncate(&fs, file, (uint64_t)1 << 33), 0);
    assert_refused(lf_state_publish(&writer, "ledger", file, &renamed, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    assert_false(renamed);
    assert_false(scratch_exists(scratch, "state/ledger"));
    assert_false(scratch_exists(scratch, "state/ledger.new"));
    lf_state_close(&writer);
}

/* ---- the ledger ---- */

static uint64_t generation_of(struct lf_state *state, bool heads)
{
    struct lf_error err;
    struct lf_ledger *ledger = NULL;
    assert_done(heads ? lf_state_load_heads(state, &ledger, &err)
                      : lf_state_load(state, &ledger, &err),
                &err);
    uint64_t generation =
            ledger->n_farms > 0 ? ledger->farms[0]->generation : 0;
    assert_int_equal(ledger->n_farms > 0 ? ledger->farms[0]->n_records : 0,
                     heads ? 0 : generation > 0);
    lf_ledger_free(ledger);
    return generation;
}

/* Unless another one has taken its place. */
static void test_a_ledger_is_read_once(void **state)
{
    struct scratch *scratch = *state;
    struct fault_fs faults;
    fault_fs_init(&faults, NULL);
    const unsigned long *reads = &faults.calls[FAULT_READ];
    struct lf_state writer = open_state(&faults.fs, below(scratch, "state"));
    assert_int_equal(generation_of(&writer, true), 0);
    assert_int_equal(generation_of(&writer, false), 0);
    stand(&writer, "f", 1, "one");
    unsigned long before = *reads;
    assert_int_equal(generation_of(&writer, true), 1);
    assert_int_equal(generation_of(&writer, true), 1);
    assert_int_equal(generation_of(&writer, false), 1);
    assert_int_equal(*reads, before + 1);
    assert_int_equal(generation_of(&writer, false), 1);
    assert_int_equal(*reads, before + 2);
    assert_int_equal(generation_of(&writer, true), 1);
    stand(&writer, "f", 2, "two");
    assert_int_equal(generation_of(&writer, false), 2);
    assert_int_equal(generation_of(&writer, true), 2);
    lf_state_close(&writer);
    assert_int_equal(faults.calls[FAULT_OPEN_FILE] +
                             faults.calls[FAULT_OPEN_DIR],
                     faults.calls[FAULT_CLOSE]);
}

static void test_a_damaged_ledger_is_named(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_ledger *ledger;
    char want[4400];
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    scratch_file(scratch, "state/ledger", "");
    assert_refused(lf_state_load(&writer, &ledger, &err), &err,
                   LF_CODE_LEDGER_CORRUPT);
    snprintf(want, sizeof(want),
             "ledger '%s/state/ledger': line 1: this is not a ledger",
             scratch->path);
    assert_string_equal(err.message, want);
    assert_int_equal(lf_code_exit(err.code), 4);
    lf_state_close(&writer);
}

static void test_an_unfinished_journal_is_seen(void **state)
{
    struct scratch *scratch = *state;
    struct fault_fs faults;
    fault_fs_init(&faults, NULL);
    struct lf_state writer = open_state(&faults.fs, below(scratch, "state"));
    assert_false(lf_state_interrupted(&writer));
    scratch_file(scratch, "state/journal", "");
    assert_false(lf_state_interrupted(&writer));
    scratch_file(scratch, "state/journal", "x");
    assert_true(lf_state_interrupted(&writer));
    fault_fs_fail(&faults, faults.count + 1, EIO);
    assert_true(lf_state_interrupted(&writer));
    lf_state_close(&writer);
}

/* ---- generations ---- */

static const char *text_at(struct lf_state *state, uint64_t generation)
{
    static char text[64];
    struct lf_error err;
    struct lf_ledger *ledger = NULL;
    assert_done(
            lf_state_generation(state, LF_STR("f"), generation, &ledger, &err),
            &err);
    struct lf_recorded *farm = lf_ledger_find(ledger, LF_STR("f"));
    assert_non_null(farm);
    assert_true(farm->generation == generation);
    snprintf(text, sizeof(text), "%s", farm->records[0].text.data);
    lf_ledger_free(ledger);
    return text;
}

static void test_generations_are_kept_and_listed_in_order(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    uint64_t *numbers;
    size_t count;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    stand(&writer, "f", 9, "nine");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 9, &err), &err);
    assert_int_equal(inode_of(scratch, "state/farms/f/9"),
                     inode_of(scratch, "state/ledger"));
    stand(&writer, "f", 10, "ten");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 10, &err), &err);
    stand(&writer, "f", 11, "eleven");
    scratch_file(scratch, "state/farms/f/11.new", "left by a crash");
    scratch_file(scratch, "state/farms/f/012", "nobody's");
    assert_done(
            lf_state_generations(&writer, LF_STR("f"), &numbers, &count, &err),
            &err);
    assert_int_equal(count, 2);
    assert_true(numbers[0] == 9 && numbers[1] == 10);
    free(numbers);
    assert_string_equal(text_at(&writer, 9), "nine");
    assert_string_equal(text_at(&writer, 10), "ten");
    assert_string_equal(text_at(&writer, 11), "eleven");
    assert_int_equal(mode_of(scratch, "state/farms"), 0700);
    assert_int_equal(mode_of(scratch, "state/farms/f"), 0700);
    lf_state_close(&writer);
}

static void test_the_standing_ledger_is_the_truth_about_its_number(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    stand(&writer, "f", 3, "old");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 3, &err), &err);
    assert_done(lf_state_keep(&writer, LF_STR("f"), 3, &err), &err);
    stand(&writer, "f", 3, "new");
    scratch_file(scratch, "state/farms/f/3.new", "left by a crash");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 3, &err), &err);
    assert_string_equal(text_at(&writer, 3), "new");
    assert_false(scratch_exists(scratch, "state/farms/f/3.new"));
    lf_state_close(&writer);
}

static int no_link(struct lf_fs *fs, int at, const char *name, int to,
                   const char *new_name)
{
    (void)fs;
    (void)at;
    (void)name;
    (void)to;
    (void)new_name;
    return -EPERM;
}

static void test_without_hard_links_a_copy_is_kept(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    fs.link = no_link;
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    stand(&writer, "f", 3, "old");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 3, &err), &err);
    assert_string_equal(text_at(&writer, 3), "old");
    stand(&writer, "f", 3, "new");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 3, &err), &err);
    assert_string_equal(text_at(&writer, 3), "new");
    lf_state_close(&writer);
}

static void test_a_missing_generation_gets_a_list(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_ledger *ledger;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    stand(&writer, "f", 1, "one");
    assert_refused(lf_state_generation(&writer, LF_STR("f"), 2, &ledger, &err),
                   &err, LF_CODE_NO_GENERATION);
    assert_string_equal(err.message, "farm 'f' has no generation 2");
    assert_string_equal(err.help, "it has kept none");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 1, &err), &err);
    stand(&writer, "f", 5, "five");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 5, &err), &err);
    assert_refused(lf_state_generation(&writer, LF_STR("f"), 2, &ledger, &err),
                   &err, LF_CODE_NO_GENERATION);
    assert_string_equal(err.help, "it has kept these: 1, 5");
    assert_refused(
            lf_state_generation(&writer, LF_STR("../f"), 1, &ledger, &err),
            &err, LF_CODE_NO_GENERATION);
    lf_state_close(&writer);
}

static void test_a_generation_is_what_its_name_says(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_ledger *ledger;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    stand(&writer, "f", 1, "one");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 2, &err), &err);
    assert_refused(lf_state_generation(&writer, LF_STR("f"), 2, &ledger, &err),
                   &err, LF_CODE_LEDGER_CORRUPT);
    assert_non_null(strstr(err.message, "state/farms/f/2'"));
    scratch_file(scratch, "state/farms/f/3", "damaged");
    assert_refused(lf_state_generation(&writer, LF_STR("f"), 3, &ledger, &err),
                   &err, LF_CODE_LEDGER_CORRUPT);
    assert_non_null(strstr(err.message, "state/farms/f/3'"));
    lf_state_close(&writer);
}

static void test_only_farms_have_generations(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    uint64_t *numbers;
    size_t count = 1;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    assert_refused(lf_state_keep(&writer, LF_STR(".."), 1, &err), &err,
                   LF_CODE_INTERNAL);
    assert_done(
            lf_state_generations(&writer, LF_STR(".."), &numbers, &count, &err),
            &err);
    assert_int_equal(count, 0);
    assert_refused(lf_state_keep(&writer, LF_STR("f"), 1, &err), &err,
                   LF_CODE_STATE_UNWRITABLE);
    assert_int_equal(err.os_errno, ENOENT);
    lf_state_close(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_a_write_has_the_promised_order),
            IN_SCRATCH(test_the_first_write_syncs_the_file_system),
            IN_SCRATCH(test_a_left_temporary_file_is_replaced),
            IN_SCRATCH(test_files_are_read_whole),
            IN_SCRATCH(test_huge_files_are_not_read),
            IN_SCRATCH(test_huge_files_are_not_published),
            IN_SCRATCH(test_a_ledger_is_read_once),
            IN_SCRATCH(test_a_damaged_ledger_is_named),
            IN_SCRATCH(test_an_unfinished_journal_is_seen),
            IN_SCRATCH(test_generations_are_kept_and_listed_in_order),
            IN_SCRATCH(test_the_standing_ledger_is_the_truth_about_its_number),
            IN_SCRATCH(test_without_hard_links_a_copy_is_kept),
            IN_SCRATCH(test_a_missing_generation_gets_a_list),
            IN_SCRATCH(test_a_generation_is_what_its_name_says),
            IN_SCRATCH(test_only_farms_have_generations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
