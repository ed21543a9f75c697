/* SPDX-License-Identifier: MIT */
/*
 * cmd_doctor.c - linkfarm doctor: the machine, the state, the farms
 *
 * What is wrong is an answer here and no error, so that one fault does not hide
 * the next; only what cannot be said at all ends the command.
 */
#include "base/escape.h"
#include "base/util.h"
#include "cli/commands.h"
#include "cli/cures.h"
#include "cli/doctor.h"
#include "cli/listing.h"
#include "cli/words.h"
#include "platform/sandbox.h"
#include "platform/sys.h"
#include <errno.h>
#include <linkfarm/garbage.h>

/* ---- lines ---- */

static const struct {
    const char *word;
    enum lf_paint paint;
} verdicts[LF_VERDICTS] = {
        [LF_VERDICT_OK] = {"ok",   LF_PAINT_GREEN },
        [LF_VERDICT_WARN] = {"warn", LF_PAINT_YELLOW},
        [LF_VERDICT_FAIL] = {"FAIL", LF_PAINT_RED   },
};

static void push_line(struct lf_doctor *doctor, enum lf_verdict verdict,
                      struct lf_str subject, struct lf_str message,
                      struct lf_str help)
{
    struct lf_json line = lf_json_part();
    lf_json_string(&line, "verdict", verdicts[verdict].word);
    lf_json_text(&line, "subject", subject);
    lf_json_text(&line, "message", message);
    lf_json_text_if(&line, "help", help);
    lf_json_push(&doctor->list, line);
}

static void write_line(struct lf_doctor *doctor, enum lf_verdict verdict,
                       struct lf_str subject, struct lf_str message,
                       struct lf_str help)
{
    struct lf_stream *out = &doctor->session->cli->out;
    struct lf_str word = lf_str(verdicts[verdict].word);
    struct lf_buf line = {0};
    lf_paint_add(&line, out->color, verdicts[verdict].paint, word);
    lf_pad(&line, word.len, sizeof("FAIL  ") - 1);
    lf_escape_shown(&line, subject);
    lf_buf_add(&line, LF_STR(": "));
    lf_escape_shown(&line, message);
    lf_buf_add_char(&line, '\n');
    lf_help_add(&line, out->color, help);
    doctor->failed |= lf_buf_failed(&line);
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}

void lf_doctor_tell(struct lf_doctor *doctor, enum lf_verdict verdict,
                    struct lf_str subject, struct lf_str message,
                    struct lf_str help)
{
    const struct lf_options *options = &doctor->session->cli->options;
    doctor->counts[verdict]++;
    if (options->form == LF_FORM_JSON)
        push_line(doctor, verdict, subject, message, help);
    else if (verdict != LF_VERDICT_OK || !options->quiet)
        write_line(doctor, verdict, subject, message, help);
}

void lf_doctor_tell_error(struct lf_doctor *doctor, enum lf_verdict verdict,
                          const char *subject, const struct lf_error *err)
{
    char message[sizeof(err->message) + sizeof(" [LF999]")];
    snprintf(message, sizeof(message), "%s [LF%03d]", err->message,
             (int)err->code);
    struct lf_buf help = {0};
    lf_cure_add(&help, &doctor->session->cli->options, lf_str(err->help));
    doctor->failed |= lf_buf_failed(&help);
    lf_doctor_tell(doctor, verdict, lf_str(subject), lf_str(message),
                   lf_buf_str(&help));
    lf_buf_finish(&help);
}

void lf_doctor_add_command(const struct lf_doctor *doctor, struct lf_buf *help,
                           const char *command, struct lf_str operand)
{
    lf_buf_add_format(help, "linkfarm %s", command);
    if (operand.len > 0)
        lf_escape_argument(help, operand);
    lf_cure_options_add(help, &doctor->session->cli->options);
}

static void tell_command(struct lf_doctor *doctor, const char *subject,
                         const char *message, const char *before,
                         const char *command)
{
    struct lf_buf help = {0};
    lf_buf_add(&help, lf_str(before));
    lf_doctor_add_command(doctor, &help, command, LF_STR(""));
    doctor->failed |= lf_buf_failed(&help);
    lf_doctor_tell(doctor, LF_VERDICT_WARN, lf_str(subject), lf_str(message),
                   lf_buf_str(&help));
    lf_buf_finish(&help);
}

/* Only without memory there is nothing to be said. */
static void tell_failure(struct lf_doctor *doctor, const char *subject,
                         const struct lf_error *err)
{
    if (err->code == LF_CODE_NO_MEMORY)
        doctor->failed = true;
    else
        lf_doctor_tell_error(doctor, LF_VERDICT_FAIL, subject, err);
}

/* ---- the machine ---- */

static const struct {
    const char *name, *instead;
} calls[LF_CALLS] = {
        [LF_CALL_OPENAT2] = {"openat2(2)",   "directories are opened one by one" },
        [LF_CALL_RENAMEAT2] = {"renameat2(2)",
                             "a place changes by three renames, and for an "
                               "instant nothing stands there"                    },
        [LF_CALL_STATX] = {"statx(2)",     "mounts of one device look the same"},
};

