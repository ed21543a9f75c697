/* SPDX-License-Identifier: MIT */
/*
 * cmd_graph.c - linkfarm graph: the farm as a picture's description
 *
 * Places are nodes and links are edges, so a source that is itself a link of the
 * farm goes on from where it stands. What apply would change has its sign.
 */
#include "base/arena.h"
#include "base/pair.h"
#include "base/texts.h"
#include "base/util.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/words.h"

/* A link that stands after apply. */
struct edge {
    char sign; /* of the action */
    struct lf_str from, to;
    bool ends; /* `to` is a place; else only the link's text is known */
};

struct graph {
    struct lf_session *session;
    struct lf_look look;
    struct edge *edges;
    size_t n_edges;
    struct lf_str *places; /* sorted, each once */
    uint32_t n_places;
    struct lf_arena paths;
    struct lf_buf text;
};

/* ---- what there is ---- */

static bool stands(const struct lf_action *action)
{
    switch (action->kind) {
    case LF_ACTION_CREATE:
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_RELINK:
    case LF_ACTION_REPLACE:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
    case LF_ACTION_CONFLICT:
        return !action->is_dir && lf_pair_len(action->text) > 0;
    case LF_ACTION_SKIP:
    case LF_ACTION_PRUNE:
    case LF_ACTION_RESTORE:
    case LF_ACTION_FORGET:
    case LF_ACTION_MKDIR:
    case LF_ACTION_RMDIR:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return false;
}

/* data of `from` or `to` is NULL without memory. */
static struct edge edge_of(struct graph *graph, const struct lf_action *action)
{
    struct edge edge = {.sign = lf_word_symbol(action), .ends = true};
    edge.from = lf_path_join(&graph->paths, action->dir, action->name);
    edge.to = action->source_dir.len
                      ? lf_path_join(&graph->paths, action->source_dir,
                                     action->source_name)
                      : action->resolves_to;
    if (edge.to.data && edge.to.len == 0) {
        struct lf_pair_room room;
        edge.to =
                lf_arena_str(&graph->paths, lf_pair_join(action->text, &room));
        edge.ends = false;
    }
    return edge;
}

static bool gather(struct graph *graph)
{
    const struct lf_plan *plan = graph->session->plan;
    size_t count = lf_plan_count(plan);
    graph->edges = calloc(count + 1, sizeof(*graph->edges));
    graph->places = calloc(2 * count + 1, sizeof(*graph->places));
    if (!graph->edges || !graph->places)
        return false;
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (!stands(&action))
            continue;
        struct edge edge = edge_of(graph, &action);
        if (!edge.from.data || !edge.to.data)
            return false;
        graph->edges[graph->n_edges++] = edge;
        graph->places[graph->n_places++] = edge.from;
        graph->places[graph->n_places++] = edge.to;
    }
    graph->n_places = lf_texts_sort(graph->places, graph->n_places);
    return true;
}

static size_t number_of(const struct graph *graph, struct lf_str place)
{
    const struct lf_str *found =
            lf_texts_find(graph->places, graph->n_places, place);
    return (size_t)(found - graph->places);
}

/* Empty where nothing changes. */
static const char *sign_of(const struct edge *edge, char room[2])
{
    room[0] = edge->sign;
    room[1] = '\0';
    return room[0] == ' ' ? "" : room;
}

/* ---- Graphviz ---- */

/* In quotes, where a backslash begins an escape of Graphviz's own, and an
 * ampersand an entity, by which a name could show what it is not. */
static void add_dot_text(struct lf_buf *buf, struct lf_str text)
{
    lf_buf_add_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            lf_buf_add_char(buf, '\\');
        lf_buf_add_char(buf, text.data[i]);
        if (text.data[i] == '&')
            lf_buf_add(buf, LF_STR("amp;"));
    }
    lf_buf_add_char(buf, '"');
}

static void dot_begin(struct lf_buf *buf, struct lf_str farm)
{
    lf_buf_add(buf, LF_STR("digraph "));
    add_dot_text(buf, farm);
    lf_buf_add(buf, LF_STR(" {\n  rankdir=LR;\n  node [shape=box];\n"));
}

static void dot_node(struct lf_buf *buf, size_t number, struct lf_str label)
{
    lf_buf_add_format(buf, "  n%zu [label=", number);
    add_dot_text(buf, label);
    lf_buf_add(buf, LF_STR("];\n"));
}

