/* The table of people, as geo/pages.py keeps it; geo/layout.py mirrors this struct field by field.
 *
 * A page is 1 << shift rows; of page p the rows (p << shift) .. + fill[p] are alive, the rest is slack. The first
 * `primary` pages stand in Hilbert order; pages beyond are overflow pages, chained from their home by `next`.
 */
#ifndef LOOKOUT_PAGES_H
#define LOOKOUT_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define MOST_LEVELS 8
#define FAN_SHIFT 4          /* 16 children a node */
#define BLOCK_SHIFT 12       /* 4,096 ids a block of the directory */
#define NOWHERE UINT32_MAX   /* no row */
#define NO_PAGE (-1)

typedef struct {
    double west, south, east, north; /* degrees; west > east: nobody yet */
} Box;

typedef struct {
    uint32_t *ids;    /* [rows] */
    double *lon;      /* [rows] degrees */
    double *lat;      /* [rows] degrees */
    double *radius_m; /* [rows], or NULL while nobody has one */
    uint32_t *more;   /* [rows] another row of the same id, or NOWHERE; NULL while nobody has several places */
    int32_t *fill;    /* [capacity] rows alive */
    Box *box;         /* [capacity] holds the page's positions, perhaps more */
    double *reach_m;  /* [capacity] no radius of the page is larger */
    int32_t *next;    /* [capacity] overflow page of the same chain (of the free list for a free page), or NO_PAGE */
    int32_t *home;    /* [capacity] the primary page of the chain */
    uint64_t *key;    /* [primary + 1] where each territory begins on the curve; the last is UINT64_MAX */
    Box *level_box[MOST_LEVELS];        /* [level_size] holds the boxes of its children and of their chains */
    double *level_reach_m[MOST_LEVELS]; /* level 0 lies over the pages, 16 to a node, the last has one node */
    int32_t *block_of; /* [1 << 20] by id >> 12; block 0 is nobody's and holds NOWHERE */
    uint32_t *rows;    /* [blocks << 12] the (first) row of each id, or NOWHERE */
    uint16_t *codes;   /* [blocks << 12] the label of each id, or NULL while nobody has one */
    int64_t recipients;
    int64_t positions;
    int32_t shift;
    int32_t bits; /* of each coordinate in a Hilbert key */
    int32_t primary;
    int32_t used;     /* pages ever taken; those of the free list among them are empty */
    int32_t capacity; /* pages there is room for */
    int32_t free;     /* first of the free list, or NO_PAGE */
    int32_t spare;    /* how many are on the free list */
    int32_t levels;
    int32_t level_size[MOST_LEVELS];
    int32_t frozen; /* a writer is packing: nothing may change */
} Pages;

static inline size_t slot_of(const Pages *p, uint32_t id) {
    return ((size_t)p->block_of[id >> BLOCK_SHIFT] << BLOCK_SHIFT) | (id & ((1u << BLOCK_SHIFT) - 1));
}

#endif
