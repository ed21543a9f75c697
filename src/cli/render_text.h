/* SPDX-License-Identifier: MIT */
/*
 * render_text.h - plans for people
 *
 * One line an action: symbol, link path, link text, what is to be said of it;
 * aligned by display columns. Lines are limited to no width: a terminal wraps
 * them, a pipe wants them whole.
 */
#ifndef LF_CLI_RENDER_TEXT_H
#define LF_CLI_RENDER_TEXT_H

#include "cli/words.h"

/** The actions that change something, or are worth a look; all with
 *  `look->verbose`. Then the cures of conflicts, each once. */
void lf_text_actions(struct lf_stream *out, const struct lf_look *look,
                     const struct lf_plan *plan);

/** How many actions are conflicts. */
size_t lf_text_conflicts(const struct lf_plan *plan);

/** "Plan: 1 to create, 212 unchanged; 1 conflict.", without a line end. */
void lf_text_add_summary(struct lf_buf *line, const struct lf_plan *plan);
/** The same, as a line. */
void lf_text_plan_summary(struct lf_stream *out, const struct lf_plan *plan);

/** "Applied: 1 created, 212 unchanged; dotfiles is at generation 4." */
void lf_text_done_summary(struct lf_stream *out, const struct lf_plan *plan,
                          const char *verb, uint64_t generation);

/** The one line for a plan that changes nothing. */
void lf_text_unchanged(struct lf_stream *out, const struct lf_plan *plan);

/** Whether the action has a line of its own without `-v`. */
bool lf_text_is_shown(const struct lf_action *action);

/** A table with columns that fit what is in them. */
struct lf_columns {
    size_t path, text; /* columns of a terminal */
};

/** Widen `columns` for a line with these cells, up to a limit. */
void lf_columns_fit(struct lf_columns *columns, struct lf_str path,
                    struct lf_str text);

/** Append the cells of a line, without its sign and without a line end. The
 *  note may be empty, and so may the text. */
void lf_columns_add(struct lf_buf *buf, const struct lf_columns *columns,
                    struct lf_str path, struct lf_str text, struct lf_str note);

/** The cells of one line, made again for each to need memory for one only.
 *  Zero-initialise. */
struct lf_cells {
    struct lf_buf path, text, note;
    struct lf_buf line; /* what they become */
};

/** Begin a line with where an action is, and the text of its link. */
void lf_cells_begin(struct lf_cells *cells, const struct lf_look *look,
                    const struct lf_action *action);
/** The last cell gets where the action comes from, if that is to be seen, and all are
 *  there: a line without one of them would be another line, so it fails with them. */
void lf_cells_end(struct lf_cells *cells, const struct lf_look *look,
                  const struct lf_action *action);
/** Make room for them in the columns; or put them into the line, and that out. */
void lf_cells_fit(const struct lf_cells *cells, struct lf_columns *columns,
                  struct lf_stream *out);
void lf_cells_put(struct lf_cells *cells, const struct lf_columns *columns,
                  struct lf_stream *out);
void lf_cells_finish(struct lf_cells *cells);

#endif
