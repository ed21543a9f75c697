/* SPDX-License-Identifier: MIT */
/*
 * crash.c - stop transactions at every operation, and fail them there
 *
 * For each scenario and each operation that changes something: stop for good,
 * open again (which recovers), look. Then the same with the recovery stopped
 * too, and with an error from the operation instead. The tree must be the old
 * one or the new one, to the byte, the ledger must say the same, and the same
 * action must then succeed. Unless LF_CRASH_FULL is set, fewer errors and fewer
 * nested stops are tried. What was counted is printed for each scenario.
 */
#define _GNU_SOURCE
#include "apply/transaction.h"
#include "base/buf.h"
#include "scenarios.h"
#include "support/check.h"
#include "support/fault_fs.h"
#include "support/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int errors[] = {ENOSPC, EIO,    EACCES, EROFS, EMFILE,
                             EINTR,  ENOENT, EEXIST, EDQUOT};
enum { FEW_ERRORS = 2, NESTED_STEP = 5 };

/* What a run is held against. */
struct image {
    struct lf_buf tree, ledger;
};

struct run {
    const struct scenario *scenario;
    struct scratch *scratch;
    char *home, *state, *file;
};

struct tally {
    unsigned long points, old_state, new_state, nested;
    bool full, failed;
};

/* ---- pictures ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_content(struct lf_buf *out, int dir, const char *name)
{
    char text[4096];
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
    assert_true(len >= 0);
    lf_buf_add(out, lf_str_of(text, (size_t)len));
    close(fd);
}

/* Test trees are shallow, so this may recurse. */
static void add_tree(struct lf_buf *out, int above, const char *name,
                     const char *path)
{
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    assert_true(fd >= 0);
    DIR *dir = fdopendir(fd);
    char *names[256];
    size_t n = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) && n < 256;)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            names[n++] = strdup(entry->d_name);
    qsort(names, n, sizeof(names[0]), compare_names);
    for (size_t i = 0; i < n; i++) {
        char below[4096], text[4096];
        struct stat st;
        snprintf(below, sizeof(below), "%s/%s", path, names[i]);
        assert_int_equal(fstatat(fd, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
        lf_buf_add_format(out, "%s %o ", below, (unsigned)st.st_mode);
        if (S_ISLNK(st.st_mode)) {
            ssize_t len = readlinkat(fd, names[i], text, sizeof(text));
            lf_buf_add(out, lf_str_of(text, (size_t)len));
        } else if (S_ISREG(st.st_mode)) {
            add_content(out, fd, names[i]);
        }
        lf_buf_add_char(out, '\n');
        if (S_ISDIR(st.st_mode))
            add_tree(out, fd, names[i], below);
        free(names[i]);
    }
    closedir(dir);
}

static bool cannot_happen(const struct lf_error *err)
{
    print_error("LF%03d: %s\n", (int)err->code, err->message);
    return false;
}

static bool open_transaction(const struct run *run, struct lf_fs *fs,
                             bool write, struct lf_transaction **ret,
                             struct lf_error *err)
{
    struct lf_transaction_options options = {
            .state_dir = run->state,
            .command = "crash",
            .write = write,
    };
    return lf_transaction_open_with(fs, &options, ret, err);
}

/* What the ledger says of a farm, and whether the disk agrees. */
static void add_farm(struct lf_buf *out, struct lf_transaction *transaction,
                     const char *farm)
{
    struct lf_plan *plan;
    struct lf_error err;
    if (!lf_transaction_plan_recorded(transaction, lf_str(farm), &plan, &err)) {
        lf_buf_add_format(out, "%s: LF%03d\n", farm, (int)err.code);
        return;
    }
    lf_buf_add_format(out, "%s: generation %llu\n", farm,
                      (unsigned long long)lf_plan_generation(plan));
    for (size_t i = 0; i < lf_plan_count(plan); i++) {
        const struct lf_action *action = lf_plan_action(plan, i);
        lf_buf_add_format(out, "%s ", lf_action_kind_name(action->kind));
        lf_buf_add(out, action->path);
        lf_buf_add_char(out, ' ');
        lf_buf_add(out, action->text);
        lf_buf_add_char(out, '\n');
    }
    lf_plan_free(plan);
}

static void strip_path(struct lf_buf *text, const char *path)
{
    struct lf_buf out = {0};
    size_t len = strlen(path);
    for (size_t i = 0; i < text->len;) {
        if (text->len - i >= len && memcmp(text->data + i, path, len) == 0)
            i += len;
        else
            lf_buf_add_char(&out, text->data[i++]);
    }
    lf_buf_finish(text);
    *text = out;
}

static struct image image_of(const struct run *run)
{
    struct image image = {0};
    struct lf_fs fs;
    struct lf_transaction *transaction;
    struct lf_error err;
    lf_fs_system(&fs);
    add_tree(&image.tree, run->scratch->fd, "home", "home");
    bool opened = open_transaction(run, &fs, false, &transaction, &err);
    assert_true(opened || cannot_happen(&err));
    add_farm(&image.ledger, transaction, "t");
    add_farm(&image.ledger, transaction, "other");
    lf_transaction_close(transaction);
    /* each run has a directory of its own */
    strip_path(&image.tree, run->scratch->path);
    strip_path(&image.ledger, run->scratch->path);
    assert_false(lf_buf_failed(&image.tree) || lf_buf_failed(&image.ledger));
    return image;
}

static void image_free(struct image *image)
{
    lf_buf_finish(&image->tree);
    lf_buf_finish(&image->ledger);
}

/* Take out the lines of our temporary names. */
static void forget_spares(struct image *image)
{
    struct lf_buf out = {0};
    const char *at = image->tree.data, *end = at + image->tree.len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)(stop ? stop + 1 - at : end - at);
        if (!memmem(at, len, "/.lf-", 5))
            lf_buf_add(&out, lf_str_of(at, len));
        at += len;
    }
    lf_buf_finish(&image->tree);
    image->tree = out;
}

