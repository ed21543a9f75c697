/* SPDX-License-Identifier: MIT */
/*
 * test_handling.c - plans and garbage in the hands of a caller
 *
 * They are values that live as long as the caller likes. Carried out or dropped
 * is what the same transaction made, while nothing else has happened; all else
 * is refused, and changes nothing.
 */
#include "platform/sys.h"
#include "support/check.h"
#include "support/sample_state.h"

#include <linkfarm/linkfarm.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct use {
    struct scratch *scratch;
    struct lf_facts *facts;
    struct lf_diags *diags;
    char *file, *state;
};

static char *kept(struct lf_str path)
{
    char *copy = strdup(path.data);
    assert_non_null(copy);
    return copy;
}

static void use_begin(struct use *use, struct scratch *scratch)
{
    struct lf_error err;
    scratch_nodes(scratch, "home/\ndots/a\ndots/b");
    *use = (struct use){.scratch = scratch, .diags = lf_diags_new(4)};
    assert_non_null(use->diags);
    assert_done(lf_facts_new(&use->facts, &err), &err);
    assert_done(lf_facts_set(use->facts, "home", below(scratch, "home"), &err),
                &err);
    use->file = kept(below(scratch, "dots/linkfarm.yaml"));
    use->state = kept(below(scratch, "state"));
}

static void use_end(struct use *use)
{
    lf_facts_free(use->facts);
    lf_diags_free(use->diags);
    free(use->file);
    free(use->state);
}

static struct lf_transaction *open_in(const char *root, const char *state,
                                      bool write)
{
    struct lf_error err;
    struct lf_transaction *t = NULL;
    const struct lf_transaction_options options = {
            .root = root, .state_dir = state, .write = write};
    assert_done(lf_transaction_open(&options, &t, &err), &err);
    return t;
}

static struct lf_plan *plan(struct use *use, struct lf_transaction *t,
                            const char *farm, const char *links)
{
    struct lf_error err;
    struct lf_manifest *manifest = NULL;
    struct lf_plan *made = NULL;
    char text[512];
    snprintf(text, sizeof(text), "version: 1\nname: %s\ninto: ~/\nlinks: %s\n",
             farm, links);
    scratch_file(use->scratch, "dots/linkfarm.yaml", text);
    const struct lf_manifest_request request = {.file = use->file,
                                                .facts = use->facts};
    assert_done(lf_manifest_load(&request, use->diags, &manifest, &err), &err);
    assert_done(lf_transaction_plan(t, manifest, use->diags, &made, &err),
                &err);
    assert_non_null(made);
    lf_manifest_free(manifest);
    return made;
}

static void apply(struct use *use, struct lf_transaction *t, const char *farm,
                  const char *links)
{
    struct lf_error err;
    const struct lf_report *report;
    struct lf_plan *made = plan(use, t, farm, links);
    assert_done(lf_transaction_apply(t, made, &report, &err), &err);
    lf_plan_free(made);
}

/* ---- plans ---- */

static struct lf_plan *plan_unchanged(struct use *use, bool write,
                                      struct lf_transaction **ret)
{
    struct lf_error err;
    struct lf_plan *made = NULL;
    const struct lf_manifest_request request = {.file = use->file,
                                                .facts = use->facts};
    *ret = open_in(NULL, use->state, write);
    assert_done(lf_transaction_plan_unchanged(*ret, &request, &made, &err),
                &err);
    return made;
}

static void test_what_is_unchanged_is_applied(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    apply(&use, t, "f", "{.a: a}");
    /* what has changed just now might change once more unseen */
    lf_sys_sleep_ms(300);
    apply(&use, t, "f", "{.a: a}");
    lf_transaction_close(t);
    for (int write = 0; write < 2; write++) {
        struct lf_plan *made = plan_unchanged(&use, write, &t);
        assert_non_null(made);
        assert_true(lf_plan_ok(made) && !lf_plan_changes(made));
        assert_done(lf_transaction_apply(t, made, &report, &err), &err);
        assert_int_equal(report->transaction, 0);
        assert_int_equal(report->generation, 1);
        lf_plan_free(made);
        lf_transaction_close(t);
    }
    use_end(&use);
}

