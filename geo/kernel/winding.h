/* How often oriented edges wind around places, told exactly or not at all.
 *
 * Edges have the inside on their left, so a place lies in as many polygons as they wind around it. What is known of one
 * place (the anchor) is carried to others along a path first north or south to their latitude, then east or west: every
 * edge between changes the number by one, and only edges that meet the path matter. A determinant decides on which side
 * of an edge a place is, unless it is within its own rounding error (Shewchuk 1997, section 4): that is marked in doubt,
 * and so is every place on an edge. An edge holds its lower and not its upper end, so corners count once.
 */
#ifndef LOOKOUT_WINDING_H
#define LOOKOUT_WINDING_H

#include <math.h>

#include "lanes.h"
#include "pages.h"

typedef struct {
    double ax, ay, bx, by; /* degrees */
} Edge;

typedef struct {
    double x, y;
    int32_t winding;
    int32_t known; /* 0: nothing carried from here is sure */
} Anchor;

/* What an edge is to an anchor. */
typedef struct {
    double ax, ay, dx, dy, low, high;
    double error;   /* of the determinant, anywhere in the box of the places */
    double meets_y; /* where it meets the anchor's meridian, */
    double hair;    /* give or take so much */
    int64_t elbow;  /* -1: the turn of every path is on its left; of an edge across: where it turns north of meets_y */
    int64_t anchor; /* -1: the anchor is on its left */
    int across;     /* it meets the anchor's meridian */
} View;

typedef struct {
    marks winding; /* what is added to the anchor's */
    marks doubt;
} Wound;

#define DETERMINANT_ERROR 8e-16 /* more than twice what its roundings can come to (Shewchuk: 3.4e-16) */
#define MEETING_ERROR 4e-15     /* the same for where an edge meets a meridian */
#define SMALLEST 1e-290         /* no product here underflows to more */

static inline double farther(double from, double low, double high) { return greater(fabs(low - from), fabs(high - from)); }

/* For places in `box`. */
static inline View view_of(const Edge *e, const Anchor *from, const Box *box) {
    View v = {.ax = e->ax, .ay = e->ay, .dx = e->bx - e->ax, .dy = e->by - e->ay};
    int before = e->ax <= from->x;
    v.low = lesser(e->ay, e->by);
    v.high = greater(e->ay, e->by);
    v.error = DETERMINANT_ERROR * (fabs(v.dx) * farther(e->ay, box->south, box->north) +
                                   fabs(v.dy) * farther(e->ax, box->west, box->east)) + SMALLEST;
    v.across = before != (e->bx <= from->x);
    v.elbow = (v.dy > 0.0) != before ? -1 : 0;
    if (v.across) {
        v.meets_y = e->ay + (from->x - e->ax) / v.dx * v.dy;
        v.hair = MEETING_ERROR * (fabs(e->ay) + fabs(e->by)) + SMALLEST;
        v.elbow = v.dx > 0.0 ? -1 : 0;
        v.anchor = (from->y > v.meets_y ? -1 : 0) ^ ~v.elbow;
    }
    return v;
}

/* Adds what one edge changes on the way from the anchor to eight places. */
static inline void wind(const View *e, lanes x, lanes y, Wound *to) {
    marks reached = y >= e->low, passed = reached & (y < e->high);
    lanes side = e->dx * (y - e->ay) - e->dy * (x - e->ax);
    to->doubt |= (lanes_abs(side) <= e->error) & reached & (y <= e->high);
    if (!e->across) {
        to->winding -= ((side > 0.0) - e->elbow) & passed;
        return;
    }
    marks elbow = (y > e->meets_y) ^ ~e->elbow; /* counts twice, once each way, where passed: then it need not be sure */
    to->winding -= (((side > 0.0) - elbow) & passed) + (elbow - e->anchor);
    to->doubt |= (lanes_abs(y - e->meets_y) <= e->hair) & ~passed;
}

/* Whether the anchor is too near the edge to tell its side: then nothing is sure. */
static inline int hides(const View *e, const Anchor *from) { return e->across && fabs(from->y - e->meets_y) <= e->hair; }

#endif