static bool same(const struct image *a, const struct image *b)
{
    return lf_str_equal(lf_buf_str(&a->tree), lf_buf_str(&b->tree)) &&
           lf_str_equal(lf_buf_str(&a->ledger), lf_buf_str(&b->ledger));
}

/* ---- doing ---- */

static bool load(const struct run *run, const char *text,
                 struct lf_facts **facts, struct lf_diags *diags,
                 struct lf_manifest **manifest, struct lf_error *err)
{
    struct lf_buf whole = {0};
    bool named = strncmp(text, "name:", 5) == 0;
    struct lf_manifest_request request = {.file = run->file};
    lf_buf_add_format(&whole, "version: 1\n%sinto: ~/\n%s",
                      named ? "" : "name: t\n", text);
    lf_buf_add_char(&whole, '\0');
    scratch_file(run->scratch, "home/dot/m.yaml", whole.data);
    lf_buf_finish(&whole);
    if (!lf_facts_new(facts, err))
        return false;
    request.facts = *facts;
    return lf_facts_set(*facts, "home", lf_str(run->home), err) &&
           lf_manifest_load(&request, diags, manifest, err);
}

static bool plan_apply(const struct run *run, struct lf_transaction *t,
                       const char *text, struct lf_error *err)
{
    struct lf_facts *facts = NULL;
    struct lf_manifest *manifest = NULL;
    struct lf_diags *diags = lf_diags_new(20);
    struct lf_plan *plan = NULL;
    const struct lf_report *report;
    bool ok = load(run, text, &facts, diags, &manifest, err) &&
              lf_transaction_plan(t, manifest, diags, &plan, err);
    if (ok && lf_diags_errors(diags)) { /* a source that could not be read */
        lf_error_set(err, lf_diags_at(diags, 0)->code, 0, "diagnostics");
        ok = false;
    }
    ok = ok && lf_transaction_apply(t, plan, &report, err);
    lf_plan_free(plan);
    lf_diags_free(diags);
    lf_manifest_free(manifest);
    lf_facts_free(facts);
    return ok;
}

static bool carry_out(const struct run *run, struct lf_transaction *t,
                      struct lf_error *err)
{
    const struct scenario *scenario = run->scenario;
    struct lf_plan *plan = NULL;
    const struct lf_report *report;
    bool ok = false;
    switch (scenario->act) {
    case ACT_APPLY:
        return plan_apply(run, t, scenario->manifest, err);
    case ACT_ROLLBACK:
        ok = lf_transaction_plan_rollback(t, LF_STR("t"), scenario->generation,
                                          &plan, err);
        break;
    case ACT_REMOVE:
        ok = lf_transaction_plan_remove(t, LF_STR("t"), &plan, err);
        break;
    }
    ok = ok && lf_transaction_apply(t, plan, &report, err);
    lf_plan_free(plan);
    return ok;
}