static void look_at_calls(struct lf_doctor *doctor)
{
    char message[200];
    size_t missing = 0;
    for (size_t i = 0; i < LF_COUNT(calls); i++) {
        if (lf_sys_offers((enum lf_call)i))
            continue;
        missing++;
        snprintf(message, sizeof(message), "there is no %s: %s", calls[i].name,
                 calls[i].instead);
        lf_doctor_tell(doctor, LF_VERDICT_WARN, LF_STR("kernel"),
                       lf_str(message),
                       LF_STR("use Linux 5.6 or newer, and a sandbox that lets "
                              "the call through"));
    }
    if (missing == 0)
        lf_doctor_tell(doctor, LF_VERDICT_OK, LF_STR("kernel"),
                       LF_STR("has openat2, renameat2 and statx"), LF_STR(""));
}

/* What writes is confined by that; see lf_transaction_confinement(). */
static void look_at_sandbox(struct lf_doctor *doctor)
{
    struct lf_sandbox sandbox;
    int result = lf_sandbox_begin(&sandbox);
    char message[200];
    if (result == 0) {
        lf_doctor_tell(doctor, LF_VERDICT_OK, LF_STR("sandbox"),
                       LF_STR("Landlock confines what writes"), LF_STR(""));
        lf_sandbox_finish(&sandbox);
        return;
    }
    if (sandbox.abi == 1)
        snprintf(message, sizeof(message),
                 "Landlock 1 lets nothing be moved between directories");
    else if (result == -ENOSYS || result == -EOPNOTSUPP)
        snprintf(message, sizeof(message), "this kernel has no Landlock");
    else
        snprintf(message, sizeof(message), "Landlock cannot be used: %s",
                 strerror(-result));
    lf_doctor_tell(doctor, LF_VERDICT_WARN, LF_STR("sandbox"), lf_str(message),
                   LF_STR("what writes is not confined; use Linux 5.19 or "
                          "newer, with landlock among its security modules"));
}

/* False with the reason in `err`. */
static bool is_directory(const struct lf_session *session, const char *path,
                         struct lf_error *err)
{
    struct lf_arena arena = {0};
    struct lf_disk disk;
    struct lf_str dir;
    bool is = lf_disk_open(session->root, &disk, err) &&
              lf_disk_dir(&disk, path, &arena, &dir, err);
    lf_disk_close(&disk);
    lf_arena_finish(&arena);
    return is;
}

static void look_at_home(struct lf_doctor *doctor)
{
    struct lf_error err;
    struct lf_session *session = doctor->session;
    struct lf_str home = lf_facts_get(session->facts, "home");
    bool known = lf_session_home(session, &err);
    if (!known) {
        tell_failure(doctor, "home", &err);
    } else if (home.len == 0) {
        lf_doctor_tell(doctor, LF_VERDICT_WARN, LF_STR("home"),
                       LF_STR("is not known"),
                       LF_STR("set HOME; without it, `~/` means nothing"));
    } else if (is_directory(session, session->home ? session->home : home.data,
                            &err)) {
        lf_doctor_tell(doctor, LF_VERDICT_OK, LF_STR("home"),
                       lf_str(session->home ? session->home : home.data),
                       LF_STR(""));
    } else if (err.code == LF_CODE_NO_MEMORY) {
        doctor->failed = true;
    } else {
        lf_doctor_tell(doctor, LF_VERDICT_WARN, LF_STR("home"),
                       lf_str(err.message),
                       lf_disk_has_none(err.os_errno)
                               ? LF_STR("make it, or set HOME to the one that "
                                        "is meant")
                               : lf_str(err.help));
    }
}

/* ---- the state ---- */

/* An open transaction has the ledger in place before the store is filled, and empties
 * the store before that. */
static void tell_lost(void *arg, struct lf_str farm, struct lf_str place)
{
    struct lf_doctor *doctor = arg;
    struct lf_buf message = {0};
    bool open = lf_transaction_interrupted(doctor->session->transaction);
    lf_buf_add(&message, LF_STR("what was moved aside for "));
    lf_buf_add(&message, place);
    lf_buf_add(&message, LF_STR(", of the farm '"));
    lf_buf_add(&message, farm);
    lf_buf_add(&message, LF_STR("', is not there"));
    doctor->failed |= lf_buf_failed(&message);
    lf_doctor_tell(doctor, open ? LF_VERDICT_WARN : LF_VERDICT_FAIL,
                   LF_STR("store"), lf_buf_str(&message),
                   open ? LF_STR("it may be on its way: look again when no "
                                 "transaction is open")
                        : LF_STR("put it back; or put a copy of it, or "
                                 "something of your own, in the link's place, "
                                 "and apply a manifest without its entry, "
                                 "which forgets the old one"));
    lf_buf_finish(&message);
}

