/* SPDX-License-Identifier: MIT */
/*
 * sample_ledger.h - ledgers for tests
 */
#ifndef LF_SUPPORT_SAMPLE_LEDGER_H
#define LF_SUPPORT_SAMPLE_LEDGER_H

#include "ledger/ledger.h"

/** A ledger without farms; fails the test when memory runs out. */
struct lf_ledger *sample_empty(uint64_t transaction);

/** Add a farm whose manifest is /m/NAME.yaml and whose `into` is /home/u. */
struct lf_recorded *sample_farm(struct lf_ledger *ledger, const char *name,
                                uint64_t generation);

/** Add a made link at `path` with `text`; 0:0 in the farm's manifest. */
void sample_link(struct lf_ledger *ledger, struct lf_recorded *farm,
                 const char *path, const char *text);

/** Add a made directory at `path`. */
void sample_dir(struct lf_ledger *ledger, struct lf_recorded *farm,
                const char *path);

/**
 * A sealed ledger that has everything: three farms (one owns nothing), every
 * kind, origin and displaced node, several manifest files, texts of bytes that
 * need escapes, numbers at their limits.
 */
struct lf_ledger *sample_full(void);

/** The file form, to be finished. */
struct lf_buf sample_text(const struct lf_ledger *ledger);

/** `body`, which ends in a newline, with the right last line after it. */
struct lf_buf sample_end(struct lf_str body);

#endif
