/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - what each farm owns
 *
 * The ledger is one checked file of lines (docs/formats.md draws it). Read into
 * memory it is a value: a new one is built from the old one and written whole,
 * under a temporary name and then renamed, so that the file that stands is
 * always a complete one. A generation in the history of a farm is the ledger
 * file as it was then, kept by a hard link; it costs no second copy.
 */
#ifndef LF_LEDGER_LEDGER_H
#define LF_LEDGER_LEDGER_H

#include "base/buf.h"
#include "base/set.h"
#include <linkfarm/error.h>
#include <linkfarm/farm.h>
#include <linkfarm/node.h>

/** A foreign node that was moved aside, and how to find it again. */
struct lf_displaced {
    struct lf_str store;  /* physical directory that holds the numbered folders;
                             empty: `displaced` in the state directory */
    uint64_t transaction; /* the numbered folder */
    uint32_t number;      /* its name in that folder */
    enum lf_node_kind kind;
    uint64_t dev, ino;
};

/** The store in the state directory. */
#define LF_STATE_STORE "displaced"

/** Append where the node is kept; `state` is the path of the state directory. For who
 *  shows it: lf_state_add_displaced(). */
void lf_displaced_add_path(struct lf_buf *buf, struct lf_str state,
                           const struct lf_displaced *displaced);

/** What a farm owns at one place. Texts live as long as the ledger. */
struct lf_record {
    uint8_t kind;          /* enum lf_record_kind */
    uint8_t origin;        /* enum lf_origin */
    uint16_t mode : 15;    /* of a directory for which the manifest names one */
    uint16_t has_mode : 1; /* whether it does */
    struct lf_str text;    /* link text; of a directory empty */
    struct lf_str file;    /* manifest file that asked for it, and */
    uint32_t line, column; /* where; 0 if not known */
    uint64_t generation;   /* the farm's generation that first had it */
    const struct lf_displaced *displaced; /* NULL: none */
};

/** Whether a record is of a link that covers what comes back when the link goes. What
 *  an adopted one displaced is its old source: not put back there. */
static inline bool lf_record_covers(const struct lf_record *record)
{
    return record->kind == LF_RECORD_LINK && record->displaced &&
           record->origin != LF_ORIGIN_ADOPTED;
}

/** Where a farm comes from, as of its last apply. */
struct lf_recorded_head {
    struct lf_str manifest; /* absolute path of its file, "-" for stdin */
    struct lf_str into;     /* physical; may be empty */
    const struct lf_str *profiles; /* that were active, sorted, each once */
    uint32_t n_profiles;
    const struct lf_str *traverse; /* directories, physical, that may be passed
                                      whoever they belong to; as above */
    uint32_t n_traverse;
};

/**
 * Records that are told when the farm is written, and not held before. They come
 * in the order of their places, each once.
 */
struct lf_record_feed {
    uint32_t count;
    /* false: there is none by that index. All is borrowed until the next one */
    bool (*tell)(void *arg, uint32_t index, struct lf_str *ret_dir,
                 struct lf_str *ret_name, struct lf_record *ret_record);
    void *arg;
};

/** One farm's part of the ledger. */
struct lf_recorded {
    struct lf_set set;          /* item.detail -> records[] */
    struct lf_record_feed feed; /* instead of records; then there is no set */
    struct lf_record *records;
    uint32_t n_records;
    uint32_t record_capacity;
    struct lf_str name;
    struct lf_recorded_head head;
    uint64_t generation; /* 1 and up; 0 until the owner sets it */
    int64_t time;        /* of that generation; seconds since 1970 UTC */
};

struct lf_ledger {
    struct lf_arena arena;      /* texts, displaced */
    struct lf_set files;        /* manifest files, interned as directories */
    uint64_t transaction;       /* the one that wrote it; 0: none yet */
    struct lf_recorded **farms; /* sorted by name */
    uint32_t n_farms;
    uint32_t farm_capacity;
};

/** An empty ledger (transaction 0, no farms). */
bool lf_ledger_new(struct lf_ledger **ret_ledger, struct lf_error *err);
void lf_ledger_free(struct lf_ledger *ledger);

/** The farm of that name, or NULL. */
struct lf_recorded *lf_ledger_find(const struct lf_ledger *ledger,
                                   struct lf_str name);

/** Say that there is no farm `name`, and which there are: LF_CODE_NO_FARM. */
void lf_ledger_no_farm(const struct lf_ledger *ledger, struct lf_str name,
                       struct lf_error *err);

/**
 * Add an empty farm in its sorted place. LF_CODE_INTERNAL if its name is taken
 * or not lf_farm_name_valid(). The pointer stays good when others are added.
 */
bool lf_ledger_add(struct lf_ledger *ledger, struct lf_str name,
                   struct lf_recorded **ret_farm, struct lf_error *err);

/** Take a farm out and free it. */
void lf_ledger_drop(struct lf_ledger *ledger, struct lf_str name);

/**
 * Say where the farm comes from; all is copied. LF_CODE_INTERNAL for a path that
 * should be physical and is not, and for a list that is not sorted by bytes,
 * each once.
 */
bool lf_recorded_describe(struct lf_ledger *ledger, struct lf_recorded *farm,
                          const struct lf_recorded_head *head,
                          struct lf_error *err);

/**
 * Add a record at a place (copied, its texts and displaced node too, into the
 * ledger's memory). LF_CODE_INTERNAL for what cannot be on a disk: `dir` or a
 * store that is not physical, a name that is not one component, a link text
 * that is empty, too long or holds a NUL, a directory with a text.
 */
bool lf_recorded_add(struct lf_ledger *ledger, struct lf_recorded *farm,
                     struct lf_str dir, struct lf_str name,
                     const struct lf_record *record, struct lf_error *err);

/**
 * Sort the records, after the last one was added. LF_CODE_INTERNAL if a place
 * has two: such a ledger could be written, but not be read back.
 */
bool lf_recorded_seal(struct lf_recorded *farm, struct lf_error *err);

struct lf_spill;

/**
 * Put the file form of the ledger, whose farms are sealed or fed, into an empty
 * `buf`; or, with a `spill`, by way of `buf` there. Same content, same bytes.
 * LF_CODE_INTERNAL where a feed tells what lf_recorded_add() refuses, or out of
 * order. Also false, with no error set, if the spill takes no more.
 */
bool lf_ledger_encode(struct lf_buf *buf, struct lf_spill *spill,
                      const struct lf_ledger *ledger, struct lf_error *err);

/**
 * Read the file form in one pass. Anything that lf_ledger_encode() would not
 * write is refused (LF_CODE_LEDGER_CORRUPT with the line in the message;
 * LF_CODE_LEDGER_VERSION for a newer version): wrong checksum, count, order,
 * duplicate places, a path that is not physical. Memory is linear in the
 * length of `text`, whatever it says. `name` is the file's, for messages.
 */
bool lf_ledger_decode(struct lf_str text, struct lf_str name,
                      struct lf_ledger **ret_ledger, struct lf_error *err);

/**
 * The same for who asks only which farms there are: the checksum is held, but
 * the records are passed over, and the farms have none.
 */
bool lf_ledger_decode_heads(struct lf_str text, struct lf_str name,
                            struct lf_ledger **ret_ledger,
                            struct lf_error *err);

#endif
