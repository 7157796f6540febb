/* Up to 16 boxes of people at a time (the children of a node), and what of an area each must yet be asked about. */
#ifndef LOOKOUT_BATCH_H
#define LOOKOUT_BATCH_H

#include "area.h"

#define BATCH 16

/* What is still open for a box: what of the area may meet it, and the winding at its anchor. */
typedef struct {
    const uint32_t *bundles; /* of a node */
    const uint32_t *edges;   /* of a page */
    const uint32_t *discs;
    int bundle_count, edge_count, disc_count;
    Anchor anchor;
} Open;

enum { OUT, WHOLE, OPEN, UNSURE };

typedef struct {
    int count;
    int pages; /* they are pages: their edges are wanted, not only bundles */
    int32_t item[BATCH];
    Box box[BATCH];        /* of the positions */
    double reach_m[BATCH]; /* of the circles of uncertainty around them */
    int fate[BATCH];
    Open open[BATCH];
    /* The boxes with their reach, column by column. */
    double west[BATCH], south[BATCH], east[BATCH], north[BATCH];
    double x[BATCH], y[BATCH], wide[BATCH], high[BATCH]; /* middles and half sides */
    double narrowest, lowest;                            /* of the half sides */
} Batch;

static inline void batch_add(Batch *b, int32_t item, Box box, double reach_m) {
    b->item[b->count] = item;
    b->box[b->count] = box;
    b->reach_m[b->count++] = reach_m;
}

/* A box that holds every circle of so many metres around any place of this one (as Boxes.grown of geo/bounds.py). */
Box grown(Box box, double reach_m);

/* How many numbers the lists of a batch may come to. */
static inline int64_t batch_room(int pages, const Open *of) {
    return BATCH * ((int64_t)of->bundle_count * (pages ? BUNDLE : 1) + of->disc_count);
}

/* Decides for every box whether the area holds it whole, surely holds nobody of it, or what of it is open. */
void batch_sort(Batch *b, const Prepared *area, const Open *of, uint32_t *lists);

#endif
