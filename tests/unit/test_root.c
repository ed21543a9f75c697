/* SPDX-License-Identifier: MIT */
/* test_root.c - root.h */
#include "platform/root.h"
#include "support/check.h"
#include "support/scratch.h"

#include <unistd.h>

static void test_the_first_thread_begins_at_the_root_itself(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    lf_fs_system(&fs);
    int own = lf_root_for(&fs, scratch->fd, 0);
    assert_int_equal(own, scratch->fd);
    lf_root_done(&fs, scratch->fd, own);
    assert_true(fs.stat(&fs, scratch->fd, "", &(struct lf_node){0}) == 0);
}

static void test_others_begin_at_one_of_their_own(void **state)
{
    struct scratch *scratch = *state;
    struct lf_node root, again;
    struct lf_fs fs;
    lf_fs_system(&fs);
    int own = lf_root_for(&fs, scratch->fd, 1);
    assert_true(own >= 0 && own != scratch->fd);
    assert_int_equal(fs.stat(&fs, scratch->fd, "", &root), 0);
    assert_int_equal(fs.stat(&fs, own, "", &again), 0);
    assert_true(root.dev == again.dev && root.ino == again.ino);
    lf_root_done(&fs, scratch->fd, own);
    assert_true(fs.stat(&fs, own, "", &again) < 0);
}

static void test_what_cannot_be_opened_is_shared(void **state)
{
    (void)state;
    struct lf_fs fs;
    lf_fs_system(&fs);
    int closed = dup(STDIN_FILENO);
    assert_true(closed >= 0 && close(closed) == 0);
    assert_int_equal(lf_root_for(&fs, closed, 1), closed);
    lf_root_done(&fs, closed, closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_the_first_thread_begins_at_the_root_itself,
                    scratch_setup, scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_others_begin_at_one_of_their_own, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test(test_what_cannot_be_opened_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
