/* SPDX-License-Identifier: MIT */
/*
 * cmd_resolve.c - linkfarm resolve: follow a path, link by link
 */
#include "base/util.h"
#include "cli/commands.h"
#include "cli/places.h"
#include "cli/trace.h"

/* What to walk, and in which view. */
struct question {
    char *root, *scope, *start; /* absolute; the first two may be NULL */
    struct lf_resolve_request request;
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_resolution *answer;
};

static void finish(struct question *question)
{
    lf_resolution_free(question->answer);
    lf_resolver_free(question->resolver);
    lf_view_free(question->view);
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

/* A path in a scope starts at the scope; in another system's root, at that
 * root; else where we are. */
static bool ask(const struct lf_options *options, struct question *question,
                struct lf_error *err)
{
    const char *scope = options->in_root ? options->in_root : options->beneath;
    if (options->root &&
        !lf_place_absolute(options->root, &question->root, err))
        return false;
    /* a scope is a directory inside of --root, if there is one */
    if (scope && question->root && scope[0] == '/')
        question->scope = strdup(scope);
    else if (scope && !lf_place_absolute(scope, &question->scope, err))
        return false;
    if (!scope && !question->root &&
        !lf_place_absolute(".", &question->start, err))
        return false;
    question->request = (struct lf_resolve_request){
            .path = lf_str(options->operands.items[0]),
            .start =
                    lf_str(question->scope ? question->scope : question->start),
            .scope = lf_str(question->scope),
            .flags = flags_of(options),
    };
    return lf_view_open(question->root ? question->root : "/", &question->view,
                        err) &&
           lf_resolver_new(question->view, &question->resolver, err) &&
           lf_resolve(question->resolver, &question->request, &question->answer,
                      err);
}

static void tell(struct lf_cli *cli, const struct question *question)
{
    if (cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("resolve");
        lf_trace_put(&object, question->answer);
        lf_json_write(&cli->out, object);
        return;
    }
    struct lf_buf text = {0};
    if (cli->options.quiet)
        return;
    lf_trace_add(&text, cli->out.color, question->request.path,
                 question->answer);
    lf_stream_write(&cli->out, lf_buf_str(&text));
    lf_buf_finish(&text);
}

int lf_cmd_resolve(struct lf_cli *cli)
{
    struct lf_error err;
    struct question question = {0};
    int status;
    if (ask(&cli->options, &question, &err)) {
        tell(cli, &question);
        status = question.answer->outcome == LF_OUTCOME_OK ? LF_EXIT_DONE
                                                           : LF_EXIT_FAILED;
    } else {
        status = lf_cli_fail(cli, &err);
    }
    finish(&question);
    return status;
}
