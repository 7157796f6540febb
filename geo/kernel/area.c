#include "area.h"

#include <stdlib.h>

enum { POLYGON = 3 }; /* the geometry types of WKB; whatever else comes here is a collection */

typedef struct {
    const uint8_t *at;
    const Area *area;
    const Box *everybody;
    Prepared *out;
    int fault;
} Reader;

/* Positions of one ring, which are not aligned. */
typedef struct {
    const uint8_t *at;
    int32_t size;
} Ring;

typedef struct {
    double x, y;
} Place;

static Place place_of(Ring ring, int32_t i) {
    Place p;
    memcpy(&p, ring.at + (size_t)i * sizeof p, sizeof p);
    return p;
}

static int32_t read_count(Reader *r) {
    uint32_t count;
    memcpy(&count, r->at, sizeof count);
    r->at += sizeof count;
    return (int32_t)count;
}

/* +1 counterclockwise, -1 clockwise, 0 if rounding hides it. From the first corner, to lose no digits. */
static int turn_of(Ring ring) {
    double twice = 0.0, worst = 0.0;
    Place first = place_of(ring, 0), a = place_of(ring, 1);
    for (int32_t i = 2; i + 1 < ring.size; i++) {
        Place b = place_of(ring, i);
        double left = (a.x - first.x) * (b.y - first.y), right = (b.x - first.x) * (a.y - first.y);
        twice += left - right;
        worst += fabs(left) + fabs(right);
        a = b;
    }
    if (fabs(twice) <= worst * (double)(ring.size + 8) * 4e-16 + 1e-290)
        return 0;
    return twice > 0.0 ? 1 : -1;
}

static void widen(Box *box, Place p) {
    *box = (Box){lesser(box->west, p.x), lesser(box->south, p.y), greater(box->east, p.x), greater(box->north, p.y)};
}

static const Box NOTHING = {INFINITY, INFINITY, -INFINITY, -INFINITY};

static Box bounds_of(Ring ring) {
    Box box = NOTHING;
    for (int32_t i = 0; i < ring.size; i++)
        widen(&box, place_of(ring, i));
    return box;
}

static int meets_turned(const Box *a, const Box *b, double east) {
    return a->west + east <= b->east && a->east + east >= b->west && a->south <= b->north && a->north >= b->south;
}

static Bundle *new_bundle(Prepared *out) {
    Bundle *bundle = &out->bundles[out->bundle_count++];
    *bundle = (Bundle){NOTHING, out->edge_count, 0};
    return bundle;
}

static void add_edge(Prepared *out, Bundle *to, Place a, Place b) {
    widen(&to->box, a);
    widen(&to->box, b);
    to->count++;
    out->edges[out->edge_count++] = (Edge){a.x, a.y, b.x, b.y};
}

static void add_ring(Prepared *out, Ring ring, double east, int backwards) {
    Bundle *bundle = NULL;
    Place a = place_of(ring, 0);
    a.x += east;
    for (int32_t i = 1; i < ring.size; i++) {
        Place b = place_of(ring, i);
        b.x += east;
        if (a.x == b.x && a.y == b.y)
            continue;
        if (!bundle || bundle->count == BUNDLE)
            bundle = new_bundle(out);
        if (backwards)
            add_edge(out, bundle, b, a);
        else
            add_edge(out, bundle, a, b);
        a = b;
    }
}

/* A pole is one place: everybody there is in doubt, as if on an edge, when the polygon reaches it. */
static void add_poles(Prepared *out, const Box *bounds) {
    for (double pole = -90.0; pole <= 90.0; pole += 180.0)
        if (bounds->south <= pole && bounds->north >= pole)
            add_edge(out, new_bundle(out), (Place){-180.0, pole}, (Place){180.0, pole});
}

/* Room for the edges of a ring in three turns, and of a pole. */
static int room_for_ring(Prepared *out, int32_t size) {
    int64_t edges = out->edge_count + 3 * (int64_t)size + 2, bundles = out->bundle_count + 3 * (int64_t)size / BUNDLE + 5;
    return make_room((void **)&out->edges, &out->edge_room, edges, sizeof *out->edges) &&
           make_room((void **)&out->bundles, &out->bundle_room, bundles, sizeof *out->bundles);
}

static void read_polygon(Reader *r) {
    static const double turns[] = {0.0, 360.0, -360.0};
    Box bounds = NOTHING;
    int32_t rings = read_count(r);
    for (int32_t number = 0; number < rings && !r->fault; number++) {
        int32_t size = read_count(r);
        Ring ring = {r->at, size};
        r->at += (size_t)size * sizeof(Place);
        if (!room_for_ring(r->out, ring.size)) {
            r->fault = NO_MEMORY;
            return;
        }
        if (!number) {
            bounds = bounds_of(ring);
            add_poles(r->out, &bounds);
        }
        int hole = number > 0, turn = r->area->oriented ? (hole ? -1 : 1) : turn_of(ring);
        if (!turn)
            r->fault = NOT_ORIENTED;
        for (int k = 0; k < 3; k++)
            if (meets_turned(&bounds, r->everybody, turns[k]))
                add_ring(r->out, ring, turns[k], (turn > 0) == hole);
    }
}

static void read_geometry(Reader *r) {
    uint32_t type;
    r->at++; /* the byte order is that of this machine */
    memcpy(&type, r->at, sizeof type);
    r->at += sizeof type;
    if (type == POLYGON) {
        read_polygon(r);
        return;
    }
    int32_t count = read_count(r);
    for (int32_t i = 0; i < count && !r->fault; i++)
        read_geometry(r);
}

int make_room(void **column, int64_t *room, int64_t wanted, size_t size) {
    if (wanted <= *room)
        return 1;
    int64_t more = wanted + wanted / 2 + 64;
    void *grown = realloc(*column, (size_t)more * size);
    if (!grown)
        return 0;
    *column = grown;
    *room = more;
    return 1;
}

int prepare(const Area *area, const Box *everybody, Prepared *out) {
    Reader reader = {.at = area->wkb, .area = area, .everybody = everybody, .out = out, .fault = DONE};
    out->edge_count = out->bundle_count = out->disc_count = 0;
    read_geometry(&reader);
    if (reader.fault != DONE)
        return reader.fault;
    int every = out->bundle_count > area->circle_count ? out->bundle_count : area->circle_count;
    if (!make_room((void **)&out->discs, &out->disc_room, area->circle_count, sizeof *out->discs) ||
        !make_room((void **)&out->every, &out->every_room, every, sizeof *out->every))
        return NO_MEMORY;
    for (int32_t i = 0; i < area->circle_count; i++) {
        const double *c = area->circles + 3 * i;
        out->discs[out->disc_count++] = disc_of(c[0], c[1], c[2]);
    }
    for (int i = 0; i < every; i++)
        out->every[i] = (uint32_t)i;
    return DONE;
}

void unprepare(Prepared *prepared) {
    free(prepared->edges);
    free(prepared->bundles);
    free(prepared->discs);
    free(prepared->every);
}
