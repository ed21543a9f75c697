/* SPDX-License-Identifier: MIT */
/*
 * scan.h - one farm's records, straight from the file form of a ledger
 *
 * For who compares each record with something and keeps none: directory by
 * directory, in the order of the file, without making sets of them. The checksum
 * is held; what lf_ledger_decode() would refuse besides is not looked for.
 */
#ifndef LF_LEDGER_SCAN_H
#define LF_LEDGER_SCAN_H

#include "ledger/lines.h"
#include <linkfarm/farm.h>

/** The records of one directory. */
struct lf_scanned {
    struct lf_str dir;     /* physical; good until the next one is asked for */
    struct lf_str records; /* their lines, borrowed from the file's text */
};

struct lf_scanned_record {
    enum lf_record_kind kind;
    struct lf_str name; /* good until the next record is asked for, as is */
    struct lf_str text; /* the link's; of a directory empty */
};

/**
 * Begin with the farm of that name in the ledger `text`. `lines` must be zeroed
 * but for `err`; the caller ends it with lf_lines_finish(). False for a text that
 * is damaged or too new, or has no such farm (then with LF_CODE_NO_FARM).
 */
bool lf_scan_farm(struct lf_lines *lines, struct lf_str text,
                  struct lf_str farm, uint64_t *ret_generation);

/** The next directory. False at the end of the farm, with `*ret_ok` true, or for
 *  a fault. */
bool lf_scan_dir(struct lf_lines *lines, struct lf_scanned *ret, bool *ret_ok);

/** The next record in `lines`, whose `text` is what lf_scan_dir() gave as records;
 *  zeroed before the first, but for `err`. As above. */
bool lf_scan_record(struct lf_lines *lines, struct lf_scanned_record *ret,
                    bool *ret_ok);

#endif
