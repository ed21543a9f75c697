/* SPDX-License-Identifier: MIT */
/*
 * cmd_resolve.c - linkfarm resolve: follow a path, link by link
 */
#include "base/path.h"
#include "base/util.h"
#include "cli/commands.h"
#include "cli/fixture_file.h"
#include "cli/listing.h"
#include "cli/places.h"
#include "cli/trace.h"

#include <errno.h>

/* What to walk, and in which view. */
struct question {
    char *root, *scope, *start; /* absolute; may be NULL */
    struct lf_fixture fixture;
    struct lf_view *view; /* the disk's; NULL with a fixture */
    struct lf_resolver *resolver;
    struct lf_resolution *answer;
    struct lf_win_resolution *windows; /* the answer of a Windows tree */
};

static void finish(struct question *question)
{
    lf_win_resolution_free(question->windows);
    lf_resolution_free(question->answer);
    lf_resolver_free(question->resolver);
    lf_view_free(question->view);
    lf_fixture_finish(&question->fixture);
    free(question->root);
    free(question->scope);
    free(question->start);
}

static unsigned flags_of(const struct lf_options *options)
{
    unsigned flags = LF_RESOLVE_TRACE;
    if (options->no_follow)
        flags |= LF_RESOLVE_NOFOLLOW;
    if (options->allow_missing)
        flags |= LF_RESOLVE_MISSING_FINAL;
    if (options->in_root)
        flags |= LF_RESOLVE_IN_ROOT;
    if (options->beneath)
        flags |= LF_RESOLVE_BENEATH;
    return flags;
}

static const char *scope_of(const struct lf_options *options)
{
    return options->in_root ? options->in_root : options->beneath;
}

/* ---- where it starts ---- */

/* A scope is a directory inside of --root, if there is one, and a relative one
 * starts there, as every path does. */
static bool place_scope(const char *scope, struct question *question,
                        struct lf_error *err)
{
    struct lf_buf path = {0};
    if (!scope || !question->root)
        return !scope || lf_place_absolute(scope, &question->scope, err);
    if (!lf_place_given(scope, err))
        return false;
    if (scope[0] != '/')
        lf_buf_add_char(&path, '/');
    lf_buf_add(&path, lf_str(scope));
    question->scope = path.data;
    return !lf_buf_failed(&path) || lf_error_oom(err);
}

/* A path in a scope starts at the scope; in another system's root, at that
 * root; else where we are. */
static bool place_on_disk(const struct lf_options *options,
                          struct question *question, struct lf_error *err)
{
    const char *scope = scope_of(options);
    if (options->root &&
        !lf_place_absolute(options->root, &question->root, err))
        return false;
    if (!place_scope(scope, question, err))
        return false;
    if (!scope && !lf_place_start(options->operands.items[0], question->root,
                                  &question->start, err))
        return false;
    return lf_view_open(question->root ? question->root : "/", &question->view,
                        err);
}

/* In a described tree all starts at its `cwd`. */
static bool place_in_fixture(const struct lf_options *options,
                             struct question *question, struct lf_error *err)
{
    struct lf_buf start = {0}, scope = {0};
    struct lf_str cwd = question->fixture.cwd;
    struct lf_str dir = lf_str(scope_of(options));
    if (cwd.len == 0 || cwd.data[0] != '/')
        lf_buf_add_char(&start, '/');
    lf_buf_add(&start, cwd);
    if (dir.len && dir.data[0] != '/') {
        lf_buf_add(&scope, lf_buf_str(&start));
        lf_buf_add_char(&scope, '/');
    }
    lf_buf_add(&scope, dir);
    question->start = start.data;
    question->scope = scope.data;
    return (!lf_buf_failed(&start) && !lf_buf_failed(&scope)) ||
           lf_error_oom(err);
}

/* ---- asking ---- */

/* What was named for the walk to start at, as `named`, has to be a directory. */
static bool check_start(struct question *question, const char *start,
                        const char *named, struct lf_error *err)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {.path = lf_str(start)};
    if (!lf_resolve(question->resolver, &request, &walk, err))
        return false;
    int error = walk->error;
    if (error == 0 && walk->node.kind != LF_NODE_DIR)
        error = ENOTDIR;
    lf_resolution_free(walk);
    return error == 0 || lf_disk_no_dir(named, error, err);
}

