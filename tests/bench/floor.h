/* SPDX-License-Identifier: MIT */
/*
 * floor.h - what the floors have in common
 *
 * A floor makes the system calls that a piece of work cannot do without, and
 * looks at nothing that could have gone otherwise. With a state directory it is
 * the crash-safe floor: a journal is made durable before the first change, all
 * changes after the last one, and then the record of what is there. With checks it
 * looks, too, but at nothing that a transaction need not look at, and makes no plan.
 */
#ifndef LF_BENCH_FLOOR_H
#define LF_BENCH_FLOOR_H

#include "bench/worklist.h"

/** A descriptor of the directory `path` below `top`. */
int floor_open_dir(int top, const char *path);

/** Write `bytes` as the file `name` of the state, durable once it is there. */
void floor_write_state(int state, const char *name, const char *bytes,
                       size_t size);

/** Call `work` for each directory, on `threads` threads; thread n takes every
 *  n-th share of them. */
void floor_each_dir(const struct worklist *list, int top, unsigned threads,
                    void (*work)(int top, const struct work_dir *dir));

/** All directories of a list, and nothing in them; and the other way. */
void floor_make_dirs(const struct worklist *list, int top);
void floor_remove_dirs(const struct worklist *list, int top);

/** The links of a directory that is open as `fd`, which is closed. */
void floor_make_links(int fd, const struct work_dir *dir);

void floor_create(const struct worklist *list, int top, unsigned threads);
void floor_remove(const struct worklist *list, int top, unsigned threads);
void floor_change(const struct worklist *changed, int top, unsigned threads);

/** Read every link, and hold it to its text. */
void floor_read(const struct worklist *list, int top, unsigned threads);

/** One statx(2) for each directory. */
void floor_look(const struct worklist *list, int top, unsigned threads);

/** One listing of the directory `path` below `top`; of each directory. */
void floor_list(int top, const char *path);
void floor_list_dirs(const struct worklist *list, int top, unsigned threads);

/** Read a file, and let it go. */
void floor_read_whole(int at, const char *path);

/* ---- with checks (floor_checked.c) ---- */

/** Lock the state until the process ends, and read the record, if there is one. */
void floor_begin(int state);

void floor_create_checked(const struct worklist *list, int top,
                          unsigned threads);
void floor_remove_checked(const struct worklist *list, int top,
                          unsigned threads);

/** What gave way stands beside it, until it is dropped. */
void floor_change_checked(const struct worklist *changed, int top,
                          unsigned threads);
void floor_drop_changed(const struct worklist *changed, int top,
                        unsigned threads);

/** What a plan of few links needs: the manifest and the record are read, the
 *  sources listed, each link looked at, and a line of it written. */
void floor_plan(const char *manifest, const char *sources,
                const struct worklist *list, int top);

#endif
