/* SPDX-License-Identifier: MIT */
/*
 * doctor.h - what doctor finds, line by line
 */
#ifndef LF_CLI_DOCTOR_H
#define LF_CLI_DOCTOR_H

#include "cli/json.h"
#include "cli/session.h"

enum lf_verdict {
    LF_VERDICT_OK,
    LF_VERDICT_WARN, /* works, and may surprise */
    LF_VERDICT_FAIL, /* does not work, or not for long */
};
#define LF_VERDICTS ((size_t)LF_VERDICT_FAIL + 1)

struct lf_doctor {
    struct lf_session *session;
    struct lf_json list; /* with --json */
    size_t counts[LF_VERDICTS];
    bool failed; /* memory ran out */
};

/**
 * Say a line: "warn  SUBJECT: MESSAGE", and the cure below it unless it is
 * empty. All three may hold any bytes.
 */
void lf_doctor_tell(struct lf_doctor *doctor, enum lf_verdict verdict,
                    struct lf_str subject, struct lf_str message,
                    struct lf_str help);

/** The same, of an error. */
void lf_doctor_tell_error(struct lf_doctor *doctor, enum lf_verdict verdict,
                          const char *subject, const struct lf_error *err);

/** Add "linkfarm COMMAND OPERAND", about the same system and state as this one. */
void lf_doctor_add_command(const struct lf_doctor *doctor, struct lf_buf *help,
                           const char *command, struct lf_str operand);

/** Look at each farm: its manifest, its drift, where its links lead. */
bool lf_doctor_farms(struct lf_doctor *doctor, struct lf_farms *farms,
                     struct lf_error *err);

#endif
