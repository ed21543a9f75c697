/* SPDX-License-Identifier: MIT */
/*
 * fuzz_resolve.c - paths in described trees, POSIX flavour
 *
 * The input is entries as resolve/fixture.h has them, a line each, an empty
 * line, and questions, a line each, with one space between fields:
 *
 *     r FLAGS PATH [START]   resolve; FLAGS are letters of `letters`, or -
 *     t LINK SOURCE          the relative text for a link
 *     s A B                  whether two spellings are one place, one object
 *     l PATH FREE            the physical place of a link path
 *
 * Each is asked of the described tree twice, of a resolver that has seen
 * nothing yet, of an empty overlay upon the tree, and of an overlay that was
 * planned into the same tree: one walk over four views, and one answer.
 */
#include "base/path.h"
#include "fuzz.h"
#include "resolve/fixture.h"

#include <errno.h>

enum { LINES_MOST = 48, FIELDS_MOST = 5, VIEWS = 4 };

struct world {
    struct lf_view *views[VIEWS], *nothing;
    struct lf_resolver *resolvers[VIEWS];
    size_t n_views; /* without the planned one where it cannot be as the tree */
    bool mounts;    /* one directory may be reached on several ways */
};

static const struct {
    char letter;
    unsigned flag;
} letters[] = {
        {'n', LF_RESOLVE_NOFOLLOW     },
        {'m', LF_RESOLVE_MISSING_FINAL},
        {'t', LF_RESOLVE_MISSING_TAIL },
        {'i', LF_RESOLVE_IN_ROOT      },
        {'b', LF_RESOLVE_BENEATH      },
        {'s', LF_RESOLVE_NO_SYMLINKS  },
        {'x', LF_RESOLVE_NO_XDEV      },
};

static size_t split(struct lf_str line, struct lf_str *fields)
{
    size_t n = 0;
    while (n < FIELDS_MOST && (n == 0 || line.len))
        fields[n++] = fuzz_take(&line, ' ');
    return n;
}

/* ---- trees ---- */

/* The same node in the tree that is all plan. */
static void plan(struct world *world, const struct lf_str *fields)
{
    struct lf_view *planned = world->views[VIEWS - 1];
    struct lf_error err = {0};
    bool done;
    switch (fields[0].data[0]) {
    case 'd':
        done = lf_view_put_dir(planned, fields[1], &err);
        break;
    case 'l':
        done = lf_view_put_link(planned, fields[1], fields[2], &err);
        break;
    default:
        done = lf_view_put_file(planned, fields[1], &err);
        break;
    }
    if (!done) { /* an empty text, the root again */
        fuzz_refused(&err);
        world->n_views = VIEWS - 1;
    }
}

static void describe(struct world *world, struct lf_str line)
{
    struct lf_error err = {0};
    struct lf_str fields[FIELDS_MOST];
    size_t n = split(line, fields);
    if (!lf_fixture_add(world->views[0], fields, n, &err)) {
        fuzz_refused(&err);
        /* parents may have been made all the same */
        world->n_views = VIEWS - 1;
    } else if (fields[0].len == 1 && fields[0].data[0] != 'h') {
        plan(world, fields);
    } else {
        world->n_views = VIEWS - 1;
        world->mounts = true;
    }
}

static void open_world(struct world *world, struct lf_str *rest)
{
    struct lf_error err;
    must(lf_view_memory_new(&world->views[0], &err));
    must(lf_view_memory_new(&world->nothing, &err));
    must(lf_view_overlay_new(world->nothing, &world->views[VIEWS - 1], &err));
    world->n_views = VIEWS;
    for (int i = 0; i < LINES_MOST; i++) {
        struct lf_str line = fuzz_take(rest, '\n');
        if (line.len == 0)
            break;
        describe(world, line);
    }
    world->views[1] = world->views[0];
    must(lf_view_overlay_new(world->views[0], &world->views[2], &err));
    for (size_t i = 0; i < VIEWS; i++)
        must(lf_resolver_new(world->views[i], &world->resolvers[i], &err));
}

static void close_world(struct world *world)
{
    for (size_t i = 0; i < VIEWS; i++)
        lf_resolver_free(world->resolvers[i]);
    lf_view_free(world->views[3]);
    lf_view_free(world->views[2]);
    lf_view_free(world->nothing);
    lf_view_free(world->views[0]);
}

/* ---- resolving ---- */

static struct lf_resolution *ask(struct lf_resolver *resolver,
                                 const struct lf_resolve_request *request)
{
    struct lf_error err = {0};
    struct lf_resolution *found = NULL;
    if (lf_resolve(resolver, request, &found, &err))
        return found;
    fuzz_refused(&err);
    return NULL;
}

static void check_physical(struct lf_str path)
{
    must(path.len && path.data[0] == '/' && !path.data[path.len]);
    must(path.len == 1 || path.data[path.len - 1] != '/');
    for (size_t i = 1; i < path.len; i++)
        must(path.data[i] != '/' || path.data[i - 1] != '/');
    must(!lf_path_has_dots(path));
}