static bool ask(const struct lf_options *options, struct question *question,
                struct lf_error *err)
{
    struct lf_view *described = question->fixture.view;
    if (!(described ? place_in_fixture : place_on_disk)(options, question, err))
        return false;
    const char *start = question->scope ? question->scope : question->start;
    struct lf_resolve_request request = {
            .path = lf_str(options->operands.items[0]),
            .start = lf_str(start),
            .scope = lf_str(question->scope),
            .flags = flags_of(options),
    };
    const char *named = scope_of(options) ? scope_of(options)
                        : described       ? start
                                          : NULL;
    return lf_resolver_new(described ? described : question->view,
                           &question->resolver, err) &&
           (!named || check_start(question, start, named, err)) &&
           lf_resolve(question->resolver, &request, &question->answer, err);
}

static bool ask_windows(const struct lf_options *options,
                        struct question *question, struct lf_error *err)
{
    const struct lf_fixture *fixture = &question->fixture;
    struct lf_win_request request = {
            .path = lf_str(options->operands.items[0]),
            .context = {.cwd = fixture->cwd,
                        .drives = fixture->drives,
                        .n_drives = fixture->n_drives},
            .flags = flags_of(options),
            .policy = fixture->policy,
            .cross_volume = fixture->cross_volume,
    };
    if (scope_of(options)) {
        lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0,
                     "a Windows path cannot be kept inside of a directory");
        lf_error_help(err, "leave --in-root and --beneath out");
        return false;
    }
    return lf_win_resolve(fixture->tree, &request, &question->windows, err);
}

static bool check_flavour(const struct lf_options *options,
                          struct lf_error *err)
{
    const char *flavour = options->flavour;
    if (!flavour || strcmp(flavour, "posix") == 0)
        return true;
    if (strcmp(flavour, "windows") != 0) {
        lf_error_set(err, LF_CODE_OPTION_VALUE, 0,
                     "option --flavour cannot be '%s': it takes posix|windows",
                     flavour);
        return false;
    }
    if (options->fixture)
        return true;
    lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0,
                 "--flavour=windows needs option --fixture");
    lf_error_help(err, "a Windows path is followed in a described tree; this "
                       "system has none");
    return false;
}

/* ---- telling ---- */

static void tell(struct lf_cli *cli, const struct question *question)
{
    struct lf_str path = lf_str(cli->options.operands.items[0]);
    if (cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("resolve");
        if (question->windows)
            lf_win_trace_put(&object, question->windows);
        else
            lf_trace_put(&object, question->answer);
        lf_json_write(&cli->out, object);
        return;
    }
    struct lf_buf text = {0};
    if (cli->options.quiet)
        return;
    if (question->windows)
        lf_win_trace_add(&text, cli->out.color, path, question->windows);
    else
        lf_trace_add(&text, cli->out.color, path, question->answer);
    lf_stream_put(&cli->out, &text);
    lf_buf_finish(&text);
}

static int run(struct lf_cli *cli, struct question *question)
{
    struct lf_error err;
    const struct lf_options *options = &cli->options;
    /* in a described tree ENOENT is the answer to an empty path */
    if (!check_flavour(options, &err) ||
        (!options->fixture &&
         !lf_place_given(options->operands.items[0], &err)))
        return lf_cli_fail(cli, &err);
    int status = options->fixture
                         ? lf_fixture_read(cli, options->fixture,
                                           options->flavour, &question->fixture)
                         : 0;
    if (status)
        return status;
    bool windows = question->fixture.tree != NULL;
    if (!(windows ? ask_windows : ask)(options, question, &err))
        return lf_cli_fail(cli, &err);
    tell(cli, question);
    bool leads = windows ? question->windows->error == LF_WIN_OK
                         : question->answer->outcome == LF_OUTCOME_OK;
    return leads ? LF_EXIT_DONE : LF_EXIT_FAILED;
}

int lf_cmd_resolve(struct lf_cli *cli)
{
    struct question question = {0};
    int status = run(cli, &question);
    finish(&question);
    return status;
}
