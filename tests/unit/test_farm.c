/* SPDX-License-Identifier: MIT */
/* test_farm.c - the reading side of the ledger */
#include "ledger/farms.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/fault_fs.h"
#include "support/sample_ledger.h"
#include "support/sample_state.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct lf_farms *open_farms(struct scratch *scratch)
{
    struct lf_error err;
    struct lf_farms *farms = NULL;
    assert_done(lf_farms_open(NULL, below(scratch, "state").data, &farms, &err),
                &err);
    return farms;
}

static struct lf_generation *open_generation(struct lf_farms *farms,
                                             const char *name, uint64_t number)
{
    struct lf_error err;
    struct lf_generation *generation = NULL;
    assert_done(
            lf_generation_open(farms, lf_str(name), number, &generation, &err),
            &err);
    return generation;
}

static void test_where_nothing_is_there_are_no_farms(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    uint64_t *numbers;
    size_t count;
    struct lf_generation *generation;
    struct lf_farms *farms = open_farms(scratch);
    assert_int_equal(lf_farms_count(farms), 0);
    assert_null(lf_farms_info(farms, 0));
    assert_false(lf_farms_interrupted(farms));
    assert_refused(
            lf_farms_generations(farms, LF_STR("f\n"), &numbers, &count, &err),
            &err, LF_CODE_NO_FARM);
    assert_string_equal(err.message, "there is no farm named 'f\\n'");
    assert_string_equal(err.help, "there are no farms yet");
    assert_refused(lf_generation_open(farms, LF_STR("f"), 0, &generation, &err),
                   &err, LF_CODE_NO_FARM);
    lf_farms_free(farms);
    lf_farms_free(NULL);
    lf_generation_free(NULL);
    assert_false(scratch_exists(scratch, "state"));
}

static void test_farms_are_counted_and_described(void **state)
{
    struct scratch *scratch = *state;
    stand_full(scratch);
    struct lf_farms *farms = open_farms(scratch);
    assert_int_equal(lf_farms_count(farms), 3);
    const struct lf_farm_info *info = lf_farms_info(farms, 0);
    assert_str(info->name, "ci-tools.2");
    assert_str(info->manifest, "-");
    assert_str(info->into, "");
    assert_int_equal(info->n_profiles, 2);
    assert_str(info->profiles[1], "at work");
    assert_true(info->generation == UINT64_MAX && info->time == INT64_MIN);
    assert_int_equal(info->links, 3);
    assert_int_equal(info->dirs, 3);
    assert_int_equal(info->displaced, 0);
    info = lf_farms_info(farms, 1);
    assert_str(info->name, "dotfiles");
    assert_int_equal(info->links, 5);
    assert_int_equal(info->dirs, 2);
    assert_int_equal(info->displaced, 4);
    assert_str(lf_farms_info(farms, 2)->name, "empty");
    assert_null(lf_farms_info(farms, 3));
    lf_farms_free(farms);
}

static void test_items_stand_by_place(void **state)
{
    static const char *const paths[] = {
            "/home/u/.config",      "/home/u/.vimrc",
            "/home/u/.config/nvim", "/home/u/displaced/0",
            "/home/u/displaced/1",  "/home/u/displaced/2",
            "/home/u/displaced/3"};
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_farm_item item;
    stand_full(scratch);
    struct lf_farms *farms = open_farms(scratch);
    struct lf_generation *now = open_generation(farms, "dotfiles", 0);
    assert_int_equal(lf_generation_count(now), ARRAY_LEN(paths));
    assert_int_equal(lf_generation_info(now)->links, 5);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_done(lf_generation_item(now, i, &item, &err), &err);
        assert_str(item.path, paths[i]);
    }
    lf_generation_free(now);
    lf_farms_free(farms);
}

