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

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_what_is_unchanged_is_applied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
