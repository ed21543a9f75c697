/* SPDX-License-Identifier: MIT */
/*
 * output.h - standard output and standard error
 *
 * Data goes to one, messages to the other. The first failure to write is
 * remembered and asked for once, at the end: a reader that has gone (EPIPE) is
 * no fault, a full disk is. Colours are decided for each stream by itself.
 */
#ifndef LF_CLI_OUTPUT_H
#define LF_CLI_OUTPUT_H

#include "base/buf.h"
#include "cli/options.h"

#include <stdio.h>

struct lf_stream {
    FILE *file;
    bool color;
    int error; /* errno of the first failure; 0: none */
};

enum lf_paint {
    LF_PAINT_NONE,
    LF_PAINT_BOLD,
    LF_PAINT_DIM,
    LF_PAINT_RED,
    LF_PAINT_GREEN,
    LF_PAINT_YELLOW,
    LF_PAINT_BLUE,
};

/** Whether `file` is a terminal that takes escape sequences: one that is not
 *  `dumb`. */
bool lf_escapes_work(FILE *file);

/**
 * Whether to colour `file`: what `--color` says, else NO_COLOR, else
 * CLICOLOR_FORCE, else lf_escapes_work().
 */
bool lf_color_wanted(enum lf_color color, FILE *file);

void lf_stream_write(struct lf_stream *stream, struct lf_str text);
/** Write what was built in `buf`; if memory ran out for it, that is the
 *  stream's failure. */
void lf_stream_put(struct lf_stream *stream, const struct lf_buf *buf);
void lf_stream_print(struct lf_stream *stream, const char *format, ...)
        LF_PRINTF(2, 3);

/** Hand all that was written to the system. Returns 0, or the first errno. */
int lf_stream_flush(struct lf_stream *stream);

/** Append `text` in a colour, or as it is where `color` is false. */
void lf_paint_add(struct lf_buf *buf, bool color, enum lf_paint paint,
                  struct lf_str text);

/** Append "help: " and the lines of `help`, indented alike, each ended. */
void lf_help_add(struct lf_buf *buf, bool color, struct lf_str help);

/**
 * Columns that `text`, in its shown form (escape.h), takes on a terminal, by
 * wcwidth(3) of UTF-8. Escape sequences are not for this.
 */
size_t lf_width(struct lf_str text);

/** Append spaces until `width` columns are filled up to `wanted`. */
void lf_pad(struct lf_buf *buf, size_t width, size_t wanted);

#endif