static void dot_edge(struct lf_buf *buf, size_t from, size_t to,
                     const char *sign, bool ends)
{
    lf_buf_add_format(buf, "  n%zu -> n%zu", from, to);
    if (*sign || !ends)
        lf_buf_add_format(buf, " [label=\"%s\"%s]", sign,
                          ends ? "" : ", style=dashed");
    lf_buf_add(buf, LF_STR(";\n"));
}

static void dot_end(struct lf_buf *buf)
{
    lf_buf_add(buf, LF_STR("}\n"));
}

/* ---- mermaid ---- */

/* In quotes, where a number sign begins an entity, and HTML means something. */
static void add_mermaid_text(struct lf_buf *buf, struct lf_str text)
{
    lf_buf_add_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (strchr("\"#<>&\\`", c))
            lf_buf_add_format(buf, "#%d;", c);
        else
            lf_buf_add_char(buf, c);
    }
    lf_buf_add_char(buf, '"');
}

static void mermaid_begin(struct lf_buf *buf, struct lf_str farm)
{
    (void)farm;
    lf_buf_add(buf, LF_STR("flowchart LR\n"));
}

static void mermaid_node(struct lf_buf *buf, size_t number, struct lf_str label)
{
    lf_buf_add_format(buf, "  n%zu[", number);
    add_mermaid_text(buf, label);
    lf_buf_add(buf, LF_STR("]\n"));
}

static void mermaid_edge(struct lf_buf *buf, size_t from, size_t to,
                         const char *sign, bool ends)
{
    lf_buf_add_format(buf, "  n%zu %s", from, ends ? "-->" : "-.->");
    if (*sign) {
        lf_buf_add_char(buf, '|');
        add_mermaid_text(buf, lf_str(sign));
        lf_buf_add_char(buf, '|');
    }
    lf_buf_add_format(buf, " n%zu\n", to);
}

static void mermaid_end(struct lf_buf *buf)
{
    (void)buf;
}

/* ---- writing ---- */

struct form {
    const char *name;
    void (*begin)(struct lf_buf *buf, struct lf_str farm);
    void (*node)(struct lf_buf *buf, size_t number, struct lf_str label);
    void (*edge)(struct lf_buf *buf, size_t from, size_t to, const char *sign,
                 bool ends);
    void (*end)(struct lf_buf *buf);
};

static const struct form forms[] = {
        {"dot",     dot_begin,     dot_node,     dot_edge,     dot_end    },
        {"mermaid", mermaid_begin, mermaid_node, mermaid_edge, mermaid_end},
};

static const struct form *find_form(const char *name)
{
    for (size_t i = 0; i < LF_COUNT(forms); i++)
        if (!name || strcmp(name, forms[i].name) == 0)
            return &forms[i];
    return NULL;
}

static void write_graph(struct graph *graph, const struct form *form)
{
    struct lf_buf label = {0};
    char room[2];
    form->begin(&graph->text, lf_plan_farm(graph->session->plan));
    for (size_t i = 0; i < graph->n_places; i++) {
        lf_buf_clear(&label);
        lf_word_path(&label, &graph->look, graph->places[i], false);
        form->node(&graph->text, i, lf_buf_str(&label));
        graph->text.failed |= lf_buf_failed(&label);
    }
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct edge *edge = &graph->edges[i];
        form->edge(&graph->text, number_of(graph, edge->from),
                   number_of(graph, edge->to), sign_of(edge, room), edge->ends);
    }
    form->end(&graph->text);
    lf_buf_finish(&label);
}

/* ---- the command ---- */

static int show(struct lf_session *session, const struct form *form)
{
    struct lf_error err;
    struct graph graph = {.session = session, .look = lf_session_look(session)};
    int status = LF_EXIT_DONE;
    if (gather(&graph)) {
        write_graph(&graph, form);
        lf_stream_put(&session->cli->out, &graph.text);
    } else {
        lf_error_oom(&err);
        status = lf_cli_fail(session->cli, &err);
    }
    free(graph.edges);
    free(graph.places);
    lf_arena_finish(&graph.paths);
    lf_buf_finish(&graph.text);
    return status;
}

static int run(struct lf_session *session)
{
    struct lf_error err;
    const struct lf_options *options = &session->cli->options;
    const struct form *form = find_form(options->format);
    if (!form) {
        lf_error_set(&err, LF_CODE_OPTION_VALUE, 0,
                     "option --format cannot be '%s': it takes dot|mermaid",
                     options->format);
        return lf_cli_fail(session->cli, &err);
    }
    int status =
            lf_session_make_plan(session, lf_operand(options), false, false);
    return status ? status : show(session, form);
}

int lf_cmd_graph(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
