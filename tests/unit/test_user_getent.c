/* SPDX-License-Identifier: MIT */
/* test_user_getent.c - platform/user_getent.h */
#include "base/util.h"
#include "platform/sys.h"
#include "platform/user_getent.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __GLIBC__

struct found {
    char name[64], home[64];
};

static struct lf_user_room room_of(struct found *found)
{
    memset(found, 0, sizeof(*found));
    return (struct lf_user_room){found->name, found->home, sizeof(found->name),
                                 sizeof(found->home)};
}

static const char *in_scratch(struct scratch *scratch, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", scratch->path, name);
    return path;
}

static const struct {
    const char *label, *text;
    int result; /* of user 7 */
    const char *name, *home;
} entries[] = {
        {"the only one",                  "u:x:7:8:A user:/home/u:/bin/sh\n",               0,             "u", "/home/u"},
        {"the first one",                 "a:x:7:8::/a:\nb:x:7:8::/b:\n",                   0,             "a", "/a"     },
        {"behind others",                 "a:x:70:7::/a:\nb:x:17:7::/b:\nc:x:7:1::/c:/x\n", 0,
         "c",                                                                                                   "/c"     },
        {"without a shell and a newline", "u:x:7:8::/u:",                                   0,             "u", "/u"     },
        {"without a home",                "u:x:7:8:::\n",                                   0,             "u", ""       },
        {"none",                          "",                                               -ENOENT,       "",  ""       },
        {"others only",                   "a:x:8:7::/a:/bin/sh\n",                          -ENOENT,       "",  ""       },
        {"comments and what is no entry",
         "# u:x:7:8::/no:\n\nnonsense\nu:x:seven:8::/no:\nu:x:7:8::/u:\n",                  0,
         "u",                                                                                                   "/u"     },
        {"what is for the modules",       "+u:x:7:8::/no:\n-u:x:7:8::/no:\n+::::::\n",
         -ENOENT,                                                                                          "",  ""       },
        {"a name of 64 bytes",
         "0123456789012345678901234567890123456789012345678901234567890123"
         ":x:7:8::/u:\n",                                                                   -ENAMETOOLONG, "",  ""       },
        {"a home of 64 bytes",
         "u:x:7:8::/"
         "123456789012345678901234567890123456789012345678901234567890123"
         ":\n",                                                                             -ENAMETOOLONG, "u", ""       },
};

static void test_the_first_entry_of_a_user_counts(void **state)
{
    struct scratch *scratch = *state;
    for (size_t i = 0; i < LF_COUNT(entries); i++) {
        struct found found;
        print_message("  %s\n", entries[i].label);
        scratch_file(scratch, "passwd", entries[i].text);
        assert_int_equal(lf_user_in_file(in_scratch(scratch, "passwd"), 7,
                                         room_of(&found)),
                         entries[i].result);
        assert_string_equal(found.name, entries[i].name);
        assert_string_equal(found.home, entries[i].home);
    }
}

static void test_a_file_that_cannot_be_read_is_an_error(void **state)
{
    struct scratch *scratch = *state;
    struct found found;
    assert_int_equal(
            lf_user_in_file(in_scratch(scratch, "no"), 7, room_of(&found)),
            -ENOENT);
    scratch_dir(scratch, "dir");
    assert_int_equal(
            lf_user_in_file(in_scratch(scratch, "dir"), 7, room_of(&found)),
            -EISDIR);
}

static void test_a_line_without_an_end_ends_the_search(void **state)
{
    struct scratch *scratch = *state;
    struct found found;
    enum { SIZE = 100000 };
    char *text = malloc(SIZE + 32);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    strcpy(text + SIZE, "\nu:x:7:8::/u:\n");
    scratch_file(scratch, "passwd", text);
    free(text);
    assert_int_equal(
            lf_user_in_file(in_scratch(scratch, "passwd"), 7, room_of(&found)),
            -ERANGE);
}

static const char *program(struct scratch *scratch, const char *body)
{
    char text[1024];
    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
    scratch_file(scratch, "getent", text);
    assert_int_equal(fchmodat(scratch->fd, "getent", 0755, 0), 0);
    return in_scratch(scratch, "getent");
}