static void check_not_made(struct use *use)
{
    assert_false(scratch_exists(use->scratch, "home/.a"));
    assert_false(scratch_exists(use->scratch, "state/ledger"));
}

static void test_a_plan_of_another_state_is_refused(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    char *elsewhere = kept(below(use.scratch, "elsewhere"));
    struct lf_transaction *t = open_in(NULL, use.state, true);
    struct lf_transaction *other = open_in(NULL, elsewhere, true);
    struct lf_plan *made = plan(&use, other, "f", "{.a: a}");
    assert_refused(lf_transaction_apply(t, made, &report, &err), &err,
                   LF_CODE_INTERNAL);
    check_not_made(&use);
    /* nor is it one of this state's because it stands where one did */
    lf_transaction_close(t);
    lf_transaction_close(other);
    for (int i = 0; i < 4; i++) {
        t = open_in(NULL, use.state, true);
        assert_refused(lf_transaction_apply(t, made, &report, &err), &err,
                       LF_CODE_INTERNAL);
        lf_transaction_close(t);
    }
    check_not_made(&use);
    lf_plan_free(made);
    free(elsewhere);
    use_end(&use);
}

static void test_a_plan_of_another_root_is_refused(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    char image[4096], home[8192];
    use_begin(&use, *state);
    snprintf(image, sizeof(image), "%s/image", use.scratch->path);
    snprintf(home, sizeof(home), "image%s/home/", use.scratch->path);
    scratch_dir(use.scratch, home);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    struct lf_plan *made = plan(&use, t, "f", "{.a: a}");
    lf_transaction_close(t);
    t = open_in(image, use.state, true);
    assert_refused(lf_transaction_apply(t, made, &report, &err), &err,
                   LF_CODE_INTERNAL);
    snprintf(home, sizeof(home), "image%s/home/.a", use.scratch->path);
    assert_false(scratch_exists(use.scratch, home));
    check_not_made(&use);
    lf_transaction_close(t);
    lf_plan_free(made);
    use_end(&use);
}

/* It was made without a lock, and of what may be of yesterday. */
static void test_a_plan_of_a_reader_is_refused_when_it_writes(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, false);
    struct lf_plan *made = plan(&use, t, "f", "{.a: a}");
    assert_refused(lf_transaction_apply(t, made, &report, &err), &err,
                   LF_CODE_INTERNAL);
    assert_done(lf_transaction_upgrade(t, &err), &err);
    assert_refused(lf_transaction_apply(t, made, &report, &err), &err,
                   LF_CODE_INTERNAL);
    check_not_made(&use);
    lf_plan_free(made);
    apply(&use, t, "f", "{.a: a}");
    assert_true(scratch_exists(use.scratch, "home/.a"));
    lf_transaction_close(t);
    use_end(&use);
}

static void test_a_plan_is_carried_out_once(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    struct lf_plan *first = plan(&use, t, "f", "{.a: a}");
    struct lf_plan *second = plan(&use, t, "f", "{.a: b}");
    assert_done(lf_transaction_apply(t, first, &report, &err), &err);
    assert_refused(lf_transaction_apply(t, first, &report, &err), &err,
                   LF_CODE_STALE);
    assert_refused(lf_transaction_apply(t, second, &report, &err), &err,
                   LF_CODE_STALE);
    assert_string_equal(scratch_readlink(use.scratch, "home/.a"), "../dots/a");
    lf_plan_free(first);
    lf_plan_free(second);
    lf_transaction_close(t);
    use_end(&use);
}

static void test_what_only_compares_is_not_applied(void **state)
{
    struct use use;
    struct lf_error err;
    struct lf_plan *made = NULL;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    apply(&use, t, "f", "{.a: a}");
    assert_int_equal(unlinkat(use.scratch->fd, "home/.a", 0), 0);
    assert_done(lf_transaction_plan_recorded(t, LF_STR("f"), &made, &err),
                &err);
    assert_true(lf_plan_changes(made));
    assert_refused(lf_transaction_apply(t, made, &report, &err), &err,
                   LF_CODE_INTERNAL);
    assert_false(scratch_exists(use.scratch, "home/.a"));
    lf_plan_free(made);
    lf_transaction_close(t);
    use_end(&use);
}

