/* SPDX-License-Identifier: MIT */
/* test_sys.c - sys.h */
#define _GNU_SOURCE
#include "platform/sys.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void test_the_machine_is_what_uname_says(void **state)
{
    (void)state;
    struct utsname name;
    char buf[256];
    assert_int_equal(uname(&name), 0);
    assert_int_equal(lf_sys_host(buf, sizeof(buf)), 0);
    assert_string_equal(buf, name.nodename);
    assert_int_equal(lf_sys_arch(buf, sizeof(buf)), 0);
    assert_string_equal(buf, name.machine);
    assert_int_equal(lf_sys_os(buf, sizeof(buf)), 0);
    assert_int_equal(strcasecmp(buf, name.sysname), 0);
    for (size_t i = 0; buf[i]; i++)
        assert_false(buf[i] >= 'A' && buf[i] <= 'Z');
}

static void test_a_text_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    char buf[256], home[256];
    assert_int_equal(lf_sys_os(buf, sizeof(buf)), 0);
    size_t len = strlen(buf);
    assert_int_equal(lf_sys_os(buf, len + 1), 0);
    assert_int_equal(lf_sys_os(buf, len), -ENAMETOOLONG);
    assert_int_equal(lf_sys_arch(buf, 1), -ENAMETOOLONG);
    assert_int_equal(lf_sys_host(buf, 0), -ENAMETOOLONG);
    assert_int_equal(lf_sys_cwd(buf, 1), -ENAMETOOLONG);
    if (lf_sys_user(buf, sizeof(buf), home, sizeof(home)) == 0) {
        assert_int_equal(lf_sys_user(buf, 1, home, sizeof(home)),
                         -ENAMETOOLONG);
        assert_int_equal(lf_sys_user(buf, sizeof(buf), home, 0), -ENAMETOOLONG);
    }
}

static void test_the_user_is_the_effective_one(void **state)
{
    (void)state;
    char name[256], home[4096];
    const struct passwd *user = getpwuid(geteuid());
    int result = lf_sys_user(name, sizeof(name), home, sizeof(home));
    assert_int_equal(lf_sys_uid(), geteuid());
    if (!user) {
        assert_int_equal(result, -ENOENT);
        return;
    }
    assert_int_equal(result, 0);
    assert_string_equal(name, user->pw_name);
    assert_string_equal(home, user->pw_dir);
}

static int in_child(int (*body)(void))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int as_nobody_known(void)
{
    char name[64], home[64];
    /* no machine has a user of that number */
    if (setresuid((uid_t)-1, 3999999999u, (uid_t)-1) < 0)
        return 1;
    if (lf_sys_user(name, sizeof(name), home, sizeof(home)) != -ENOENT)
        return 2;
    if (lf_sys_uid() != 3999999999u)
        return 3;
    return lf_sys_setuid() ? 0 : 4;
}

static void test_a_user_without_an_entry_is_not_found(void **state)
{
    (void)state;
    assert_false(lf_sys_setuid());
    if (geteuid() != 0)
        skip_because("only root may become someone else");
    assert_int_equal(in_child(as_nobody_known), 0);
}

static void test_time_is_now_and_does_not_go_back(void **state)
{
    (void)state;
    int64_t before = time(NULL);
    assert_in_range(lf_sys_time(), before, before + 60);
    int64_t start = lf_sys_monotonic();
    assert_true(start > 0);
    lf_sys_sleep_ms(30);
    assert_true(lf_sys_monotonic() - start >= 30000000);
    assert_true(lf_sys_monotonic() - start < 20000000000);
    assert_int_equal(lf_sys_pid(), getpid());
}

static void test_random_numbers_differ(void **state)
{
    (void)state;
    uint64_t seen[64];
    uint64_t all = 0, common = UINT64_MAX;
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
        assert_int_equal(lf_sys_random(&seen[i]), 0);
        for (size_t j = 0; j < i; j++)
            assert_true(seen[i] != seen[j]);
        all |= seen[i];
        common &= seen[i];
    }
    /* each bit is on at times and off at times */
    assert_true(all == UINT64_MAX && common == 0);
}

static void test_the_current_directory_is_absolute(void **state)
{
    struct scratch *scratch = *state;
    char buf[4096];
    int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(before >= 0);
    scratch_dir(scratch, "gone");
    assert_int_equal(fchdir(scratch->fd), 0);
    assert_int_equal(lf_sys_cwd(buf, sizeof(buf)), 0);
    assert_string_equal(buf, scratch->path);
    assert_int_equal(chdir("gone"), 0);
    assert_int_equal(unlinkat(scratch->fd, "gone", AT_REMOVEDIR), 0);
    assert_int_equal(lf_sys_cwd(buf, sizeof(buf)), -ENOENT);
    assert_int_equal(fchdir(before), 0);
    close(before);
}

static const char *away;

static int outside_of_the_root(void)
{
    char buf[4096];
    /* the current directory stays outside of what is now the root */
    if (chdir("/") < 0 || chroot(away) < 0)
        return 1;
    return lf_sys_cwd(buf, sizeof(buf)) == -ENOENT ? 0 : 2;
}

static void test_a_directory_that_cannot_be_reached_is_not_named(void **state)
{
    struct scratch *scratch = *state;
    if (geteuid() != 0)
        skip_because("only root may change the root");
    away = scratch->path;
    assert_int_equal(in_child(outside_of_the_root), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_the_machine_is_what_uname_says),
            cmocka_unit_test(test_a_text_that_does_not_fit_is_refused),
            cmocka_unit_test(test_the_user_is_the_effective_one),
            cmocka_unit_test(test_a_user_without_an_entry_is_not_found),
            cmocka_unit_test(test_time_is_now_and_does_not_go_back),
            cmocka_unit_test(test_random_numbers_differ),
            cmocka_unit_test_setup_teardown(
                    test_the_current_directory_is_absolute, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_a_directory_that_cannot_be_reached_is_not_named,
                    scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
