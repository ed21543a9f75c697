/* SPDX-License-Identifier: MIT */
/*
 * test_vectors.c - check the resolver against files of cases
 *
 *     test_vectors [--real] FILE...
 *
 * Prints a line for each case that fails: its id, what was expected, what came.
 * Cases that are marked `contested` are reported and counted as skipped,
 * whatever comes of them. With --real, POSIX cases are also checked in the real
 * file system; what that needs root for is skipped without it, and says so.
 */
#include "tests/vectors.h"

#include <stdio.h>
#include <stdlib.h>

struct tally {
    size_t passed, failed, skipped;
    bool real;
};

static void print_json(const char *what, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                                                   JSON_SORT_KEYS)
                       : NULL;
    printf(" %s %s", what, text ? text : "nothing");
    free(text);
}

static void report(const json_t *vector, const char *where, const char *word,
                   struct finding *finding)
{
    printf("%s (%s) %s:", vector_string(vector, "id").data, where, word);
    print_json("expected", finding->expected);
    print_json("got", finding->got);
    putchar('\n');
    json_decref(finding->expected);
    json_decref(finding->got);
    *finding = (struct finding){0};
}

static void count(const json_t *vector, const char *where, enum verdict verdict,
                  struct finding *finding, struct tally *tally)
{
    bool contested = json_object_get(vector, "contested") != NULL;
    if (verdict == VERDICT_PASSED && !contested) {
        tally->passed++;
        return;
    }
    if (verdict == VERDICT_PASSED)
        printf("%s (%s) contested, passes\n", vector_string(vector, "id").data,
               where);
    else
        report(vector, where,
               contested                    ? "contested"
               : verdict == VERDICT_SKIPPED ? "skipped"
                                            : "FAILED",
               finding);
    if (contested || verdict == VERDICT_SKIPPED)
        tally->skipped++;
    else
        tally->failed++;
}

static void run(const json_t *vector, struct tally *tally)
{
    struct finding finding = {0};
    if (lf_str_equal(vector_string(vector, "flavour"), LF_STR("windows"))) {
        count(vector, "windows", vector_run_windows(vector, &finding), &finding,
              tally);
        return;
    }
    count(vector, "memory", vector_run_memory(vector, &finding), &finding,
          tally);
    if (tally->real)
        count(vector, "real", vector_run_real(vector, &finding), &finding,
              tally);
}

static bool run_file(const char *path, struct tally *tally)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        return false;
    }
    json_error_t fault;
    json_t *vector;
    bool good = true;
    for (int c; good && (c = getc(file)) != EOF;) {
        if (c == '\n' || c == ' ')
            continue;
        ungetc(c, file);
        vector = json_loadf(file, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL,
                            &fault);
        good = json_is_object(vector) && json_object_get(vector, "id");
        if (good)
            run(vector, tally);
        else
            fprintf(stderr, "%s: not a case: %s\n", path, fault.text);
        json_decref(vector);
    }
    fclose(file);
    return good;
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    bool good = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--real") == 0)
            tally.real = true;
        else
            good = run_file(argv[i], &tally) && good;
        fflush(stdout);
    }
    printf("%zu passed, %zu failed", tally.passed, tally.failed);
    if (tally.skipped)
        printf(", %zu skipped", tally.skipped);
    putchar('\n');
    return good && tally.failed == 0 ? 0 : 1;
}