/* ---- opening ---- */

/* It would be another one for whoever runs elsewhere. */
static void test_a_root_that_is_not_absolute_is_refused(void **state)
{
    static const char *const roots[] = {"", ".", "home", "../x"};
    struct use use;
    struct lf_error err;
    struct lf_transaction *t;
    struct lf_farms *farms;
    struct lf_manifest *manifest;
    struct lf_view *view;
    use_begin(&use, *state);
    assert_refused(lf_view_open("", &view, &err), &err, LF_CODE_ROOT);
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        const struct lf_manifest_request request = {
                .file = use.file,
                .text = LF_STR("version: 1\nname: f\n"),
                .facts = use.facts,
                .root = roots[i],
        };
        assert_refused(lf_manifest_load(&request, use.diags, &manifest, &err),
                       &err, LF_CODE_ROOT);
        const struct lf_transaction_options options = {.root = roots[i],
                                                       .state_dir = use.state};
        assert_refused(lf_transaction_open(&options, &t, &err), &err,
                       LF_CODE_ROOT);
        assert_refused(lf_farms_open(roots[i], use.state, &farms, &err), &err,
                       LF_CODE_ROOT);
    }
    use_end(&use);
}

/* ---- diagnostics ---- */

static bool no_profiles(void *arg, struct lf_str farm,
                        const struct lf_str **ret_profiles, size_t *ret_count,
                        struct lf_error *err)
{
    (void)arg;
    (void)farm;
    (void)ret_profiles;
    (void)ret_count;
    lf_error_set(err, LF_CODE_LEDGER_CORRUPT, 0, "not known");
    return false;
}

/* Their marks would be in a text that is gone. */
static void test_a_load_that_fails_leaves_no_faults(void **state)
{
    struct use use;
    struct lf_error err;
    struct lf_manifest *manifest;
    use_begin(&use, *state);
    const struct lf_manifest_request request = {
            .file = use.file,
            .text = LF_STR("version: 1\nname: f\nbogus: 1\n"),
            .facts = use.facts,
            .profiles_for = no_profiles,
    };
    lf_diags_add(use.diags, LF_CODE_LONG_CHAIN, LF_SEVERITY_WARNING,
                 (struct lf_mark){0}, NULL, "of another one");
    assert_refused(lf_manifest_load(&request, use.diags, &manifest, &err), &err,
                   LF_CODE_LEDGER_CORRUPT);
    assert_int_equal(lf_diags_count(use.diags), 1);
    assert_int_equal(lf_diags_errors(use.diags), 0);
    use_end(&use);
}

static void test_faults_of_one_manifest_are_not_another_ones(void **state)
{
    struct use use;
    struct lf_error err;
    struct lf_manifest *bad;
    use_begin(&use, *state);
    const struct lf_manifest_request request = {
            .file = use.file,
            .text = LF_STR("version: 1\nname: f\nbogus: 1\n"),
            .facts = use.facts,
    };
    assert_done(lf_manifest_load(&request, use.diags, &bad, &err), &err);
    assert_int_equal(lf_diags_errors(use.diags), 1);
    assert_int_equal(lf_manifest_name(bad).len, 0);
    struct lf_plan *made;
    struct lf_transaction *t = open_in(NULL, use.state, true);
    assert_refused(lf_transaction_plan(t, bad, use.diags, &made, &err), &err,
                   LF_CODE_INTERNAL);
    assert_null(made);
    apply(&use, t, "f", "{.a: a}");
    assert_int_equal(lf_diags_errors(use.diags), 1);
    assert_true(scratch_exists(use.scratch, "home/.a"));
    lf_transaction_close(t);
    lf_manifest_free(bad);
    use_end(&use);
}

/* ---- garbage ---- */

static struct lf_garbage *find(struct lf_transaction *t)
{
    struct lf_error err;
    struct lf_garbage *garbage = NULL;
    assert_done(lf_garbage_find(t, 1, &garbage, &err), &err);
    return garbage;
}

