/* SPDX-License-Identifier: MIT */
/*
 * messages.c - what is said on standard error
 */
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/cures.h"
#include "cli/render_diag.h"

/* What was said on standard output before comes before, where both go to one
 * place. */
void lf_cli_say(struct lf_cli *cli, struct lf_buf *text)
{
    lf_progress_end(&cli->progress);
    lf_stream_flush(&cli->out);
    lf_stream_write(&cli->err, lf_buf_failed(text)
                                       ? LF_STR("linkfarm: out of memory\n")
                                       : lf_buf_str(text));
    lf_stream_flush(&cli->err);
    lf_buf_finish(text);
}

int lf_cli_fail(struct lf_cli *cli, const struct lf_error *err)
{
    struct lf_buf text = {0}, cure = {0};
    struct lf_error told = *err;
    lf_cure_add(&cure, &cli->options, lf_str(err->help));
    if (!lf_buf_failed(&cure) && cure.len > 0)
        lf_error_help(&told, "%s", cure.data);
    lf_buf_finish(&cure);
    lf_render_error(&text, &told, cli->err.color);
    lf_cli_say(cli, &text);
    return lf_code_exit(err->code);
}

int lf_cli_diags(struct lf_cli *cli, const struct lf_diags *diags, size_t first)
{
    int status = 0;
    for (size_t i = first; i < lf_diags_count(diags); i++) {
        const struct lf_diag *diag = lf_diags_at(diags, i);
        struct lf_buf text = {0};
        if (diag->severity == LF_SEVERITY_ERROR && status == 0)
            status = lf_code_exit(diag->code);
        if (diag->severity != LF_SEVERITY_ERROR && cli->options.quiet)
            continue;
        lf_render_diag(&text, diag, NULL, cli->err.color);
        lf_cli_say(cli, &text);
    }
    if (lf_diags_dropped(diags) > 0 && lf_diags_count(diags) > first)
        lf_cli_warn(cli, "%zu more faults are not shown",
                    lf_diags_dropped(diags));
    if (lf_diags_failed(diags))
        lf_cli_warn(cli, "out of memory: not all faults could be kept");
    return status;
}

/* What is escaped already stays as it is. */
LF_PRINTF(4, 0)
static void remark(struct lf_cli *cli, enum lf_paint paint, const char *kind,
                   const char *format, va_list args)
{
    struct lf_buf text = {0}, message = {0};
    lf_buf_add_vformat(&message, format, args);
    lf_buf_add(&text, LF_STR("linkfarm: "));
    lf_paint_add(&text, cli->err.color, paint, lf_str(kind));
    lf_buf_add(&text, LF_STR(": "));
    lf_escape_shown(&text, lf_buf_str(&message));
    lf_buf_add_char(&text, '\n');
    text.failed |= lf_buf_failed(&message);
    lf_buf_finish(&message);
    lf_cli_say(cli, &text);
}

void lf_cli_note(struct lf_cli *cli, const char *format, ...)
{
    va_list args;
    if (cli->options.quiet)
        return;
    va_start(args, format);
    remark(cli, LF_PAINT_BLUE, "note", format, args);
    va_end(args);
}

void lf_cli_warn(struct lf_cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    remark(cli, LF_PAINT_YELLOW, "warning", format, args);
    va_end(args);
}

void lf_cli_report(struct lf_cli *cli, const struct lf_report *report)
{
    struct lf_buf line = {0};
    for (size_t i = 0; i < report->n_notes; i++) {
        lf_buf_clear(&line);
        lf_escape_shown(&line, report->notes[i].path);
        if (report->notes[i].path.len > 0)
            lf_buf_add(&line, LF_STR(": "));
        lf_escape_shown(&line, report->notes[i].message);
        if (!lf_buf_failed(&line))
            lf_cli_warn(cli, "%s", line.data);
    }
    lf_buf_finish(&line);
}
