/* SPDX-License-Identifier: MIT */
/* cuts.c - what disks may hold when the power goes */
#define _GNU_SOURCE
#include "cuts.h"

#include "support/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 4096 };

/* splitmix64, Vigna 2015 */
static uint64_t draw(struct cuts *cuts)
{
    uint64_t z = cuts->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void cuts_begin(struct cuts *cuts, const char *log,
                const char *const safe[DISKS], uint64_t seed)
{
    struct stat st;
    *cuts = (struct cuts){.state = seed};
    int fd = open(log, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    cuts->size = (size_t)st.st_size;
    cuts->log = malloc(cuts->size + 1);
    assert_non_null(cuts->log);
    for (size_t done = 0; done < cuts->size;) {
        ssize_t n = read(fd, cuts->log + done, cuts->size - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    close(fd);
    for (int i = 0; i < DISKS; i++) {
        cuts->disks[i] = open(safe[i], O_WRONLY | O_CLOEXEC);
        assert_true(cuts->disks[i] >= 0);
    }
}

void cuts_end(struct cuts *cuts)
{
    for (int i = 0; i < DISKS; i++)
        close(cuts->disks[i]);
    free(cuts->pending);
    free(cuts->log);
}

/* ---- the log ---- */

/* Events do not stand at multiples of their size. */
static struct event event_at(const struct cuts *cuts, size_t at)
{
    struct event event;
    assert_true(cuts->size - at >= sizeof(event));
    memcpy(&event, cuts->log + at, sizeof(event));
    return event;
}

static size_t size_of(const struct event *event)
{
    return sizeof(*event) + (event->kind == EVENT_WRITE ? event->size : 0);
}

static void add_pending(struct cuts *cuts, size_t at)
{
    if (cuts->n_pending == cuts->capacity) {
        cuts->capacity = cuts->capacity ? 2 * cuts->capacity : 64;
        cuts->pending =
                realloc(cuts->pending, cuts->capacity * sizeof(*cuts->pending));
        assert_non_null(cuts->pending);
    }
    cuts->pending[cuts->n_pending++] = at;
}

bool cuts_next(struct cuts *cuts)
{
    while (cuts->at < cuts->size) {
        struct event event = event_at(cuts, cuts->at);
        if (event.kind == EVENT_FLUSH)
            return true;
        if (event.kind == EVENT_WRITE)
            add_pending(cuts, cuts->at);
        cuts->marks += event.kind == EVENT_MARK;
        cuts->at += size_of(&event);
    }
    return cuts->at++ == cuts->size;
}

/* ---- writing ---- */

static void put(int fd, const char *data, size_t size, uint64_t offset)
{
    assert_int_equal(pwrite(fd, data, size, (off_t)offset), size);
}

static void put_write(const struct cuts *cuts, size_t at, int fd)
{
    struct event event = event_at(cuts, at);
    put(fd, cuts->log + at + sizeof(event), event.size, event.offset);
}

/* Some blocks of it. */
static void put_torn(struct cuts *cuts, size_t at, int fd)
{
    struct event event = event_at(cuts, at);
    for (uint64_t done = 0; done < event.size; done += BLOCK)
        if (draw(cuts) % 2)
            put(fd, cuts->log + at + sizeof(event) + done,
                event.size - done < BLOCK ? event.size - done : BLOCK,
                event.offset + done);
}

void cuts_pass(struct cuts *cuts)
{
    size_t kept = 0;
    if (cuts->at >= cuts->size)
        return;
    struct event flush = event_at(cuts, cuts->at);
    for (size_t i = 0; i < cuts->n_pending; i++) {
        size_t at = cuts->pending[i];
        if (event_at(cuts, at).disk == flush.disk)
            put_write(cuts, at, cuts->disks[flush.disk]);
        else
            cuts->pending[kept++] = at;
    }
    cuts->n_pending = kept;
    cuts->at += size_of(&flush);
}

void cuts_make(struct cuts *cuts, enum cut how, const char *const images[DISKS])
{
    int fds[DISKS];
    size_t end = cuts->n_pending;
    if (how == CUT_NONE)
        end = 0;
    if (how == CUT_PREFIX)
        end = draw(cuts) % (end + 1);
    for (int i = 0; i < DISKS; i++) {
        fds[i] = open(images[i], O_WRONLY | O_CLOEXEC);
        assert_true(fds[i] >= 0);
    }
    for (size_t i = 0; i < end; i++) {
        size_t at = cuts->pending[i];
        bool lost = how >= CUT_SOME && draw(cuts) % 2;
        int fd = fds[event_at(cuts, at).disk];
        if (how == CUT_TORN && draw(cuts) % 3 == 0)
            put_torn(cuts, at, fd);
        else if (!lost)
            put_write(cuts, at, fd);
    }
    for (int i = 0; i < DISKS; i++)
        close(fds[i]);
}