static void clear(struct lf_transaction *t, const char *farm)
{
    struct lf_error err;
    struct lf_plan *made = NULL;
    const struct lf_report *report;
    assert_done(lf_transaction_plan_remove(t, lf_str(farm), &made, &err), &err);
    assert_done(lf_transaction_apply(t, made, &report, &err), &err);
    lf_plan_free(made);
}

/* A farm that owned nothing may own something again. */
static void test_garbage_counts_until_something_is_applied(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    apply(&use, t, "f", "{.a: a}");
    clear(t, "f");
    struct lf_garbage *garbage = find(t);
    assert_int_equal(lf_garbage_farms(garbage), 1);
    apply(&use, t, "f", "{.a: a}");
    assert_refused(lf_garbage_drop(t, garbage, &report, &err), &err,
                   LF_CODE_STALE);
    lf_garbage_free(garbage);
    assert_true(scratch_exists(use.scratch, "state/farms/f/1"));
    /* and what is found anew is dropped */
    garbage = find(t);
    assert_int_equal(lf_garbage_farms(garbage), 0);
    assert_done(lf_garbage_drop(t, garbage, &report, &err), &err);
    lf_garbage_free(garbage);
    assert_false(scratch_exists(use.scratch, "state/farms/f/1"));
    struct lf_plan *made = plan(&use, t, "f", "{.a: a}");
    assert_false(lf_plan_changes(made));
    lf_plan_free(made);
    lf_transaction_close(t);
    use_end(&use);
}

static void test_garbage_is_dropped_once(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    apply(&use, t, "f", "{.a: a}");
    apply(&use, t, "f", "{.a: b}");
    struct lf_garbage *garbage = find(t);
    assert_int_equal(lf_garbage_generations(garbage), 1);
    assert_done(lf_garbage_drop(t, garbage, &report, &err), &err);
    assert_refused(lf_garbage_drop(t, garbage, &report, &err), &err,
                   LF_CODE_STALE);
    lf_garbage_free(garbage);
    lf_transaction_close(t);
    use_end(&use);
}

static void test_garbage_of_another_transaction_is_refused(void **state)
{
    struct use use;
    struct lf_error err;
    const struct lf_report *report;
    use_begin(&use, *state);
    struct lf_transaction *t = open_in(NULL, use.state, true);
    apply(&use, t, "f", "{.a: a}");
    apply(&use, t, "f", "{.a: b}");
    lf_transaction_close(t);
    t = open_in(NULL, use.state, false);
    struct lf_garbage *garbage = find(t);
    assert_int_equal(lf_garbage_generations(garbage), 1);
    assert_refused(lf_garbage_drop(t, garbage, &report, &err), &err,
                   LF_CODE_INTERNAL);
    assert_done(lf_transaction_upgrade(t, &err), &err);
    assert_refused(lf_garbage_drop(t, garbage, &report, &err), &err,
                   LF_CODE_INTERNAL);
    lf_transaction_close(t);
    t = open_in(NULL, use.state, true);
    assert_refused(lf_garbage_drop(t, garbage, &report, &err), &err,
                   LF_CODE_INTERNAL);
    assert_true(scratch_exists(use.scratch, "state/farms/f/1"));
    lf_garbage_free(garbage);
    lf_transaction_close(t);
    use_end(&use);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_what_is_unchanged_is_applied),
            IN_SCRATCH(test_a_plan_of_another_state_is_refused),
            IN_SCRATCH(test_a_plan_of_another_root_is_refused),
            IN_SCRATCH(test_a_plan_of_a_reader_is_refused_when_it_writes),
            IN_SCRATCH(test_a_plan_is_carried_out_once),
            IN_SCRATCH(test_what_only_compares_is_not_applied),
            IN_SCRATCH(test_a_root_that_is_not_absolute_is_refused),
            IN_SCRATCH(test_a_load_that_fails_leaves_no_faults),
            IN_SCRATCH(test_faults_of_one_manifest_are_not_another_ones),
            IN_SCRATCH(test_garbage_counts_until_something_is_applied),
            IN_SCRATCH(test_garbage_is_dropped_once),
            IN_SCRATCH(test_garbage_of_another_transaction_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
