/* SPDX-License-Identifier: MIT */
/*
 * record.h - what a record may hold; shared by the ledger and its decoder
 *
 * Private to src/ledger.
 */
#ifndef LF_LEDGER_RECORD_H
#define LF_LEDGER_RECORD_H

#include "ledger/ledger.h"

/** Absolute, with no empty, `.`, `..` or overlong component and no NUL. */
bool lf_ledger_physical(struct lf_str path);

/** What is wrong with a record at `name`, static; NULL if nothing is. */
const char *lf_record_fault(struct lf_str name, const struct lf_record *record);

/** Set the error that says so; false. */
bool lf_record_refuse(const char *fault, struct lf_error *err);

/** Let `*file` be the ledger's own copy, of which there is one: every record of a
 *  farm names one of few manifest files. False: no memory. */
bool lf_ledger_intern(struct lf_ledger *ledger, struct lf_str *file);

/**
 * As lf_recorded_add(), for a record without fault in the directory with that
 * index in the farm's set. False: no memory.
 */
bool lf_recorded_put(struct lf_ledger *ledger, struct lf_recorded *farm,
                     uint32_t dir, struct lf_str name,
                     const struct lf_record *record);

#endif
