/* SPDX-License-Identifier: MIT */
/*
 * cmd_why.c - linkfarm why: whose link this is, and where it leads
 *
 * Looks up the path, and every link that following it meets, in the ledger, and
 * asks the manifests why there is a link at each of these places, or none.
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/places.h"
#include "cli/reasons.h"
#include "cli/render_json.h"
#include "cli/trace.h"

#include <stdlib.h>

struct asked {
    struct lf_session *session;
    char *start;
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_resolution *place; /* the path itself, a link not followed */
    struct lf_resolution *walk;  /* the path, followed */
    struct lf_reasons *sites;    /* the path itself, then links on the way */
    struct lf_buf *owned;        /* of each site, lines: who owns it */
    size_t n_sites;
    struct lf_json owners;
    size_t found;
};

static bool look(struct asked *asked, struct lf_error *err)
{
    const char *root = asked->session->root;
    const char *path = asked->session->cli->options.operands.items[0];
    struct lf_resolve_request request = {
            .path = lf_str(path),
            .flags = LF_RESOLVE_NOFOLLOW | LF_RESOLVE_MISSING_TAIL,
    };
    if (!lf_place_start(path, root, &asked->start, err))
        return false;
    request.start = lf_str(asked->start);
    if (!lf_view_open(root ? root : "/", &asked->view, err) ||
        !lf_resolver_new(asked->view, &asked->resolver, err) ||
        !lf_resolve(asked->resolver, &request, &asked->place, err))
        return false;
    request.flags = LF_RESOLVE_TRACE | LF_RESOLVE_MISSING_TAIL;
    return lf_resolve(asked->resolver, &request, &asked->walk, err);
}

static bool note_sites(struct asked *asked, struct lf_error *err)
{
    const struct lf_resolution *walk = asked->walk;
    asked->sites = calloc(walk->n_steps + 1, sizeof(*asked->sites));
    asked->owned = calloc(walk->n_steps + 1, sizeof(*asked->owned));
    if (!asked->sites || !asked->owned)
        return lf_error_oom(err);
    asked->sites[asked->n_sites++].path = asked->place->path;
    for (size_t i = 0; i < walk->n_steps; i++) {
        if (!lf_str_equal(walk->steps[i].at, asked->place->path))
            asked->sites[asked->n_sites++].path = walk->steps[i].at;
    }
    return true;
}

static void finish(struct asked *asked)
{
    for (size_t i = 0; i < asked->n_sites; i++) {
        lf_reasons_finish(&asked->sites[i]);
        lf_buf_finish(&asked->owned[i]);
    }
    free(asked->sites);
    free(asked->owned);
    lf_resolution_free(asked->walk);
    lf_resolution_free(asked->place);
    lf_resolver_free(asked->resolver);
    lf_view_free(asked->view);
    free(asked->start);
    json_decref(asked->owners.value);
}

/* How what stands at a place differs from what is recorded there; else empty. */
static bool find_drift(struct asked *asked, const struct lf_farm_item *item,
                       const char **ret, struct lf_error *err)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {
            .path = item->path,
            .flags = LF_RESOLVE_NOFOLLOW | LF_RESOLVE_MISSING_TAIL,
    };
    if (!lf_resolve(asked->resolver, &request, &walk, err))
        return false;
    const struct lf_node *node = &walk->node;
    bool is_dir = item->kind == LF_RECORD_DIR;
    bool is_right = node->kind == (is_dir ? LF_NODE_DIR : LF_NODE_LINK) &&
                    (is_dir || lf_str_equal(node->text, item->text));
    *ret = "";
    if (walk->error == 0 && node->kind == LF_NODE_NOTHING)
        *ret = "; it is gone";
    else if (walk->error == 0 && !is_right)
        *ret = "; it was changed by hand";
    lf_resolution_free(walk);
    return true;
}

static void tell_item(struct asked *asked, struct lf_buf *text,
                      const struct lf_farm_info *farm,
                      const struct lf_farm_item *item, const char *drift)
{
    struct lf_look look = lf_session_look(asked->session);
    bool is_dir = item->kind == LF_RECORD_DIR;
    lf_word_path(text, &look, item->path, is_dir);
    lf_buf_add_format(text, ": a %s of the farm '",
                      is_dir ? "directory" : "link");
    lf_escape_shown(text, farm->name);
    lf_buf_add_format(
            text, "' since generation %llu%s%s\n",
            (unsigned long long)item->generation,
            item->origin == LF_ORIGIN_CLAIMED ? "; it stood there before" : "",
            drift);
    if (item->line > 0) {
        lf_buf_add(text, LF_STR("  asked for at "));
        lf_word_path(text, &look, item->file, false);
        lf_buf_add_format(text, ":%u:%u\n", (unsigned)item->line,
                          (unsigned)item->column);
    }
    if (item->displaced_path.len > 0) {
        lf_buf_add(text, LF_STR("  what stood here is kept in "));
        lf_word_path(text, &look, item->displaced_path, false);
        lf_buf_add_char(text, '\n');
    }
}

