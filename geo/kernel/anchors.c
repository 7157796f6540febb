#include "anchors.h"

#define ATTEMPTS 4

static const Anchor AFAR = {-1000.0625, -1000.0625, 0, 1}; /* no edge is there */

typedef struct {
    double x[BATCH], y[BATCH];
    Wound wound[BATCH / LANES];
    Box box; /* of all places */
} Path;

/* Places in the boxes, not the same at each attempt: on no round number, where edges like to be. */
static void place(Batch *b, int attempt, Path *path) {
    path->box = (Box){1e6, 1e6, -1e6, -1e6};
    for (int i = 0; i < BATCH; i++) {
        const Box *box = &b->box[i < b->count ? i : 0];
        double x = box->west + (box->east - box->west) * (0.5137 - 0.1171 * attempt);
        double y = box->south + (box->north - box->south) * (0.4719 + 0.0931 * attempt);
        Box *all = &path->box;
        *all = (Box){lesser(all->west, x), lesser(all->south, y), greater(all->east, x), greater(all->north, y)};
        path->x[i] = x;
        path->y[i] = y;
    }
}

/* Whether a bundle meets any of eight paths: their leg along the anchor's meridian, or that along their own parallel. */
static int on_the_way(const Box *box, const Anchor *from, lanes x, lanes y) {
    marks met = (box->south <= y) & (box->north >= y) & (box->west <= lanes_greater(x, lanes_of(from->x))) &
                (box->east >= lanes_lesser(x, lanes_of(from->x)));
    if (box->west <= from->x && box->east >= from->x)
        met |= (box->south <= lanes_greater(y, lanes_of(from->y))) & (box->north >= lanes_lesser(y, lanes_of(from->y)));
    return marks_bytes(met) != 0;
}

/* Winds one bundle around the places; 0 if the anchor itself is in doubt. */
static int pass(const Bundle *bundle, const Edge *edges, const Anchor *from, int count, Path *path) {
    for (int at = 0; at < count; at += LANES) {
        lanes x = lanes_at(path->x + at), y = lanes_at(path->y + at);
        if (!on_the_way(&bundle->box, from, x, y))
            continue;
        for (int k = 0; k < bundle->count; k++) {
            View view = view_of(&edges[bundle->first + k], from, &path->box);
            wind(&view, x, y, &path->wound[at / LANES]);
            if (hides(&view, from))
                return 0;
        }
    }
    return 1;
}

/* Carries the winding to those that do not know theirs; how many then still do not. */
static int carry(Batch *b, const Prepared *area, const uint32_t *bundles, int count, const Anchor *from, Path *path) {
    memset(path->wound, 0, sizeof path->wound);
    for (int k = 0; k < count; k++)
        if (!pass(&area->bundles[bundles[k]], area->edges, from, b->count, path))
            return b->count;
    int unknown = 0;
    for (int i = 0; i < b->count; i++) {
        Anchor *a = &b->open[i].anchor;
        const Wound *wound = &path->wound[i / LANES];
        if (!a->known && !wound->doubt[i % LANES])
            *a = (Anchor){path->x[i], path->y[i], from->winding + (int32_t)wound->winding[i % LANES], 1};
        unknown += !a->known;
    }
    return unknown;
}

void set_anchors(Batch *b, const Prepared *area, const Open *of) {
    int unknown = b->count;
    Path path;
    for (int attempt = 0; attempt < ATTEMPTS - 1 && unknown && of->anchor.known; attempt++) {
        place(b, attempt, &path);
        unknown = carry(b, area, of->bundles, of->bundle_count, &of->anchor, &path);
    }
    if (unknown) {
        place(b, ATTEMPTS - 1, &path);
        carry(b, area, area->every, area->bundle_count, &AFAR, &path);
    }
}
