/* SPDX-License-Identifier: MIT */
/*
 * prove.c - what planning and proving cost, against reading every link twice
 *
 * Makes LF_BENCH_LINKS links (100,000) in LF_BENCH_DIRS directories (5,000), in
 * two levels, and measures in turns, in one run:
 *   read    readlinkat(2) of every link, twice, one descriptor a directory
 *   prove   lf_plan_prove(): every link and every source is resolved
 *   plan    lf_plan_make(): deciding, describing and proving, of sets that were
 *           made before
 * Prints the medians in milliseconds, and their ratios to reading.
 */
#define _GNU_SOURCE
#include "observe/observe.h"
#include "plan/plan.h"
#include "resolve/view.h"
#include "support/check.h"
#include "support/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MOST = 99 };

struct bench {
    struct scratch *scratch;
    unsigned links, dirs;
    struct lf_fs fs;
    int root;
    struct lf_facts *facts;
    struct lf_diags *diags;
    struct lf_manifest *manifest;
    struct lf_desired *desired;
    struct lf_observed *observed;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void make_farm(struct bench *b)
{
    char path[128], text[128];
    scratch_dir(b->scratch, "home");
    for (unsigned i = 0; i < b->links; i++) {
        unsigned d = i % b->dirs;
        snprintf(path, sizeof(path), "src/g%u/d%u/f%u", d % 50, d, i);
        scratch_file(b->scratch, path, "");
        snprintf(path, sizeof(path), "home/g%u/d%u/f%u", d % 50, d, i);
        snprintf(text, sizeof(text), "../../../src/g%u/d%u/f%u", d % 50, d, i);
        scratch_link(b->scratch, path, text);
    }
    scratch_file(b->scratch, "m.yaml",
                 "version: 1\nname: bench\ninto: home\ntrees: [{from: src}]\n");
}

static struct lf_pair text_of(const void *owner, uint32_t detail)
{
    const struct lf_desired *desired = owner;
    return lf_desired_text(desired, lf_desired_wish(desired, detail));
}

static void make_sets(struct bench *b)
{
    struct lf_error err;
    struct lf_view *view;
    struct lf_resolver *resolver;
    char file[4096];
    snprintf(file, sizeof(file), "%s/m.yaml", b->scratch->path);
    lf_fs_system(&b->fs);
    b->root = b->fs.open_dir(&b->fs, -1, "/", LF_DIR_READ | LF_DIR_FOLLOW);
    b->diags = lf_diags_new(20);
    assert_done(lf_facts_new(&b->facts, &err), &err);
    struct lf_manifest_request load = {.file = file, .facts = b->facts};
    assert_done(lf_manifest_load(&load, b->diags, &b->manifest, &err), &err);
    assert_done(lf_view_real_new(&b->fs, b->root, &view, &err), &err);
    assert_done(lf_resolver_new(view, &resolver, &err), &err);
    struct lf_expand_request expand = {.manifest = b->manifest,
                                       .fs = &b->fs,
                                       .root_fd = b->root,
                                       .resolver = resolver};
    assert_done(lf_desired_make(&expand, b->diags, &b->desired, &err), &err);
    assert_int_equal(lf_diags_errors(b->diags), 0);
    const struct lf_observe_request observe = {
            .fs = &b->fs,
            .root_fd = b->root,
            .sides = {{&b->desired->set, text_of, b->desired}},
    };
    assert_done(lf_observe(&observe, &b->observed, &err), &err);
    lf_resolver_free(resolver);
    lf_view_free(view);
}

static void read_once(const struct bench *b)
{
    const struct lf_set *set = &b->desired->set;
    char text[4096];
    for (uint32_t d = 0; d < set->n_dirs; d++) {
        const struct lf_dir *dir = &set->dirs[d];
        int fd = open(dir->path.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        for (uint32_t i = dir->first; i < dir->first + dir->count; i++)
            if (lf_desired_wish(b->desired, set->items[i].detail)->kind ==
                LF_WISH_LINK)
                assert_true(readlinkat(fd, lf_item_name(&set->items[i]).data,
                                       text, sizeof(text)) > 0);
        close(fd);
    }
}

/* Nothing of it is known yet. */
static void open_disk(struct lf_view **ret_view,
                      struct lf_resolver **ret_resolver)
{
    struct lf_error err;
    assert_done(lf_view_open("/", ret_view, &err), &err);
    assert_done(lf_resolver_new(*ret_view, ret_resolver, &err), &err);
}

static void close_disk(struct lf_view *view, struct lf_resolver *resolver)
{
    lf_resolver_free(resolver);
    lf_view_free(view);
}

/* Plans, and then proves the plan once more: `*ret_proof` is what that takes. */
static void plan_once(const struct bench *b, double *ret_proof)
{
    struct lf_error err;
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_plan *plan;
    open_disk(&view, &resolver);
    struct lf_plan_request request = {
            .purpose = LF_PURPOSE_APPLY,
            .farm = LF_STR("bench"),
            .manifest = b->manifest,
            .desired = b->desired,
            .observed = b->observed,
            .view = view,
            .resolver = resolver,
    };
    assert_done(lf_plan_make(&request, &plan, &err), &err);
    assert_int_equal(lf_plan_findings(plan), 0);
    assert_int_equal(lf_plan_count_of(plan, LF_ACTION_CLAIM, false), b->links);
    close_disk(view, resolver);
    open_disk(&view, &resolver);
    request.view = view;
    request.resolver = resolver;
    double begin = now();
    assert_done(lf_plan_prove(plan, &request, &err), &err);
    *ret_proof = now() - begin;
    assert_int_equal(lf_plan_findings(plan), 0);
    lf_plan_free(plan);
    close_disk(view, resolver);
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, int n)
{
    qsort(times, (size_t)n, sizeof(*times), compare_times);
    return times[n / 2];
}

static void bench_prove(void **state)
{
    (void)state;
    const char *links = getenv("LF_BENCH_LINKS");
    const char *dirs = getenv("LF_BENCH_DIRS");
    const char *rounds = getenv("LF_BENCH_ROUNDS");
    struct bench b = {.links = links ? (unsigned)atoi(links) : 100000,
                      .dirs = dirs ? (unsigned)atoi(dirs) : 5000};
    int n = rounds ? atoi(rounds) : 5;
    double read[ROUNDS_MOST], plan[ROUNDS_MOST], proof[ROUNDS_MOST];
    assert_in_range(n, 1, ROUNDS_MOST);
    b.scratch = scratch_new();
    make_farm(&b);
    make_sets(&b);
    for (int i = 0; i < n; i++) {
        double begin = now();
        read_once(&b);
        read_once(&b);
        read[i] = now() - begin;
        begin = now();
        plan_once(&b, &proof[i]);
        plan[i] = now() - begin - proof[i];
    }
    double floor = median(read, n), cost = median(plan, n);
    double alone = median(proof, n);
    print_message(
            "# %u links in %u directories, %d rounds: read twice %.1f ms; "
            "prove %.1f ms, ratio %.2f; plan and prove %.1f ms, %.2f\n",
            b.links, b.dirs, n, floor, alone, alone / floor, cost,
            cost / floor);
    lf_observed_free(b.observed);
    lf_desired_free(b.desired);
    lf_manifest_free(b.manifest);
    lf_diags_free(b.diags);
    lf_facts_free(b.facts);
    b.fs.close(&b.fs, b.root);
    scratch_free(b.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bench_prove)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
