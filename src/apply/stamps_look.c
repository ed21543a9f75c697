/* SPDX-License-Identifier: MIT */
/*
 * stamps_look.c - whether the directories of stamps are as they were
 *
 * Each line stands for itself, so threads take pieces of the text, read their
 * lines and look. A directory may be looked at before those above it: as all
 * have to hold, the order does not matter.
 */
#include "apply/stamps_format.h"

#include "base/util.h"
#include "platform/root.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    PIECE = 16 * 1024, /* bytes that a thread takes at a time */
    SMALL_PIECE = 256, /* for tests */
    LEAST = 64 * 1024, /* bytes that are worth another thread */
};

struct looking {
    struct lf_transaction *t;
    struct lf_str text;
    size_t piece;
    struct lf_unsures *unsures; /* `paths`, each for its thread */
    struct part {
        struct lf_unsure *list;
        uint32_t n, capacity;
    } parts[LF_THREADS_MOST];
    atomic_size_t next;
    atomic_bool failed;
};

void lf_unsures_finish(struct lf_unsures *unsures)
{
    for (unsigned i = 0; i < LF_THREADS_MOST; i++)
        lf_arena_finish(&unsures->paths[i]);
    free(unsures->list);
}

/* The first line that begins at `at` or later. */
static size_t line_from(struct lf_str text, size_t at)
{
    if (at == 0 || at >= text.len)
        return at < text.len ? at : text.len;
    const char *end = memchr(text.data + at - 1, '\n', text.len - at + 1);
    return end ? (size_t)(end + 1 - text.data) : text.len;
}

static bool add_unsure(struct looking *l, unsigned index,
                       const struct lf_stamped *stamped, struct lf_str line)
{
    struct part *part = &l->parts[index];
    void *all = part->list;
    struct lf_unsure one = {.stamped = *stamped, .line = line};
    one.stamped.dir.path =
            lf_arena_str(&l->unsures->paths[index], stamped->dir.path);
    if (!one.stamped.dir.path.data ||
        !lf_array_reserve(&all, part->n, &part->capacity, sizeof(one)))
        return false;
    part->list = all;
    part->list[part->n++] = one;
    return true;
}

/* One of which it is known that names may have changed is looked at later. */
static bool holds(struct looking *l, unsigned index, const struct lf_near *near,
                  const struct lf_stamped *stamped, struct lf_str line)
{
    const struct lf_watched *dir = &stamped->dir;
    bool touched = stamped->made || (dir->looked && dir->node.ctime == 0);
    enum lf_watched_state state =
            touched ? LF_WATCHED_TOUCHED : lf_watched_look(near, dir);
    return state == LF_WATCHED_SAME ||
           (state == LF_WATCHED_TOUCHED && !dir->whole &&
            add_unsure(l, index, stamped, line));
}

static bool look_at_lines(struct looking *l, unsigned index,
                          const struct lf_near *near, struct lf_lines *lines)
{
    struct lf_stamped stamped;
    bool ok = false;
    while (lf_lines_next(lines)) {
        if (lines->ended)
            return true;
        if (!lf_stamps_get_dir(lines, &stamped, &ok) || !ok ||
            !holds(l, index, near, &stamped, lf_stamps_line(lines)))
            return false;
    }
    return false;
}

/* The directory in the line that begins at `at`, valid as long as `lines`; empty
 * where that says none. */
static struct lf_str dir_at(struct lf_lines *lines, struct lf_str text,
                            size_t at)
{
    struct lf_stamped stamped;
    bool ok = false;
    lines->text = lf_str_of(text.data + at, text.len - at);
    return lf_lines_next(lines) && !lines->ended &&
                           lf_stamps_get_dir(lines, &stamped, &ok) && ok
                   ? stamped.dir.path
                   : LF_STR("");
}

/* Where the last line of a text begins. */
static size_t last_line(struct lf_str text)
{
    size_t at = text.len > 0 ? text.len - 1 : 0;
    while (at > 0 && text.data[at - 1] != '\n')
        at--;
    return at;
}

/* Most lie below what one in the middle and the last have in common: a text begins
 * with the directories above all others. */
static bool look_at_piece(struct looking *l, unsigned index, int root_fd,
                          struct lf_lines *lines)
{
    struct lf_error ignored;
    struct lf_lines middle = {.err = &ignored}, last = {.err = &ignored};
    struct lf_str text = lines->text;
    struct lf_near near;
    lf_near_begin(&near, l->t->fs, root_fd,
                  dir_at(&middle, text, line_from(text, text.len / 2)),
                  dir_at(&last, text, last_line(text)));
    bool ok = look_at_lines(l, index, &near, lines);
    lf_near_end(&near);
    lf_lines_finish(&middle);
    lf_lines_finish(&last);
    return ok;
}

static void look_at_share(void *arg, unsigned index)
{
    struct looking *l = arg;
    struct lf_error ignored;
    struct lf_lines lines = {.err = &ignored};
    int root_fd = lf_root_for(l->t->fs, l->t->root_fd, index);
    while (!atomic_load(&l->failed)) {
        size_t at = atomic_fetch_add(&l->next, l->piece);
        if (at >= l->text.len)
            break;
        size_t from = line_from(l->text, at);
        size_t to = line_from(l->text, at + l->piece);
        lines.text = lf_str_of(l->text.data + from, to - from);
        if (!look_at_piece(l, index, root_fd, &lines))
            atomic_store(&l->failed, true);
    }
    lf_root_done(l->t->fs, l->t->root_fd, root_fd);
    lf_lines_finish(&lines);
}

static int compare_lines(const void *a, const void *b)
{
    const char *at = ((const struct lf_unsure *)a)->line.data;
    const char *other = ((const struct lf_unsure *)b)->line.data;
    return (at > other) - (at < other);
}

/* Into one list, in the order of the text. */
static bool join(struct looking *l)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < LF_THREADS_MOST; i++)
        n += l->parts[i].n;
    if (n == 0)
        return true;
    l->unsures->list = malloc(n * sizeof(*l->unsures->list));
    if (!l->unsures->list)
        return false;
    for (unsigned i = 0; i < LF_THREADS_MOST; i++)
        for (uint32_t k = 0; k < l->parts[i].n; k++)
            l->unsures->list[l->unsures->n++] = l->parts[i].list[k];
    qsort(l->unsures->list, n, sizeof(*l->unsures->list), compare_lines);
    return true;
}

bool lf_stamps_look(struct lf_transaction *t, struct lf_str text,
                    struct lf_unsures *unsures)
{
    struct looking l = {
            .t = t,
            .text = text,
            .piece = t->crew_least ? SMALL_PIECE : PIECE,
            .unsures = unsures,
    };
    atomic_init(&l.next, 0);
    atomic_init(&l.failed, false);
    lf_threads_run(lf_stamps_threads(t, text.len, LEAST), look_at_share, &l);
    bool ok = !atomic_load(&l.failed) && join(&l);
    for (unsigned i = 0; i < LF_THREADS_MOST; i++)
        free(l.parts[i].list);
    return ok;
}