static void push_item(struct asked *asked, const struct lf_farm_info *farm,
                      const struct lf_farm_item *item)
{
    struct lf_json owner = lf_json_item(item);
    lf_json_text(&owner, "farm", farm->name);
    lf_json_text_if(&owner, "file", item->file);
    if (item->line > 0) {
        lf_json_number(&owner, "line", item->line);
        lf_json_number(&owner, "column", item->column);
    }
    lf_json_push(&asked->owners, owner);
}

static bool search_farm(struct asked *asked, struct lf_farms *farms,
                        const struct lf_farm_info *farm, struct lf_error *err)
{
    struct lf_generation *generation;
    bool done = true;
    if (!lf_generation_open(farms, farm->name, 0, &generation, err))
        return false;
    for (size_t i = 0; done && i < lf_generation_count(generation); i++) {
        struct lf_farm_item item;
        done = lf_generation_item(generation, i, &item, err);
        for (size_t site = 0; done && site < asked->n_sites; site++) {
            if (!lf_str_equal(asked->sites[site].path, item.path))
                continue;
            const char *drift;
            done = find_drift(asked, &item, &drift, err);
            if (!done)
                break;
            asked->found++;
            tell_item(asked, &asked->owned[site], farm, &item, drift);
            push_item(asked, farm, &item);
        }
    }
    lf_generation_free(generation);
    return done;
}

static bool search(struct asked *asked, struct lf_error *err)
{
    struct lf_farms *farms;
    if (!lf_session_show_farms(asked->session, &farms, err))
        return false;
    for (size_t i = 0; i < lf_farms_count(farms); i++) {
        if (!search_farm(asked, farms, lf_farms_info(farms, i), err))
            return false;
    }
    return true;
}

static void write_json(struct asked *asked)
{
    struct lf_json object = lf_json_new("why");
    struct lf_json walk = lf_json_part();
    struct lf_json reasons = lf_json_array();
    for (size_t i = 0; i < asked->n_sites; i++)
        lf_json_extend(&reasons, asked->sites[i].json);
    lf_json_text(&object, "path", asked->place->path);
    lf_trace_put(&walk, asked->walk);
    /* the owners stay ours, to be dropped in finish() */
    json_incref(asked->owners.value);
    lf_json_put(&object, "owners", asked->owners);
    lf_json_put(&object, "reasons", reasons);
    lf_json_put(&object, "resolution", walk);
    lf_json_write(&asked->session->cli->out, object);
}

static void write_text(struct asked *asked)
{
    struct lf_cli *cli = asked->session->cli;
    struct lf_look look = lf_session_look(asked->session);
    struct lf_buf text = {0};
    if (cli->options.quiet)
        return;
    if (asked->found == 0) {
        lf_word_path(&text, &look, asked->place->path, false);
        lf_buf_add(&text, LF_STR(": no farm owns this, nor a link on the "
                                 "way\n"));
        lf_stream_put(&cli->out, &text);
    }
    for (size_t i = 0; i < asked->n_sites; i++) {
        lf_stream_put(&cli->out, &asked->owned[i]);
        lf_stream_put(&cli->out, &asked->sites[i].text);
    }
    lf_buf_clear(&text);
    lf_trace_add(&text, cli->out.color, lf_str(cli->options.operands.items[0]),
                 asked->walk);
    lf_stream_put(&cli->out, &text);
    lf_buf_finish(&text);
}

static int run(struct lf_session *session)
{
    struct lf_error err;
    struct asked asked = {.session = session, .owners = lf_json_array()};
    int status;
    if (!look(&asked, &err) || !note_sites(&asked, &err) ||
        !search(&asked, &err) ||
        !lf_reasons_gather(session, asked.resolver, asked.sites, asked.n_sites,
                           &err)) {
        status = lf_cli_fail(session->cli, &err);
    } else {
        if (session->cli->options.form == LF_FORM_JSON)
            write_json(&asked);
        else
            write_text(&asked);
        status = asked.found > 0 ? LF_EXIT_DONE : LF_EXIT_FAILED;
    }
    finish(&asked);
    return status;
}

int lf_cmd_why(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
