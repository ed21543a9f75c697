/* SPDX-License-Identifier: MIT */
/*
 * fuzz_main.c - replay inputs through a fuzz target, without a fuzzer
 *
 * `fuzz_NAME FILE|DIRECTORY...` gives each file, and each file directly in a
 * directory, to LLVMFuzzerTestOneInput(), as the tests do with the corpora.
 * `./dev fuzz` links libFuzzer's main() instead of this one.
 */
#define _GNU_SOURCE /* scandir, alphasort */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* No input may hold a caller up for longer, even under sanitizers. */
#define LIMIT_SECONDS 20.0

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(1);
}

static void replay_file(const char *path, size_t size)
{
    /* Exactly as long as the input, so that reading past it is seen. */
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");
    double start;

    if (!file || !data || fread(data, 1, size, file) != size)
        die(path);
    fclose(file);
    start = now();
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    if (now() - start > LIMIT_SECONDS) {
        fprintf(stderr, "%s: took %.1f s\n", path, now() - start);
        exit(1);
    }
}

static int is_not_dot(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t replay(const char *path)
{
    struct dirent **entries;
    struct stat st;
    size_t count = 0;

    if (stat(path, &st) < 0)
        die(path);
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path, (size_t)st.st_size);
        return 1;
    }
    int n = scandir(path, &entries, is_not_dot, alphasort);
    if (n < 0)
        die(path);
    for (int i = 0; i < n; i++) {
        char name[4096];
        int len =
                snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        free(entries[i]);
        if (len >= (int)sizeof(name) || stat(name, &st) < 0)
            die(path);
        if (!S_ISREG(st.st_mode))
            continue;
        /* The last one named is the one that crashed. */
        fprintf(stderr, "%s\n", name);
        replay_file(name, (size_t)st.st_size);
        count++;
    }
    free(entries);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("1..1\n%s 1 - replays %zu inputs\n", count ? "ok" : "not ok", count);
    return count ? 0 : 1;
}
