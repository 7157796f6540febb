/* An area as the query takes it: oriented edges in every turn of the globe that matters, in bundles, and discs. */
#ifndef LOOKOUT_AREA_H
#define LOOKOUT_AREA_H

#include "discs.h"
#include "winding.h"

/* What geo/compiled_query.py hands over; that file mirrors this struct. */
typedef struct {
    const uint8_t *wkb;    /* polygons, or collections of them, as well-known binary (OGC 06-103r4) in two dimensions */
    const double *circles; /* [circle_count * 3] lon, lat, radius_m */
    int32_t circle_count;
    int32_t oriented; /* shells are counterclockwise and holes clockwise already */
    int32_t centre;   /* radii of people do not count */
} Area;

#define BUNDLE 8

/* Up to BUNDLE edges that follow each other in a ring. */
typedef struct {
    Box box;
    int32_t first, count;
} Bundle;

typedef struct {
    Edge *edges;
    Bundle *bundles;
    Disc *discs;
    uint32_t *every; /* 0, 1, 2, ... for bundles and discs */
    int edge_count, bundle_count, disc_count;
    int64_t edge_room, bundle_room, disc_room, every_room;
} Prepared;

enum { DONE = 0, NO_MEMORY = 1, NOT_ORIENTED = 2 };

/* DONE, or why not: NOT_ORIENTED if a ring is so thin that rounding hides which way it runs. Polygons that cannot have
 * anybody inside or near (`everybody` holds all, with their circles of uncertainty) are left out. `out` is used again and
 * again, and keeps its room. */
int prepare(const Area *area, const Box *everybody, Prepared *out);
void unprepare(Prepared *prepared);

/* Room for `wanted` of `size` bytes in a column; 0 if there is no memory. What stood in it stays. */
int make_room(void **column, int64_t *room, int64_t wanted, size_t size);

#endif
