/* Who is in an area: found first, as stretches of rows to be copied, then copied once the doubtful are settled. */
#ifndef LOOKOUT_QUERY_H
#define LOOKOUT_QUERY_H

#include "batch.h"

/* A stretch of the answer, in index order. */
typedef struct {
    int32_t kind, first, last;
} Stretch;

enum {
    TERRITORIES, /* primary pages first to last, each with its chain, whole */
    PAGE,        /* page `first`, whole */
    TESTED,      /* ids[first] to ids[last] of the answer; those in doubt are among them */
};

/* What `lookout_find` found, and its room, which is used again and again; geo/compiled_query.py mirrors the first
 * fields. */
typedef struct {
    int64_t count;       /* rows, those in doubt included */
    int64_t doubts;
    uint32_t *doubt_row; /* [doubts] ascending along the answer */
    int64_t *doubt_at;   /* [doubts] where in `ids` */
    int64_t fault;
    uint32_t *ids;
    Stretch *stretches;
    int64_t tested, stretch_count;
    int64_t ids_room, row_room, at_room, stretch_room;
    Prepared area;
    uint32_t *lists[MOST_LEVELS + 1]; /* by level + 1, the pages' first */
    int64_t list_room[MOST_LEVELS + 1];
} Answer;

void answer_whole(Answer *a, const Pages *p, int32_t kind, int32_t first, int32_t last);

#endif