/* That an answer agrees with itself. */
static void check_answer(const struct lf_resolution *found,
                         const struct lf_resolve_request *request)
{
    bool may_miss = request->flags &
                    (LF_RESOLVE_MISSING_FINAL | LF_RESOLVE_MISSING_TAIL);
    must((found->outcome == LF_OUTCOME_OK) == (found->error == 0));
    must(found->links <= LF_LINK_LIMIT + 1);
    check_physical(found->path);
    must(found->error || found->node.kind != LF_NODE_NOTHING || may_miss);
    must(found->error ||
         (found->missing == 0) == (found->node.kind != LF_NODE_NOTHING));
    must(found->node.kind != LF_NODE_LINK || found->error ||
         request->flags & LF_RESOLVE_NOFOLLOW);
    if (request->flags & LF_RESOLVE_TRACE)
        must(found->n_steps <= found->links);
    for (size_t i = 0; i < found->n_steps; i++) {
        check_physical(found->steps[i].at);
        must(found->steps[i].becomes.len &&
             found->steps[i].becomes.data[0] == '/');
    }
}

static bool same_answer(const struct lf_resolution *a,
                        const struct lf_resolution *b)
{
    if (!a || !b)
        return !a && !b;
    return a->outcome == b->outcome && a->error == b->error &&
           a->links == b->links && a->missing == b->missing &&
           a->node.kind == b->node.kind && lf_str_equal(a->path, b->path);
}

/* The same path with every slash, but one at the end, written as `//./`. */
static void check_slashes(struct world *world,
                          const struct lf_resolve_request *request,
                          const struct lf_resolution *found)
{
    struct lf_resolve_request other = *request;
    struct lf_buf path = {0};
    for (size_t i = 0; i < request->path.len; i++) {
        bool inside = request->path.data[i] == '/' && i + 1 < request->path.len;
        lf_buf_add(&path, inside ? LF_STR("//./")
                                 : lf_str_of(request->path.data + i, 1));
    }
    other.path = lf_buf_str(&path);
    if (path.len <= LF_PATH_LIMIT) {
        struct lf_resolution *again = ask(world->resolvers[0], &other);
        must(same_answer(found, again));
        lf_resolution_free(again);
    }
    lf_buf_finish(&path);
}

/* A physical path is its own answer. */
static void check_arrived(struct world *world,
                          const struct lf_resolve_request *request,
                          const struct lf_resolution *found)
{
    struct lf_resolve_request other = {
            .path = found->path,
            .flags = LF_RESOLVE_NOFOLLOW | LF_RESOLVE_MISSING_FINAL |
                     (request->flags & LF_RESOLVE_MISSING_TAIL),
    };
    if (found->error || found->path.len > LF_PATH_LIMIT)
        return;
    struct lf_resolution *again = ask(world->resolvers[0], &other);
    must(again && again->error == 0 && again->links == 0);
    must(lf_str_equal(again->path, found->path));
    must(again->node.kind == found->node.kind &&
         again->node.ino == found->node.ino);
    lf_resolution_free(again);
}

/* From where a relative path starts can be written in front of it. */
static void check_start(struct world *world,
                        const struct lf_resolve_request *request,
                        const struct lf_resolution *found)
{
    struct lf_resolve_request whole = *request;
    struct lf_resolve_request start = {.path = request->start};
    unsigned free = LF_RESOLVE_NOFOLLOW | LF_RESOLVE_MISSING_FINAL |
                    LF_RESOLVE_MISSING_TAIL | LF_RESOLVE_TRACE;
    struct lf_buf path = {0};
    if (request->flags & ~free || !request->path.len || !request->start.len ||
        request->path.data[0] == '/')
        return;
    lf_buf_add(&path, request->start);
    lf_buf_add_char(&path, '/');
    lf_buf_add(&path, request->path);
    whole.path = lf_buf_str(&path);
    struct lf_resolution *at = ask(world->resolvers[0], &start);
    struct lf_resolution *again = ask(world->resolvers[0], &whole);
    if (at && !at->error && at->node.kind == LF_NODE_DIR &&
        at->links + found->links <= LF_LINK_LIMIT &&
        path.len <= LF_PATH_LIMIT) {
        must(again && again->error == found->error);
        must(lf_str_equal(again->path, found->path));
    }
    lf_resolution_free(at);
    lf_resolution_free(again);
    lf_buf_finish(&path);
}