static void test_an_item_says_what_was_displaced_for_it(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_farm_item item;
    char want[4400];
    stand_full(scratch);
    struct lf_farms *farms = open_farms(scratch);
    struct lf_generation *now = open_generation(farms, "dotfiles", 4);
    assert_done(lf_generation_item(now, 1, &item, &err), &err);
    assert_str(item.text, "dotfiles/vim/vimrc");
    assert_int_equal(item.kind, LF_RECORD_LINK);
    assert_int_equal(item.origin, LF_ORIGIN_MADE);
    assert_int_equal(item.displaced, LF_NODE_NOTHING);
    assert_str(item.displaced_path, "");
    assert_done(lf_generation_item(now, 3, &item, &err), &err);
    assert_int_equal(item.origin, LF_ORIGIN_ADOPTED);
    assert_int_equal(item.displaced, LF_NODE_FILE);
    assert_str(item.file, "/m/part.yaml");
    assert_int_equal(item.line, 12);
    assert_int_equal(item.column, 3);
    assert_true(item.generation == UINT64_MAX);
    snprintf(want, sizeof(want),
             "%s/state/displaced/18446744073709551615/4294967295",
             scratch->path);
    assert_str(item.displaced_path, want);
    assert_done(lf_generation_item(now, 4, &item, &err), &err);
    assert_int_equal(item.kind, LF_RECORD_DIR);
    assert_int_equal(item.displaced, LF_NODE_DIR);
    assert_str(item.displaced_path, "/home/u/.linkfarm displaced/9/1");
    lf_generation_free(now);
    lf_farms_free(farms);
}

/* As whoever looks for it finds it, wherever the root is that it stands below. */
static void test_what_was_displaced_below_a_root_is_found(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_farms *farms;
    struct lf_farm_item item;
    char root[4200], want[4400];
    snprintf(root, sizeof(root), "%s//", scratch->path);
    stand_full(scratch);
    assert_done(lf_farms_open(root, below(scratch, "state").data, &farms, &err),
                &err);
    struct lf_generation *now = open_generation(farms, "dotfiles", 4);
    assert_done(lf_generation_item(now, 3, &item, &err), &err);
    snprintf(want, sizeof(want),
             "%s/state/displaced/18446744073709551615/4294967295",
             scratch->path);
    assert_str(item.displaced_path, want);
    assert_done(lf_generation_item(now, 4, &item, &err), &err);
    snprintf(want, sizeof(want), "%s/home/u/.linkfarm displaced/9/1",
             scratch->path);
    assert_str(item.displaced_path, want);
    lf_generation_free(now);
    lf_farms_free(farms);
}

/* Farm f at generations 1 and 2 (kept) and 3 (now), farm g beside it. */
static void make_history(struct scratch *scratch)
{
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    for (uint64_t number = 1; number <= 3; number++) {
        struct lf_ledger *ledger = sample_empty(number);
        struct lf_recorded *f = sample_farm(ledger, "f", number);
        struct lf_recorded *g = sample_farm(ledger, "g", 7);
        if (number > 1)
            assert_done(lf_state_keep(&writer, LF_STR("f"), number - 1, &err),
                        &err);
        sample_link(ledger, f, "/u/always", "same");
        sample_link(ledger, f, "/u/moves", number == 1 ? "old" : "new");
        if (number < 3)
            sample_link(ledger, f, "/u/early", "x");
        if (number > 1)
            sample_dir(ledger, f, "/u/late");
        assert_done(lf_recorded_seal(f, &err), &err);
        assert_done(lf_recorded_seal(g, &err), &err);
        struct lf_buf text = sample_text(ledger);
        assert_done(lf_state_write(&writer, "ledger", lf_buf_str(&text), NULL,
                                   &err),
                    &err);
        lf_buf_finish(&text);
        lf_ledger_free(ledger);
    }
    lf_state_close(&writer);
}

static void test_generations_are_numbered_with_the_present_one(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    uint64_t *numbers;
    size_t count;
    make_history(scratch);
    struct lf_farms *farms = open_farms(scratch);
    assert_done(
            lf_farms_generations(farms, LF_STR("f"), &numbers, &count, &err),
            &err);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_true(numbers[i] == i + 1);
    free(numbers);
    assert_done(
            lf_farms_generations(farms, LF_STR("g"), &numbers, &count, &err),
            &err);
    assert_true(count == 1 && numbers[0] == 7);
    free(numbers);
    assert_refused(
            lf_farms_generations(farms, LF_STR("h"), &numbers, &count, &err),
            &err, LF_CODE_NO_FARM);
    assert_string_equal(err.help, "the farms are: f, g");
    lf_farms_free(farms);
}

