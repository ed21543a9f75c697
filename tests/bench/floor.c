/* SPDX-License-Identifier: MIT */
/*
 * floor.c - what a farm costs at the least
 *
 *     floor [-t THREADS] [-s STATE] create|read|look|remove INTO LIST
 *     floor [-t THREADS] [-s STATE] change INTO LIST CHANGED
 *     floor plan INTO LIST MANIFEST SOURCES
 *
 * See floor.h. With -s, what changes something is crash-safe: STATE is a
 * directory on the same file system. What changes nothing writes nothing.
 */
#define _GNU_SOURCE
#include "bench/floor.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
        "usage: floor [-t THREADS] [-s STATE] create|read|look|remove INTO "
        "LIST\n       floor [-t THREADS] [-s STATE] change INTO LIST CHANGED\n"
        "       floor plan INTO LIST MANIFEST SOURCES";

static const struct form {
    const char *word;
    int n_args; /* beside INTO and LIST */
    bool changes;
    void (*work)(const struct worklist *list, int top, unsigned threads);
} forms[] = {
        {"create", 0, true,  floor_create},
        {"read",   0, false, floor_read  },
        {"look",   0, false, floor_look  },
        {"remove", 0, true,  floor_remove},
        {"change", 1, true,  floor_change},
        {"plan",   2, false, NULL        },
};

static const struct form *find_form(const char *word, int n_args)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (strcmp(forms[i].word, word) == 0 && forms[i].n_args == n_args)
            return &forms[i];
    errx(64, "%s", usage);
}

/* What has not changed must be known to be right before anything is done. */
static void work_on(const struct form *form, const struct worklist *work,
                    const struct worklist *list, int top, unsigned threads)
{
    if (form->work == floor_change)
        floor_look(list, top, threads);
    form->work(work, top, threads);
}

/* `record` is what the links are afterwards; it is written once for the journal
 * and once for the ledger, as linkfarm's are about as long. */
static void work_safely(const struct form *form, const struct worklist *work,
                        const struct worklist *record, int top, int state,
                        unsigned threads)
{
    static const char none[] = "";
    bool removes = form->work == floor_remove;
    floor_write_state(state, "journal", work->data, work->size);
    work_on(form, work, record, top, threads);
    if (syncfs(top) < 0)
        err(1, "syncfs");
    floor_write_state(state, "ledger", removes ? none : record->data,
                      removes ? 0 : record->size);
    if (unlinkat(state, "journal", 0) < 0)
        err(1, "journal");
}

int main(int argc, char **argv)
{
    unsigned threads = 1;
    int state = -1, option;
    while ((option = getopt(argc, argv, "t:s:")) != -1) {
        if (option == 't')
            threads = (unsigned)strtoul(optarg, NULL, 10);
        else if (option != 's')
            errx(64, "%s", usage);
        else if ((state = open(optarg, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
            err(1, "%s", optarg);
    }
    if (argc - optind < 3)
        errx(64, "%s", usage);
    char **args = argv + optind;
    const struct form *form = find_form(args[0], argc - optind - 3);
    int top = open(args[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        err(1, "%s", args[1]);
    struct worklist list, changed = {0};
    worklist_open(&list, args[2]);
    if (form->work == floor_change)
        worklist_open(&changed, args[3]);
    const struct worklist *work = form->work == floor_change ? &changed : &list;
    if (!form->work)
        floor_plan(args[3], args[4], &list, top);
    else if (state >= 0 && form->changes)
        work_safely(form, work, &list, top, state, threads);
    else
        work_on(form, work, &list, top, threads);
    worklist_close(&changed);
    worklist_close(&list);
    return 0;
}