static bool act(const struct run *run, struct lf_fs *fs, struct lf_error *err)
{
    struct lf_transaction *transaction;
    if (!open_transaction(run, fs, true, &transaction, err))
        return false;
    bool ok = carry_out(run, transaction, err);
    lf_transaction_close(transaction);
    return ok;
}

static void run_begin(struct run *run, const struct scenario *scenario)
{
    struct lf_fs fs;
    struct lf_error err;
    *run = (struct run){.scenario = scenario, .scratch = scratch_new()};
    const char *path = run->scratch->path;
    assert_true(asprintf(&run->home, "%s/home", path) > 0);
    assert_true(asprintf(&run->state, "%s/state", path) > 0);
    assert_true(asprintf(&run->file, "%s/home/dot/m.yaml", path) > 0);
    lf_fs_system(&fs);
    scratch_nodes(run->scratch, scenario->nodes);
    for (size_t i = 0; i < 2 && scenario->before[i]; i++) {
        struct lf_transaction *transaction;
        bool ok = open_transaction(run, &fs, true, &transaction, &err) &&
                  plan_apply(run, transaction, scenario->before[i], &err);
        assert_true(ok || cannot_happen(&err));
        lf_transaction_close(transaction);
    }
    scratch_nodes(run->scratch, scenario->meanwhile ? scenario->meanwhile : "");
    scratch_file(run->scratch, "home/dot/m.yaml", "");
}

static void run_end(struct run *run)
{
    scratch_free(run->scratch);
    free(run->home);
    free(run->state);
    free(run->file);
}

/* The manifest is the test's, not the tree's. */
static struct image look(const struct run *run)
{
    scratch_file(run->scratch, "home/dot/m.yaml", "");
    return image_of(run);
}

/* ---- the laws ---- */

static bool recover(const struct run *run, struct lf_fs *fs,
                    struct lf_error *err)
{
    struct lf_transaction *transaction;
    if (!open_transaction(run, fs, true, &transaction, err))
        return false;
    lf_transaction_close(transaction);
    return true;
}

static void complain(struct tally *tally, const char *what, unsigned long n,
                     const struct image *got, const struct image *want)
{
    tally->failed = true;
    printf("# %s at operation %lu\n# -- got\n%.*s%.*s# -- wanted\n%.*s%.*s",
           what, n, (int)got->tree.len, got->tree.data, (int)got->ledger.len,
           got->ledger.data, (int)want->tree.len, want->tree.data,
           (int)want->ledger.len, want->ledger.data);
}

/*
 * Old or new, and then the action goes through. With `lied`, an operation said
 * that something is or is not there, against the truth: a temporary name that
 * was said to be gone is then left behind, and nothing else.
 */
static void check_end(struct tally *tally, const struct run *run,
                      unsigned long n, const char *what, bool lied,
                      const struct image *before, const struct image *after)
{
    struct lf_fs fs;
    struct lf_error err;
    struct image now = look(run);
    if (lied)
        forget_spares(&now);
    lf_fs_system(&fs);
    if (same(&now, before))
        tally->old_state++;
    else if (same(&now, after))
        tally->new_state++;
    else
        complain(tally, what, n, &now, before);
    bool is_old = same(&now, before);
    image_free(&now);
    if (!is_old)
        return;
    if (!act(run, &fs, &err)) {
        printf("# afterwards: LF%03d %s\n", (int)err.code, err.message);
        tally->failed = true;
        return;
    }
    now = look(run);
    if (lied)
        forget_spares(&now);
    if (!same(&now, after))
        complain(tally, "the action that followed", n, &now, after);
    image_free(&now);
}

/* Stop at operation `n`, then at operation `m` of the recovery; 0: not. Whether
 * both were reached. */
static bool try_stop(struct tally *tally, const struct scenario *scenario,
                     unsigned long n, unsigned long m,
                     const struct image *before, const struct image *after)
{
    struct run run;
    struct fault_fs faults;
    struct lf_fs fs;
    struct lf_error err;
    run_begin(&run, scenario);
    lf_fs_system(&fs);
    fault_fs_init(&faults, NULL);
    faults.ops = FAULT_CHANGES;
    fault_fs_stop(&faults, n);
    (void)act(&run, &faults.fs, &err);
    bool reached = faults.struck;
    if (reached && m) {
        fault_fs_init(&faults, NULL);
        faults.ops = FAULT_CHANGES;
        fault_fs_stop(&faults, m);
        (void)recover(&run, &faults.fs, &err);
        reached = faults.struck;
    }
    if (reached) {
        if (!recover(&run, &fs, &err)) {
            printf("# recovery: LF%03d %s\n", (int)err.code, err.message);
            tally->failed = true;
        }
        check_end(tally, &run, n, m ? "stopped twice" : "stopped", false,
                  before, after);
    }
    run_end(&run);
    return reached;
}