static void test_a_present_number_takes_its_place(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    uint64_t *numbers;
    size_t count;
    lf_fs_system(&fs);
    make_history(scratch);
    scratch_file(scratch, "state/farms/f/9", "a state that was copied back");
    struct lf_farms *farms = open_farms(scratch);
    assert_done(
            lf_farms_generations(farms, LF_STR("f"), &numbers, &count, &err),
            &err);
    assert_int_equal(count, 4);
    assert_true(numbers[2] == 3 && numbers[3] == 9);
    free(numbers);
    lf_farms_free(farms);
}

static void test_generations_are_compared(void **state)
{
    struct scratch *scratch = *state;
    make_history(scratch);
    struct lf_farms *farms = open_farms(scratch);
    struct lf_generation *one = open_generation(farms, "f", 1);
    struct lf_generation *two = open_generation(farms, "f", 2);
    struct lf_generation *three = open_generation(farms, "f", 0);
    struct lf_farm_changes changes = lf_generation_compare(NULL, one);
    assert_true(changes.added == 3 && !changes.removed && !changes.changed);
    changes = lf_generation_compare(one, two);
    assert_true(changes.added == 1 && !changes.removed && changes.changed == 1);
    changes = lf_generation_compare(two, three);
    assert_true(!changes.added && changes.removed == 1 && !changes.changed);
    changes = lf_generation_compare(three, one);
    assert_int_equal(changes.added, 1);
    assert_int_equal(changes.removed, 1);
    assert_int_equal(changes.changed, 1);
    assert_true(lf_generation_info(three)->generation == 3);
    lf_generation_free(one);
    lf_generation_free(two);
    lf_generation_free(three);
    lf_farms_free(farms);
}

static void test_a_removed_farm_keeps_its_history(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    uint64_t *numbers;
    size_t count;
    struct lf_generation *generation;
    lf_fs_system(&fs);
    make_history(scratch);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    stand(&writer, "g", 7, "x");
    lf_state_close(&writer);
    struct lf_farms *farms = open_farms(scratch);
    assert_int_equal(lf_farms_count(farms), 1);
    assert_done(
            lf_farms_generations(farms, LF_STR("f"), &numbers, &count, &err),
            &err);
    assert_int_equal(count, 2);
    free(numbers);
    generation = open_generation(farms, "f", 2);
    assert_int_equal(lf_generation_count(generation), 4);
    lf_generation_free(generation);
    assert_refused(lf_generation_open(farms, LF_STR("f"), 0, &generation, &err),
                   &err, LF_CODE_NO_GENERATION);
    assert_string_equal(err.message,
                        "farm 'f' owns nothing now: it was removed");
    assert_string_equal(err.help, "its last generation is 2");
    assert_refused(lf_generation_open(farms, LF_STR("f"), 3, &generation, &err),
                   &err, LF_CODE_NO_GENERATION);
    assert_string_equal(err.help, "it has kept these: 1, 2");
    lf_farms_free(farms);
}

/* Else a long history takes time for the square of its length. */
/* Nobody knows what it owns now. */
static void test_where_the_ledger_is_lost_no_farm_was_removed(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_generation *generation;
    make_history(scratch);
    assert_int_equal(unlinkat(scratch->fd, "state/ledger", 0), 0);
    struct lf_farms *farms = open_farms(scratch);
    assert_refused(lf_farms_known(farms, &err), &err, LF_CODE_LEDGER_CORRUPT);
    assert_refused(lf_generation_open(farms, LF_STR("f"), 0, &generation, &err),
                   &err, LF_CODE_LEDGER_CORRUPT);
    generation = open_generation(farms, "f", 2);
    lf_generation_free(generation);
    lf_farms_free(farms);
}

