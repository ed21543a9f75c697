/* SPDX-License-Identifier: MIT */
/*
 * cmd_history.c - linkfarm history: the generations of a farm
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/render_json.h"
#include "cli/words.h"
#include "platform/term.h"

#include <inttypes.h>

/* A generation and how it differs from the one before. */
struct line {
    const struct lf_farm_info *info;
    bool present; /* the disk's, as far as the ledger knows */
    bool known;   /* whether `changes` are: the one before has to be kept */
    struct lf_farm_changes changes;
};

static void add_time(struct lf_buf *buf, int64_t seconds)
{
    char text[32];
    if (lf_term_time(seconds, text, sizeof(text)) == 0)
        lf_buf_add(buf, lf_str(text));
    else
        lf_buf_add_format(buf, "%" PRId64, seconds);
}

static void add_change(struct lf_buf *buf, bool color, enum lf_paint paint,
                       char sign, size_t count)
{
    char text[32];
    if (count == 0)
        return;
    snprintf(text, sizeof(text), "%c%zu", sign, count);
    lf_buf_add_char(buf, ' ');
    lf_paint_add(buf, color, paint, lf_str(text));
}

static void add_profiles(struct lf_buf *buf, const struct lf_farm_info *info)
{
    for (size_t i = 0; i < info->n_profiles; i++) {
        lf_buf_add(buf, lf_str(i ? ", " : "  profile "));
        lf_escape_shown(buf, info->profiles[i]);
    }
}

/* The places that a generation changed, with the signs of a plan. */
struct places {
    struct lf_session *session;
    struct lf_look look;
    struct lf_json list; /* with --json */
};

static const struct {
    char sign;
    enum lf_paint paint;
    const char *name;
} changes[] = {
        [LF_FARM_ADDED] = {'+', LF_PAINT_GREEN,  "added"  },
        [LF_FARM_REMOVED] = {'-', LF_PAINT_RED,    "removed"},
        [LF_FARM_CHANGED] = {'~', LF_PAINT_YELLOW, "changed"},
};

static void write_place(void *arg, enum lf_farm_change change,
                        const struct lf_farm_item *item)
{
    struct places *places = arg;
    struct lf_stream *out = &places->session->cli->out;
    struct lf_buf line = {0};
    lf_buf_add(&line, LF_STR("           "));
    lf_paint_add(&line, out->color, changes[change].paint,
                 lf_str_of(&changes[change].sign, 1));
    lf_buf_add_char(&line, ' ');
    lf_word_path(&line, &places->look, item->path, item->kind == LF_RECORD_DIR);
    if (item->text.len > 0) {
        lf_buf_add(&line, LF_STR(" -> "));
        lf_escape_shown(&line, item->text);
    }
    lf_buf_add_char(&line, '\n');
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}

static void push_place(void *arg, enum lf_farm_change change,
                       const struct lf_farm_item *item)
{
    struct places *places = arg;
    struct lf_json object = lf_json_part();
    lf_json_string(&object, "change", changes[change].name);
    lf_json_text(&object, "path", item->path);
    lf_json_string(&object, "kind",
                   item->kind == LF_RECORD_DIR ? "directory" : "link");
    lf_json_text_if(&object, "text", item->text);
    lf_json_push(&places->list, object);
}

static void write_text(struct lf_stream *out, const struct line *line)
{
    struct lf_buf buf = {0};
    lf_buf_add_format(&buf, "%c %4" PRIu64 "  ", line->present ? '*' : ' ',
                      line->info->generation);
    add_time(&buf, line->info->time);
    lf_buf_add_format(&buf, "  %6zu %s ", line->info->links,
                      line->info->links == 1 ? "link " : "links");
    if (line->known) {
        add_change(&buf, out->color, LF_PAINT_GREEN, '+', line->changes.added);
        add_change(&buf, out->color, LF_PAINT_YELLOW, '~',
                   line->changes.changed);
        add_change(&buf, out->color, LF_PAINT_RED, '-', line->changes.removed);
    }
    add_profiles(&buf, line->info);
    lf_buf_add_char(&buf, '\n');
    lf_stream_put(out, &buf);
    lf_buf_finish(&buf);
}

static void put_count(struct lf_json *object, const char *key,
                      const struct line *line, size_t count)
{
    if (line->known)
        lf_json_number(object, key, count);
    else
        lf_json_null(object, key);
}

/* What is said of a damaged one, too. */
static struct lf_json head_of(uint64_t number, bool present, bool damaged)
{
    struct lf_json object = lf_json_part();
    lf_json_number(&object, "generation", number);
    lf_json_bool(&object, "present", present);
    lf_json_bool(&object, "damaged", damaged);
    return object;
}