static void resolve(struct world *world, const struct lf_str *fields, size_t n)
{
    struct lf_resolve_request request = {
            .path = fields[2],
            .start = n > 3 ? fields[3] : LF_STR(""),
            .flags = LF_RESOLVE_TRACE,
    };
    for (size_t i = 0; i < LF_COUNT(letters); i++)
        if (memchr(fields[1].data, letters[i].letter, fields[1].len))
            request.flags |= letters[i].flag;
    request.scope = request.start;
    struct lf_resolution *found = ask(world->resolvers[0], &request);
    if (found) {
        check_answer(found, &request);
        check_slashes(world, &request, found);
        check_arrived(world, &request, found);
        check_start(world, &request, found);
    }
    for (size_t i = 0; i < world->n_views; i++) {
        struct lf_resolution *again = ask(world->resolvers[i], &request);
        must(same_answer(found, again));
        lf_resolution_free(again);
    }
    lf_resolution_free(found);
}

/* ---- the other questions ---- */

/* The physical place of `path`: its directory resolved, its name kept. */
static struct lf_resolution *place_of(struct world *world, struct lf_str path,
                                      struct lf_str start)
{
    struct lf_resolve_request request = {.path = path,
                                         .start = start,
                                         .flags = LF_RESOLVE_NOFOLLOW |
                                                  LF_RESOLVE_MISSING_TAIL};
    return ask(world->resolvers[0], &request);
}

/* A text leads from where the link is to where the source is. */
static void relative_text(struct world *world, struct lf_str link,
                          struct lf_str source)
{
    struct lf_error err = {0};
    struct lf_str text, dir, name, blocked;
    enum lf_reltext_reason reason;
    struct lf_resolver *resolver = world->resolvers[0];
    if (!lf_reltext(resolver, link, source, LF_RELTEXT_PHYSICAL, &text, &reason,
                    &err)) {
        fuzz_refused(&err);
        return;
    }
    must((reason == LF_RELTEXT_OK) == (text.len > 0));
    if (reason == LF_RELTEXT_OK &&
        lf_locate(resolver, link, link.len, NULL, 0, &dir, &name, &blocked,
                  &err) &&
        dir.len && !blocked.len && !world->mounts) {
        /* the source itself is never followed, as a slash would have it */
        while (source.len > 1 && source.data[source.len - 1] == '/')
            source.len--;
        struct lf_resolution *want = place_of(world, source, LF_STR(""));
        struct lf_resolve_request there = {.path = dir};
        struct lf_resolution *at = ask(resolver, &there);
        struct lf_resolution *got = place_of(world, text, dir);
        if (want && !want->error && at && !at->error) {
            must(got && !got->error);
            must(lf_str_equal(got->path, want->path));
        }
        lf_resolution_free(at);
        lf_resolution_free(want);
        lf_resolution_free(got);
    }
    lf_free_const(text.data);
}

static void compare_places(struct world *world, struct lf_str a,
                           struct lf_str b)
{
    struct lf_error err = {0};
    struct lf_resolver *resolver = world->resolvers[0];
    bool same, other, inside;
    if (lf_same_place(resolver, a, b, &same, &err)) {
        must(lf_same_place(resolver, b, a, &other, &err) && same == other);
        must(lf_same_place(resolver, a, a, &other, &err) && other);
    }
    if (lf_same_object(resolver, a, b, &same, &err))
        must(lf_same_object(resolver, b, a, &other, &err) && same == other);
    if (lf_contains(resolver, a, b, &inside, &err) && inside &&
        lf_contains(resolver, b, a, &other, &err) && other)
        must(!lf_same_object(resolver, a, b, &same, &err) || same ||
             !lf_contains_identity(resolver, a, b, &other, &err) || other);
    if (lf_contains(resolver, LF_STR("/"), a, &inside, &err))
        must(inside);
}

static void locate(struct world *world, struct lf_str path, size_t free)
{
    struct lf_error err = {0};
    struct lf_str dir, name, blocked;
    if (!lf_locate(world->resolvers[0], path, free, NULL, 0, &dir, &name,
                   &blocked, &err)) {
        fuzz_refused(&err);
        return;
    }
    must(dir.len || blocked.len);
    if (dir.len)
        check_physical(dir);
    if (blocked.len)
        check_physical(blocked);
    must(name.len && !memchr(name.data, '/', name.len));
}

static void question(struct world *world, struct lf_str line)
{
    struct lf_str fields[FIELDS_MOST];
    size_t n = split(line, fields);
    if (fields[0].len != 1 || n < 3)
        return;
    if (fields[0].data[0] == 'r')
        resolve(world, fields, n);
    if (fields[0].data[0] == 't')
        relative_text(world, fields[1], fields[2]);
    if (fields[0].data[0] == 's')
        compare_places(world, fields[1], fields[2]);
    if (fields[0].data[0] == 'l')
        locate(world, fields[1], fields[2].len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str rest = lf_str_of((const char *)data, size);
    struct world world = {0};
    open_world(&world, &rest);
    for (int i = 0; rest.len && i < LINES_MOST; i++)
        question(&world, fuzz_take(&rest, '\n'));
    close_world(&world);
    return 0;
}