static void test_what_is_kept_is_opened_without_a_list(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct fault_fs counter;
    struct lf_farms *farms;
    struct lf_generation *generation;
    make_history(scratch);
    fault_fs_init(&counter, NULL);
    assert_done(lf_farms_open_in(&counter.fs, (struct lf_str){0},
                                 below(scratch, "state"), &farms, &err),
                &err);
    assert_done(lf_generation_open(farms, LF_STR("f"), 1, &generation, &err),
                &err);
    assert_int_equal(counter.calls[FAULT_LIST], 0);
    lf_generation_free(generation);
    lf_farms_free(farms);
}

static void test_an_open_transaction_is_told(void **state)
{
    struct scratch *scratch = *state;
    make_history(scratch);
    scratch_file(scratch, "state/journal", "x");
    struct lf_farms *farms = open_farms(scratch);
    assert_true(lf_farms_interrupted(farms));
    lf_farms_free(farms);
}

static void test_a_damaged_ledger_is_not_opened(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_farms *farms;
    make_history(scratch);
    scratch_file(scratch, "state/ledger", "linkfarm-ledger 1\n");
    assert_refused(
            lf_farms_open(NULL, below(scratch, "state").data, &farms, &err),
            &err, LF_CODE_LEDGER_CORRUPT);
    assert_refused(lf_farms_open(NULL, "relative", &farms, &err), &err,
                   LF_CODE_STATE_UNSAFE);
}

/* ---- faults ---- */

static bool look(struct lf_fs *fs, struct lf_str path, struct lf_error *err)
{
    struct lf_farms *farms = NULL;
    struct lf_generation *generation = NULL;
    struct lf_farm_item item;
    bool done = lf_farms_open_in(fs, (struct lf_str){0}, path, &farms, err) &&
                lf_generation_open(farms, LF_STR("f"), 1, &generation, err) &&
                lf_generation_item(generation, 0, &item, err);
    lf_generation_free(generation);
    lf_farms_free(farms);
    return done;
}

static void test_any_failure_to_read_is_an_error(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct fault_fs faults;
    make_history(scratch);
    unsigned long failed = 0;
    for (unsigned long n = 1;; n++) {
        fault_fs_init(&faults, NULL);
        fault_fs_fail(&faults, n, EIO);
        /* closing what was read loses nothing, and an unreadable journal
         * counts as an open one */
        faults.ops = ~(1u << FAULT_CLOSE);
        bool done = look(&faults.fs, below(scratch, "state"), &err);
        assert_int_equal(faults.open, 0);
        if (!faults.struck) {
            assert_done(done, &err);
            break;
        }
        failed += !done;
        if (!done)
            assert_int_equal(err.code, LF_CODE_STATE_UNREADABLE);
    }
    assert_int_equal(failed, faults.count - 1);
    assert_int_equal(faults.calls[FAULT_FSYNC] + faults.calls[FAULT_WRITE], 0);
}

static void test_out_of_memory_is_an_error_like_any_other(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_fs fs;
    lf_fs_system(&fs);
    make_history(scratch);
    struct lf_str path = below(scratch, "state");
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        alloc_fail_at(n);
        bool done = look(&fs, path, &err);
        /* a name that is only for messages may be lost */
        if (alloc_fail_stop() && !done)
            assert_int_equal(err.code, LF_CODE_NO_MEMORY);
        else
            assert_done(done, &err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_where_nothing_is_there_are_no_farms),
            IN_SCRATCH(test_farms_are_counted_and_described),
            IN_SCRATCH(test_items_stand_by_place),
            IN_SCRATCH(test_an_item_says_what_was_displaced_for_it),
            IN_SCRATCH(test_what_was_displaced_below_a_root_is_found),
            IN_SCRATCH(test_generations_are_numbered_with_the_present_one),
            IN_SCRATCH(test_a_present_number_takes_its_place),
            IN_SCRATCH(test_generations_are_compared),
            IN_SCRATCH(test_a_removed_farm_keeps_its_history),
            IN_SCRATCH(test_where_the_ledger_is_lost_no_farm_was_removed),
            IN_SCRATCH(test_what_is_kept_is_opened_without_a_list),
            IN_SCRATCH(test_an_open_transaction_is_told),
            IN_SCRATCH(test_a_damaged_ledger_is_not_opened),
            IN_SCRATCH(test_any_failure_to_read_is_an_error),
            IN_SCRATCH(test_out_of_memory_is_an_error_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
