/* SPDX-License-Identifier: MIT */
/*
 * floor.c - what a farm costs at the least
 *
 *     floor [OPTIONS] create|read|look|remove INTO LIST
 *     floor [OPTIONS] change INTO LIST CHANGED
 *     floor plan INTO LIST MANIFEST SOURCES
 *
 *     -t THREADS
 *     -s STATE    be crash-safe: a directory on the same file system
 *     -c          and look at what a transaction has to look at
 *     -k SOURCES  look at each directory of sources, which are known
 *     -l SOURCES  list each in which there is one for a link that is made
 *
 * See floor.h. What changes nothing writes nothing.
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
        "usage: floor [OPTIONS] create|read|look|remove INTO LIST\n"
        "       floor [OPTIONS] change INTO LIST CHANGED\n"
        "       floor plan INTO LIST MANIFEST SOURCES\n"
        "options: -t THREADS -s STATE -c -k KNOWN-SOURCES -l NEW-SOURCES";

typedef void work_fn(const struct worklist *list, int top, unsigned threads);

static const struct form {
    const char *word;
    int n_args; /* beside INTO and LIST */
    bool changes;
    work_fn *work;
    work_fn *checked; /* the same with checks; NULL: they are what it is */
    work_fn *drop;    /* after the commit */
} forms[] = {
        {"create", 0, true,  floor_create, floor_create_checked, NULL},
        {"read",   0, false, floor_read,   NULL,                 NULL},
        {"look",   0, false, floor_look,   NULL,                 NULL},
        {"remove", 0, true,  floor_remove, floor_remove_checked, NULL},
        {"change", 1, true,  floor_change, floor_change_checked,
         floor_drop_changed                                          },
        {"plan",   2, false, NULL,         NULL,                 NULL},
};

/* What the words and options say. */
struct job {
    const struct form *form;
    struct worklist list, changed;
    int top;
    unsigned threads;
    int state;      /* negative: not crash-safe */
    bool checks;    /* only with a state */
    int known, new; /* sources; negative: none */
};

static const struct form *find_form(const char *word, int n_args)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (strcmp(forms[i].word, word) == 0 && forms[i].n_args == n_args)
            return &forms[i];
    errx(64, "%s", usage);
}

static bool is_change(const struct job *job)
{
    return job->form->work == floor_change;
}

/* The links that are made, read or removed. */
static const struct worklist *work_of(const struct job *job)
{
    return is_change(job) ? &job->changed : &job->list;
}

/* What has not changed must be known to be right before anything is done. */
static void work_on(const struct job *job, work_fn *work)
{
    if (is_change(job))
        floor_look(&job->list, job->top, job->threads);
    if (job->known >= 0)
        floor_look(&job->list, job->known, job->threads);
    if (job->new >= 0)
        floor_list_dirs(work_of(job), job->new, job->threads);
    work(work_of(job), job->top, job->threads);
}

static void sync_all(const struct job *job)
{
    if (syncfs(job->top) < 0)
        err(1, "syncfs");
}

/* What the links are afterwards is written once for the journal and once for the
 * ledger, as linkfarm's are about as long. */
static void work_safely(const struct job *job)
{
    static const char none[] = "";
    const struct form *form = job->form;
    const struct worklist *work = work_of(job), *record = &job->list;
    bool removes = form->work == floor_remove;
    if (job->checks)
        floor_begin(job->state);
    floor_write_state(job->state, "journal", work->data, work->size);
    work_on(job, job->checks ? form->checked : form->work);
    sync_all(job);
    floor_write_state(job->state, "ledger", removes ? none : record->data,
                      removes ? 0 : record->size);
    if (job->checks && form->drop) {
        form->drop(work, job->top, job->threads);
        sync_all(
                job); /* who takes the journal away says that nothing is left */
    }
    if (unlinkat(job->state, "journal", 0) < 0)
        err(1, "journal");
}

static int open_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        err(1, "%s", path);
    return fd;
}

static void take_option(struct job *job, int option)
{
    switch (option) {
    case 't':
        job->threads = (unsigned)strtoul(optarg, NULL, 10);
        break;
    case 's':
        job->state = open_dir(optarg);
        break;
    case 'c':
        job->checks = true;
        break;
    case 'k':
        job->known = open_dir(optarg);
        break;
    case 'l':
        job->new = open_dir(optarg);
        break;
    default:
        errx(64, "%s", usage);
    }
}

int main(int argc, char **argv)
{
    struct job job = {.threads = 1, .state = -1, .known = -1, .new = -1};
    int option;
    while ((option = getopt(argc, argv, "t:s:ck:l:")) != -1)
        take_option(&job, option);
    if (argc - optind < 3 || (job.checks && job.state < 0))
        errx(64, "%s", usage);
    char **args = argv + optind;
    job.form = find_form(args[0], argc - optind - 3);
    job.top = open_dir(args[1]);
    worklist_open(&job.list, args[2]);
    if (is_change(&job))
        worklist_open(&job.changed, args[3]);
    if (!job.form->work)
        floor_plan(args[3], args[4], &job.list, job.top);
    else if (job.state >= 0 && job.form->changes)
        work_safely(&job);
    else
        work_on(&job, job.form->work);
    worklist_close(&job.changed);
    worklist_close(&job.list);
    return 0;
}