static const struct {
    const char *label, *body;
    int result;
    const char *name;
} programs[] = {
        {"its words",                            "[ \"$*\" = 'passwd 7' ] && echo u:x:7:8::/u:", 0,       "u"},
        {"its environment",
         "[ \"$PATH$LC_ALL$HOME\" = /usr/bin:/binC ] && echo u:x:7:8::/u:",                      0,
         "u"                                                                                                 },
        {"its input is empty",                   "cat; echo u:x:7:8::/u:",                       0,       "u"},
        {"its faults are not shown",             "echo no >&2; exit 1",                          -ENOENT, "" },
        {"a user that is unknown",               "exit 2",                                       -ENOENT, "" },
        {"another user",                         "echo a:x:8:8::/a:",                            -ENOENT, "" },
        {"what it says counts, not how it ends",
         "echo u:x:7:8::/u:; kill -9 $$",                                                        0,       "u"},
        {"it says more than is read",
         "echo u:x:7:8::/u:; while echo a:x:8:8::/a:; do :; done",                               0,       "u"},
        {"SIGPIPE ends it",                      "trap - PIPE; echo u:x:7:8::/u:; yes",          0,       "u"},
};

static void test_a_program_is_asked(void **state)
{
    struct scratch *scratch = *state;
    struct found found;
    /* as linkfarm has it */
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < LF_COUNT(programs); i++) {
        print_message("  %s\n", programs[i].label);
        assert_int_equal(lf_user_by_program(program(scratch, programs[i].body),
                                            7, room_of(&found)),
                         programs[i].result);
        assert_string_equal(found.name, programs[i].name);
        assert_int_equal(waitpid(-1, NULL, 0), -1); /* none is left */
        assert_int_equal(errno, ECHILD);
    }
    signal(SIGPIPE, before);
}

static void test_a_program_that_cannot_be_started_is_an_error(void **state)
{
    struct scratch *scratch = *state;
    struct found found;
    assert_int_equal(
            lf_user_by_program(in_scratch(scratch, "no"), 7, room_of(&found)),
            -ENOENT);
    scratch_file(scratch, "plain", "no program\n");
    /* valgrind forks, and so the child's error does not come back (meson.build) */
    assert_int_equal(lf_user_by_program(in_scratch(scratch, "plain"), 7,
                                        room_of(&found)),
                     getenv("LF_UNDER_VALGRIND") ? -ENOENT : -EACCES);
}

static void test_nobody_waits_where_children_are_ignored(void **state)
{
    struct scratch *scratch = *state;
    struct found found;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    assert_int_equal(lf_user_by_program(program(scratch, "echo u:x:7:8::/u:"),
                                        7, room_of(&found)),
                     0);
    assert_string_equal(found.name, "u");
    signal(SIGCHLD, before);
}

static void
test_the_effective_user_is_found_as_the_library_finds_it(void **state)
{
    (void)state;
    struct found found;
    struct lf_user_room room = room_of(&found);
    const struct passwd *user = getpwuid(geteuid());
    assert_int_equal(
            lf_sys_user(room.name, room.name_size, room.home, room.home_size),
            user ? 0 : -ENOENT);
    if (user) {
        assert_string_equal(found.name, user->pw_name);
        assert_string_equal(found.home, user->pw_dir);
    }
}

static void test_getent_and_the_file_agree_on_root(void **state)
{
    (void)state;
    struct found file, asked;
    if (access("/usr/bin/getent", X_OK) != 0)
        skip_because("there is no /usr/bin/getent");
    assert_int_equal(lf_user_in_file("/etc/passwd", 0, room_of(&file)), 0);
    assert_int_equal(lf_user_by_program("/usr/bin/getent", 0, room_of(&asked)),
                     0);
    assert_string_equal(file.name, asked.name);
    assert_string_equal(file.home, asked.home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_the_first_entry_of_a_user_counts, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_a_file_that_cannot_be_read_is_an_error, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_a_line_without_an_end_ends_the_search, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test_setup_teardown(test_a_program_is_asked,
                                            scratch_setup, scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_a_program_that_cannot_be_started_is_an_error,
                    scratch_setup, scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_nobody_waits_where_children_are_ignored, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test(
                    test_the_effective_user_is_found_as_the_library_finds_it),
            cmocka_unit_test(test_getent_and_the_file_agree_on_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_other_c_libraries_need_no_detour(void **state)
{
    (void)state;
    skip_because("what is tested is for glibc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_other_c_libraries_need_no_detour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
