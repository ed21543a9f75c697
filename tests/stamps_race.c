/* SPDX-License-Identifier: MIT */
/*
 * stamps_race.c - a change within the tick of the clock in which it was looked
 *
 *     stamps_race DIRECTORY ROUNDS
 *
 * In an empty directory: a link is put right, an apply finds nothing to do and
 * remembers that, and the link is changed at once, so soon that the directory
 * may carry the same times before and after. A plan that believes what was
 * remembered would not see it. All in one process, because starting one takes
 * longer than a tick. Prints how many changes were missed, and fails if any.
 */
#define _GNU_SOURCE
#include <linkfarm/linkfarm.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char manifest_text[] = "version: 1\n"
                                    "name: race\n"
                                    "into: ~/\n"
                                    "defaults: {dangling: allow}\n"
                                    "links: {x: {to: /right}, d/y: {to: /y}}\n";

struct race {
    char *home, *x, *spare, *state, *manifest;
    struct lf_facts *facts;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "stamps_race: %s: %s\n", what, why);
    exit(2);
}

static char *below(const char *dir, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        die(name, "no memory");
    return path;
}

static void must(bool ok, const char *what, const struct lf_error *err)
{
    if (!ok)
        die(what, err->message);
}

static void put_link(const struct race *race, const char *text)
{
    unlink(race->spare);
    if (symlink(text, race->spare) < 0 || rename(race->spare, race->x) < 0)
        die(race->x, strerror(errno));
}

/* ---- looking ---- */

struct look {
    struct lf_manifest *manifest;
    struct lf_diags *diags;
    struct lf_transaction *transaction;
    struct lf_plan *plan;
};

static struct lf_manifest_request request_of(const struct race *race)
{
    return (struct lf_manifest_request){.file = race->manifest,
                                        .facts = race->facts};
}

static void begin(const struct race *race, bool write, struct look *ret)
{
    struct lf_error err;
    struct lf_transaction_options options = {
            .state_dir = race->state, .command = "race", .write = write};
    *ret = (struct look){0};
    must(lf_transaction_open(&options, &ret->transaction, &err), "open", &err);
}

static void plan(const struct race *race, struct look *look)
{
    struct lf_error err;
    struct lf_manifest_request request = request_of(race);
    look->diags = lf_diags_new(1);
    if (!look->diags)
        die("diagnostics", "no memory");
    must(lf_manifest_load(&request, look->diags, &look->manifest, &err), "load",
         &err);
    must(lf_transaction_plan(look->transaction, look->manifest, look->diags,
                             &look->plan, &err),
         "plan", &err);
    if (!look->plan)
        die("plan", "the manifest has errors");
}

static void end(struct look *look)
{
    lf_plan_free(look->plan);
    lf_transaction_close(look->transaction);
    lf_diags_free(look->diags);
    lf_manifest_free(look->manifest);
}

static void apply(const struct race *race)
{
    struct look look;
    struct lf_error err;
    const struct lf_report *report;
    begin(race, true, &look);
    plan(race, &look);
    must(lf_transaction_apply(look.transaction, look.plan, &report, &err),
         "apply", &err);
    end(&look);
}

/* Whether the farm is taken for unchanged, by what is known of all or of single
 * directories. */
static bool is_missed(const struct race *race)
{
    struct look look;
    struct lf_error err;
    struct lf_manifest_request request = request_of(race);
    begin(race, false, &look);
    must(lf_transaction_plan_unchanged(look.transaction, &request, &look.plan,
                                       &err),
         "plan", &err);
    bool missed = look.plan;
    if (!missed) {
        plan(race, &look);
        missed = lf_plan_ok(look.plan) && !lf_plan_changes(look.plan);
    }
    end(&look);
    return missed;
}

/* ---- racing ---- */

static void change(const struct race *race, unsigned round)
{
    switch (round % 3) {
    case 0:
        unlink(race->x);
        break;
    case 1:
        put_link(race, "/wrong");
        break;
    default:
        if (unlink(race->x) < 0 || symlink("/wrong", race->x) < 0)
            die(race->x, strerror(errno));
    }
}

static void prepare(struct race *race, const char *top)
{
    struct lf_error err;
    race->home = below(top, "home");
    race->x = below(race->home, "x");
    race->spare = below(race->home, "spare");
    race->state = below(top, "state");
    race->manifest = below(top, "linkfarm.yaml");
    FILE *file = fopen(race->manifest, "w");
    if (!file || fputs(manifest_text, file) < 0 || fclose(file) < 0 ||
        mkdir(race->home, 0755) < 0)
        die(top, strerror(errno));
    must(lf_facts_new(&race->facts, &err) &&
                 lf_facts_set(race->facts, "home", lf_str(race->home), &err),
         "facts", &err);
    apply(race);
}

static void finish(struct race *race)
{
    lf_facts_free(race->facts);
    free(race->home);
    free(race->x);
    free(race->spare);
    free(race->state);
    free(race->manifest);
}

int main(int argc, char **argv)
{
    struct race race;
    unsigned missed = 0;
    if (argc != 3)
        die("usage", "stamps_race DIRECTORY ROUNDS");
    unsigned rounds = (unsigned)strtoul(argv[2], NULL, 10);
    prepare(&race, argv[1]);
    for (unsigned round = 0; round < rounds; round++) {
        put_link(&race, "/right");
        apply(&race);
        change(&race, round);
        missed += is_missed(&race);
    }
    finish(&race);
    printf("%u of %u changes were missed\n", missed, rounds);
    return missed > 0 || rounds == 0;
}