static void push_json(struct lf_json *generations, const struct line *line,
                      const struct lf_json *places)
{
    struct lf_json object =
            head_of(line->info->generation, line->present, false);
    struct lf_json profiles = lf_json_array();
    for (size_t i = 0; i < line->info->n_profiles; i++)
        lf_json_push_text(&profiles, line->info->profiles[i]);
    lf_json_time(&object, "time", line->info->time);
    lf_json_text(&object, "manifest", line->info->manifest);
    lf_json_put(&object, "profiles", profiles);
    lf_json_number(&object, "links", line->info->links);
    lf_json_number(&object, "directories", line->info->dirs);
    lf_json_number(&object, "displaced", line->info->displaced);
    put_count(&object, "added", line, line->changes.added);
    put_count(&object, "changed", line, line->changes.changed);
    put_count(&object, "removed", line, line->changes.removed);
    if (places)
        lf_json_put(&object, "places", *places);
    lf_json_push(generations, object);
}

/* A farm that was removed keeps its generations, but has no present one. */
static bool is_present(struct lf_farms *farms, struct lf_str name,
                       uint64_t number)
{
    for (size_t i = 0; i < lf_farms_count(farms); i++) {
        const struct lf_farm_info *info = lf_farms_info(farms, i);
        if (lf_str_equal(info->name, name))
            return info->generation == number;
    }
    return false;
}

/* Whether `earlier` is the generation before `number`; before the first there was
 * nothing. */
static bool is_before(const struct lf_generation *earlier, uint64_t number)
{
    return earlier ? lf_generation_info(earlier)->generation + 1 == number
                   : number == 1;
}

static bool show_generation(struct lf_session *session,
                            struct lf_generation *earlier,
                            struct lf_generation *later, bool present,
                            struct lf_json *generations, struct lf_error *err)
{
    struct line line = {.info = lf_generation_info(later), .present = present};
    struct places places = {.session = session,
                            .look = lf_session_look(session)};
    bool json = session->cli->options.form == LF_FORM_JSON;
    line.known = is_before(earlier, line.info->generation);
    line.changes = lf_generation_compare(earlier, later);
    bool all = line.known && session->cli->options.verbose > 0;
    if (!json)
        write_text(&session->cli->out, &line);
    if (json && all)
        places.list = lf_json_array();
    bool done = !all || lf_generation_changes(earlier, later,
                                              json ? push_place : write_place,
                                              &places, err);
    if (json)
        push_json(generations, &line, all ? &places.list : NULL);
    return done;
}

static bool is_damage(const struct lf_error *err)
{
    return err->code == LF_CODE_LEDGER_CORRUPT ||
           err->code == LF_CODE_LEDGER_VERSION ||
           err->code == LF_CODE_STATE_UNREADABLE;
}

static void show_damaged(struct lf_session *session, uint64_t number,
                         const struct lf_error *err,
                         struct lf_json *generations)
{
    struct lf_cli *cli = session->cli;
    lf_cli_warn(cli, "%s", err->message);
    if (cli->options.form == LF_FORM_JSON)
        lf_json_push(generations, head_of(number, false, true));
    else
        lf_stream_print(&cli->out, "  %4" PRIu64 "  cannot be read\n", number);
}

/* A damaged generation does not hide the others: then `*ret_later` is NULL. */
static bool show_next(struct lf_session *session, struct lf_farms *farms,
                      uint64_t number, struct lf_generation *earlier,
                      struct lf_generation **ret_later,
                      struct lf_json *generations, struct lf_error *err)
{
    struct lf_str name = lf_str(session->farm);
    *ret_later = NULL;
    if (lf_generation_open(farms, name, number, ret_later, err))
        return show_generation(session, earlier, *ret_later,
                               is_present(farms, name, number), generations,
                               err);
    /* a gc has dropped it since it was listed */
    if (err->code == LF_CODE_NO_GENERATION)
        return true;
    if (!is_damage(err))
        return false;
    show_damaged(session, number, err, generations);
    return true;
}

/* Two generations are open at a time, however long the history is. */
static bool each(struct lf_session *session, struct lf_farms *farms,
                 const uint64_t *numbers, size_t count,
                 struct lf_json *generations, struct lf_error *err)
{
    struct lf_generation *earlier = NULL, *later;
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        done = show_next(session, farms, numbers[i], earlier, &later,
                         generations, err);
        lf_generation_free(earlier);
        earlier = later;
    }
    lf_generation_free(earlier);
    return done;
}

static int show(struct lf_session *session)
{
    struct lf_error err;
    struct lf_farms *farms;
    uint64_t *numbers;
    size_t count;
    if (!lf_session_farms(session, &farms, &err))
        return lf_session_fail(session, &err);
    lf_session_tell_open(session, lf_farms_interrupted(farms));
    /* what is kept is shown without a ledger, too */
    if (!lf_farms_generations(farms, lf_str(session->farm), &numbers, &count,
                              &err))
        return lf_session_fail(session, &err);
    struct lf_json generations = lf_json_array();
    bool done = each(session, farms, numbers, count, &generations, &err);
    free(numbers);
    if (done && session->cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("history");
        lf_json_string(&object, "farm", session->farm);
        lf_json_put(&object, "generations", generations);
        lf_json_write(&session->cli->out, object);
    } else {
        json_decref(generations.value);
    }
    return done ? LF_EXIT_DONE : lf_session_fail(session, &err);
}

int lf_cmd_history(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = lf_session_farm(&session, lf_operand(&cli->options), true);
    if (status == 0)
        status = show(&session);
    lf_session_close(&session);
    return status;
}