/* The operation that an error was made of, for people who look for a fault. */
struct struck {
    unsigned long n;
    enum fault_op op;
    char name[256];
};

static void note_struck(void *arg, const struct fault_call *call)
{
    struct struck *struck = arg;
    if (call->number != struck->n)
        return;
    struck->op = call->op;
    snprintf(struck->name, sizeof(struck->name), "%s",
             call->name ? call->name : "-");
}

static bool try_error(struct tally *tally, const struct scenario *scenario,
                      unsigned long n, int error, const struct image *before,
                      const struct image *after)
{
    struct run run;
    struct fault_fs faults;
    struct lf_fs fs;
    struct lf_error err = {0};
    bool lies = error == ENOENT || error == EEXIST;
    run_begin(&run, scenario);
    lf_fs_system(&fs);
    fault_fs_init(&faults, NULL);
    fault_fs_fail(&faults, n, error);
    /* a link that is said not to be there is rightly forgotten, without a ledger
     * all begins anew, and a directory that is said not to be empty stays */
    if (lies)
        faults.ops =
                FAULT_CHANGES & ~(1u << FAULT_OPEN_FILE | 1u << FAULT_RMDIR);
    struct struck struck = {.n = n};
    faults.before = note_struck;
    faults.before_arg = &struck;
    bool done = act(&run, &faults.fs, &err);
    bool reached = faults.struck;
    if (reached) {
        struct image now;
        if (getenv("LF_CRASH_TRACE"))
            printf("# operation %lu, %s %s: %s LF%03d %s\n", n,
                   fault_op_name(struck.op), struck.name, strerror(error),
                   done ? 0 : (int)err.code, done ? "" : err.message);
        bool later = err.code == LF_CODE_RECOVERY ||
                     err.code == LF_CODE_CLEAN_UP || err.code == LF_CODE_SYNC;
        if (!done && later && !recover(&run, &fs, &err)) {
            printf("# recovery: LF%03d %s\n", (int)err.code, err.message);
            tally->failed = true;
        }
        now = look(&run);
        if (lies)
            forget_spares(&now);
        if (!done && !later && !same(&now, before))
            complain(tally, err.message, n, &now, before);
        image_free(&now);
        check_end(tally, &run, n, strerror(error), lies, before, after);
    }
    if (faults.open)
        tally->failed = true;
    run_end(&run);
    return reached;
}

static void try_scenario(struct tally *tally, const struct scenario *scenario)
{
    struct run run;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    run_begin(&run, scenario);
    struct image before = look(&run);
    bool done = act(&run, &fs, &err);
    assert_true(done || cannot_happen(&err));
    struct image after = look(&run);
    assert_false(same(&before, &after));
    run_end(&run);
    for (unsigned long n = 1; try_stop(tally, scenario, n, 0, &before, &after);
         n++) {
        tally->points++;
        if (!tally->full && n % NESTED_STEP)
            continue;
        for (unsigned long m = 1;
             try_stop(tally, scenario, n, m, &before, &after); m++)
            tally->nested++;
    }
    size_t n_errors = tally->full ? ARRAY_LEN(errors) : FEW_ERRORS;
    for (size_t i = 0; i < n_errors; i++) {
        for (unsigned long n = 1;
             try_error(tally, scenario, n, errors[i], &before, &after); n++)
            tally->points++;
    }
    image_free(&before);
    image_free(&after);
}

static void test_scenario(void **state)
{
    const struct scenario *scenario = *state;
    struct tally tally = {.full = getenv("LF_CRASH_FULL") != NULL};
    try_scenario(&tally, scenario);
    print_message("# %s: %lu points, %lu nested; %lu old, %lu new%s\n",
                  scenario->name, tally.points, tally.nested, tally.old_state,
                  tally.new_state, tally.failed ? "" : ", 0 mixed, 0 lost");
    assert_false(tally.failed);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(scenarios)];
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        tests[i] = (struct CMUnitTest){scenarios[i].name, test_scenario, NULL,
                                       NULL, (void *)(uintptr_t)&scenarios[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