static void look_at_store(struct lf_doctor *doctor)
{
    struct lf_error err;
    struct lf_transaction *t = doctor->session->transaction;
    const size_t *counts = doctor->counts;
    size_t bad = counts[LF_VERDICT_FAIL] + counts[LF_VERDICT_WARN];
    if (!lf_garbage_lost(t, tell_lost, doctor, &err))
        lf_doctor_tell_error(doctor, LF_VERDICT_FAIL, "store", &err);
    if (counts[LF_VERDICT_FAIL] + counts[LF_VERDICT_WARN] == bad)
        lf_doctor_tell(doctor, LF_VERDICT_OK, LF_STR("store"),
                       LF_STR("all that was moved aside is there"), LF_STR(""));
}

/* What nothing is to be dropped from has to be readable as a whole. */
static void look_at_history(struct lf_doctor *doctor)
{
    struct lf_error err;
    struct lf_garbage *garbage;
    if (!lf_garbage_find(doctor->session->transaction, UINT64_MAX, &garbage,
                         &err)) {
        lf_doctor_tell_error(doctor, LF_VERDICT_FAIL, "history", &err);
        return;
    }
    if (lf_garbage_interrupted(garbage))
        tell_command(doctor, "history",
                     "a gc was interrupted, and has something left to do",
                     "run: ", "gc");
    else
        lf_doctor_tell(doctor, LF_VERDICT_OK, LF_STR("history"),
                       LF_STR("every generation can be read"), LF_STR(""));
    lf_garbage_free(garbage);
}

static void look_at_interrupted(struct lf_doctor *doctor)
{
    struct lf_error err;
    if (lf_transaction_recoverable(doctor->session->transaction, &err))
        tell_command(doctor, "transaction", "one is open, or was interrupted",
                     "when no other linkfarm runs: ", "recover");
    else
        tell_failure(doctor, "transaction", &err);
}

static void look_at_state(struct lf_doctor *doctor, struct lf_farms *farms)
{
    const struct lf_session *session = doctor->session;
    struct lf_str dir = lf_str(session->state_dir);
    enum lf_keeping keeping;
    struct lf_error err;
    lf_doctor_tell(doctor, LF_VERDICT_OK, LF_STR("state"), dir, LF_STR(""));
    if (!lf_transaction_keeping(session->transaction, &keeping, &err))
        tell_failure(doctor, "state", &err);
    else if (keeping != LF_KEEPING_DURABLE)
        lf_doctor_tell(doctor, LF_VERDICT_WARN, LF_STR("state"),
                       lf_str(lf_word_keeping(keeping)),
                       LF_STR("keep it on a disk: --state-dir, or "
                              "LINKFARM_STATE_DIR"));
    /* what only looks works all the same */
    if (!lf_transaction_may_write(session->transaction, &err))
        lf_doctor_tell_error(doctor, LF_VERDICT_WARN, "state", &err);
    if (lf_farms_interrupted(farms))
        look_at_interrupted(doctor);
    look_at_store(doctor);
    look_at_history(doctor);
}

static bool open_state(struct lf_doctor *doctor, struct lf_farms **ret_farms,
                       struct lf_error *err)
{
    struct lf_session *session = doctor->session;
    struct lf_transaction_options options = {
            .root = session->root,
            .state_dir = session->state_dir,
    };
    return lf_session_farms(session, ret_farms, err) &&
           lf_transaction_open(&options, &session->transaction, err);
}

/* ---- the command ---- */

static void finish(struct lf_doctor *doctor)
{
    struct lf_cli *cli = doctor->session->cli;
    const size_t *counts = doctor->counts;
    if (cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("doctor");
        lf_json_number(&object, "ok", counts[LF_VERDICT_OK]);
        lf_json_number(&object, "warn", counts[LF_VERDICT_WARN]);
        lf_json_number(&object, "fail", counts[LF_VERDICT_FAIL]);
        lf_json_put(&object, "lines", doctor->list);
        lf_json_write(&cli->out, object);
    } else if (!cli->options.quiet) {
        lf_stream_print(&cli->out, "%zu ok, %zu warn, %zu FAIL\n",
                        counts[LF_VERDICT_OK], counts[LF_VERDICT_WARN],
                        counts[LF_VERDICT_FAIL]);
    }
}

static int run(struct lf_session *session)
{
    struct lf_error err;
    struct lf_farms *farms;
    struct lf_doctor doctor = {.session = session, .list = lf_json_array()};
    bool done = true;
    look_at_calls(&doctor);
    look_at_sandbox(&doctor);
    look_at_home(&doctor);
    if (!open_state(&doctor, &farms, &err)) {
        lf_doctor_tell_error(&doctor, LF_VERDICT_FAIL, "state", &err);
    } else {
        look_at_state(&doctor, farms);
        done = lf_doctor_farms(&doctor, farms, &err);
    }
    if (done && doctor.failed)
        done = lf_error_oom(&err);
    if (!done) {
        json_decref(doctor.list.value);
        return lf_session_fail(session, &err);
    }
    finish(&doctor);
    if (session->cli->options.form != LF_FORM_JSON)
        json_decref(doctor.list.value);
    return doctor.counts[LF_VERDICT_FAIL] > 0 ? LF_EXIT_PENDING : LF_EXIT_DONE;
}

int lf_cmd_doctor(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
