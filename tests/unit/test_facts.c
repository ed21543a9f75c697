/* SPDX-License-Identifier: MIT */
/* test_facts.c - what the system and the environment say, and when it counts */
#define _GNU_SOURCE
#include "manifest/facts.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_home(const char *given, const char *want)
{
    struct lf_facts *facts;
    struct lf_error err;
    if (given)
        setenv("HOME", given, 1);
    else
        unsetenv("HOME");
    assert_done(lf_facts_new(&facts, &err), &err);
    assert_str(lf_facts_get(facts, "home"), want);
    lf_facts_free(facts);
}

static void test_home_is_the_environments_if_absolute(void **state)
{
    (void)state;
    const struct passwd *user = getpwuid(geteuid());
    check_home("/somewhere", "/somewhere");
    if (!user)
        skip_because("this user has no entry in the password database");
    check_home("relative", user->pw_dir);
    check_home("", user->pw_dir);
    check_home(NULL, user->pw_dir);
}

static void test_the_user_is_looked_up_when_asked_for(void **state)
{
    (void)state;
    struct lf_facts *facts;
    struct lf_error err;
    const struct passwd *user = getpwuid(geteuid());
    setenv("HOME", "/somewhere", 1);
    assert_done(lf_facts_new(&facts, &err), &err);
    assert_str(lf_facts_get(facts, "home"), "/somewhere");
    assert_false(lf_facts_user_asked(facts));
    struct lf_str name = lf_facts_get(facts, "user");
    assert_true(lf_facts_user_asked(facts));
    if (user)
        assert_str(name, user->pw_name);
    else
        assert_null(name.data);
    assert_ptr_equal(lf_facts_get(facts, "user").data, name.data);

    assert_done(lf_facts_set(facts, "user", LF_STR("other"), &err), &err);
    assert_str(lf_facts_get(facts, "user"), "other");
    lf_facts_free(facts);
}

/* As in a program that was installed setuid. */
static int as_another(void)
{
    struct lf_facts *facts;
    struct lf_error err;
    struct lf_str home;
    if (setresuid((uid_t)-1, 65534, (uid_t)-1) < 0)
        return 1;
    if (!lf_facts_new(&facts, &err))
        return 2;
    home = lf_facts_get(facts, "home");
    int result = lf_str_equal(home, LF_STR("/from/the/caller")) ? 3 : 0;
    if (!lf_facts_set_environment(facts, environ, &err))
        result = 2;
    home = lf_facts_get(facts, "home");
    if (lf_str_equal(home, LF_STR("/from/the/caller")))
        result = 4;
    lf_facts_free(facts);
    return result;
}

