/* SPDX-License-Identifier: MIT */
/*
 * cmd_adopt.c - linkfarm adopt: make files the sources of links
 *
 * The manifest belongs to its author, who may have it in an editor: what is to
 * be added to it is printed. Until then the links are of no farm, so that no
 * apply takes them away.
 */
#include "cli/commands.h"
#include "cli/flow.h"
#include "cli/places.h"

#include "base/path.h"
#include "base/util.h"
#include "base/yaml.h"

static const struct lf_flow flow = {
        .type = "adopt", .done = "Adopted", .gone = ""};

/* ---- what was typed ---- */

static bool no_into(struct lf_error *err)
{
    lf_error_set(err, LF_CODE_OPERANDS, 0, "'adopt' needs --into=DIR");
    lf_error_help(err, "DIR is the directory that the files move to: linkfarm "
                       "adopt ~/.vimrc --into ~/dotfiles");
    return false;
}

/* Relative paths start at the root of --root, else at the working directory. */
static bool absolute(const struct lf_session *session, const char *path,
                     struct lf_str *ret, struct lf_error *err)
{
    char *text = NULL;
    if (!lf_place_given(path, err))
        return false;
    if (session->root && path[0] != '/') {
        struct lf_buf buf = {0};
        lf_buf_add_char(&buf, '/');
        lf_buf_add(&buf, lf_str(path));
        *ret = lf_buf_str(&buf);
        return !lf_buf_failed(&buf) || lf_error_oom(err);
    }
    if (!lf_place_absolute(path, &text, err))
        return false;
    *ret = lf_str(text);
    return true;
}

/* The paths, with the directory to adopt into behind them. */
static struct lf_str *take_paths(const struct lf_session *session,
                                 struct lf_error *err)
{
    const struct lf_options *options = &session->cli->options;
    size_t count = options->operands.count;
    struct lf_str *paths = calloc(count + 1, sizeof(*paths));
    bool done = paths || lf_error_oom(err);
    for (size_t i = 0; done && i < count; i++)
        done = absolute(session, options->operands.items[i], &paths[i], err);
    if (done && absolute(session, options->into, &paths[count], err))
        return paths;
    for (size_t i = 0; paths && i <= count; i++)
        lf_free_const(paths[i].data);
    free(paths);
    return NULL;
}

static bool plan(struct lf_session *session, struct lf_error *err)
{
    size_t count = session->cli->options.operands.count;
    struct lf_str *paths = take_paths(session, err);
    if (!paths)
        return false;
    bool done = lf_transaction_plan_adopt(session->transaction, paths, count,
                                          paths[count], &session->plan, err);
    for (size_t i = 0; i <= count; i++)
        lf_free_const(paths[i].data);
    free(paths);
    return done;
}

/* ---- the entries ---- */

static bool add_place(struct lf_buf *buf, const struct lf_look *look,
                      struct lf_str dir, struct lf_str name)
{
    struct lf_buf room = {0};
    struct lf_str path = lf_path_in(&room, dir, name);
    bool done = path.data && lf_yaml_add_path(buf, path, look->home);
    buf->failed |= lf_buf_failed(&room);
    lf_buf_finish(&room);
    return done;
}

static bool add_entry(struct lf_buf *buf, const struct lf_look *look,
                      const struct lf_action *action)
{
    size_t begin = buf->len;
    lf_buf_add(buf, LF_STR("    "));
    bool done = add_place(buf, look, action->dir, action->name);
    lf_buf_add(buf, LF_STR(": "));
    done = done &&
           add_place(buf, look, action->source_dir, action->source_name);
    lf_buf_add_char(buf, '\n');
    if (!done && !lf_buf_failed(buf))
        lf_buf_truncate(buf, begin);
    return done;
}

static void write_entries(struct lf_session *session)
{
    struct lf_look look = lf_session_look(session);
    struct lf_buf text = {0};
    struct lf_action action;
    size_t odd = 0;
    lf_buf_add(&text, LF_STR("For the manifest:\n  links:\n"));
    size_t filled = text.len;
    for (size_t i = 0; lf_plan_action(session->plan, i, &action); i++)
        odd += !add_entry(&text, &look, &action);
    if (text.len > filled || lf_buf_failed(&text))
        lf_stream_put(&session->cli->out, &text);
    lf_buf_finish(&text);
    if (odd > 0)
        lf_cli_warn(session->cli,
                    "%zu name%s no UTF-8, which no manifest can say; a tree "
                    "can hold such a file",
                    odd, odd == 1 ? " is" : "s are");
}

/* ---- the command ---- */

static int run(struct lf_session *session)
{
    struct lf_error err;
    const struct lf_options *options = &session->cli->options;
    if (!options->into) {
        no_into(&err);
        return lf_cli_fail(session->cli, &err);
    }
    int status = lf_session_begin(session, !options->dry_run);
    if (status != 0)
        return status;
    if (!plan(session, &err))
        return lf_session_fail(session, &err);
    status = options->dry_run ? lf_flow_show(session, &flow)
                              : lf_flow_apply(session, &flow);
    if (status == 0 && options->form == LF_FORM_TEXT && !options->quiet)
        write_entries(session);
    return status;
}

int lf_cmd_adopt(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