static void test_home_is_not_the_environments_in_what_runs_setuid(void **state)
{
    (void)state;
    int status;
    if (geteuid() != 0)
        skip_because("only root may become someone else");
    setenv("HOME", "/from/the/caller", 1);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(as_another());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* For lf_manifest_request.profiles_for: notes the name as a C string. */
static bool note_name(void *arg, struct lf_str farm,
                      const struct lf_str **ret_profiles, size_t *ret_count,
                      struct lf_error *err)
{
    (void)err;
    *(char **)arg = strdup(farm.data);
    *ret_profiles = NULL;
    *ret_count = 0;
    return true;
}

static void test_profiles_are_asked_for_by_a_name_that_ends(void **state)
{
    (void)state;
    char *asked = NULL;
    struct lf_facts *facts;
    struct lf_manifest *manifest;
    struct lf_error err;
    struct lf_diags *diags = lf_diags_new(1);
    assert_non_null(diags);
    assert_done(lf_facts_new(&facts, &err), &err);
    struct lf_manifest_request request = {
            .file = "/m/linkfarm.yaml",
            .text = LF_STR("version: 1\nname: mine\ninto: /h\n"),
            .facts = facts,
            .profiles_for = note_name,
            .profiles_arg = &asked,
    };
    assert_done(lf_manifest_load(&request, diags, &manifest, &err), &err);
    assert_string_equal(asked, "mine");
    free(asked);
    lf_manifest_free(manifest);
    lf_diags_free(diags);
    lf_facts_free(facts);
}

static bool load(struct lf_facts *facts)
{
    struct lf_error err;
    struct lf_manifest *manifest;
    struct lf_diags *diags = lf_diags_new(1);
    const struct lf_manifest_request request = {
            .file = "/m/linkfarm.yaml",
            .text = LF_STR("version: 1\nname: mine\ninto: /h\nlinks:\n"
                           "  a: {from: '${A}', when: {user: x}}\n"),
            .facts = facts,
    };
    if (!diags)
        return false;
    bool done = lf_manifest_load(&request, diags, &manifest, &err);
    if (done) {
        assert_int_equal(lf_diags_errors(diags), 0);
        assert_int_equal(lf_manifest_entries(manifest), 0);
        lf_manifest_free(manifest);
    }
    lf_diags_free(diags);
    return done;
}

static void test_what_memory_was_lacking_for_is_asked_again(void **state)
{
    (void)state;
    const struct passwd *user = getpwuid(geteuid());
    char set[] = "A=1";
    char *const given[] = {set, NULL};
    setenv("HOME", "/somewhere", 1);
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_facts *facts;
        struct lf_error err;
        assert_done(lf_facts_new(&facts, &err), &err);
        assert_done(lf_facts_set_environment(facts, given, &err), &err);
        alloc_fail_at(n);
        bool done = load(facts);
        bool struck = alloc_fail_stop();
        assert_true(done || struck);
        assert_true(load(facts));
        if (user)
            assert_str(lf_facts_get(facts, "user"), user->pw_name);
        lf_facts_free(facts);
    }
}

static void test_a_home_that_is_not_absolute_is_none(void **state)
{
    (void)state;
    struct lf_facts *facts;
    struct lf_manifest *manifest;
    struct lf_error err;
    struct lf_diags *diags = lf_diags_new(2);
    assert_non_null(diags);
    assert_done(lf_facts_new(&facts, &err), &err);
    assert_done(lf_facts_set(facts, "home", LF_STR("me"), &err), &err);
    const struct lf_manifest_request request = {
            .file = "/m/linkfarm.yaml",
            .text = LF_STR("version: 1\nname: mine\ninto: ~/\n"),
            .facts = facts,
    };
    assert_done(lf_manifest_load(&request, diags, &manifest, &err), &err);
    assert_int_equal(lf_diags_errors(diags), 1);
    assert_int_equal(lf_diags_at(diags, 0)->code, LF_CODE_NO_HOME);
    lf_manifest_free(manifest);
    lf_diags_free(diags);
    lf_facts_free(facts);
}

/* clearenv(3) leaves no list at all. */
static void test_an_environment_may_be_none(void **state)
{
    (void)state;
    struct lf_facts *facts;
    struct lf_error err;
    char set[] = "A=1";
    char *const given[] = {set, NULL};
    assert_done(lf_facts_new(&facts, &err), &err);
    assert_done(lf_facts_set_environment(facts, given, &err), &err);
    assert_str(lf_facts_env(facts, LF_STR("A")), "1");
    assert_done(lf_facts_set_environment(facts, NULL, &err), &err);
    assert_null(lf_facts_env(facts, LF_STR("A")).data);
    lf_facts_free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_an_environment_may_be_none),
            cmocka_unit_test(test_what_memory_was_lacking_for_is_asked_again),
            cmocka_unit_test(test_a_home_that_is_not_absolute_is_none),
            cmocka_unit_test(test_profiles_are_asked_for_by_a_name_that_ends),
            cmocka_unit_test(test_the_user_is_looked_up_when_asked_for),
            cmocka_unit_test(test_home_is_the_environments_if_absolute),
            cmocka_unit_test(
                    test_home_is_not_the_environments_in_what_runs_setuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
