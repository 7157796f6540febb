#include "batch.h"

#include "anchors.h"

#define DEGREE (3.14159265358979323846 / 180.0)
#define SHORTEST_LATITUDE_M 110500.0
#define SHORTEST_LONGITUDE_M 111300.0

Box grown(Box box, double reach_m) {
    if (reach_m <= 0.0)
        return box;
    double high = reach_m / SHORTEST_LATITUDE_M, wide = 360.0;
    double steepest = greater(fabs(box.south), fabs(box.north)) + high;
    if (steepest < 89.9)
        wide = lesser(wide, reach_m / (SHORTEST_LONGITUDE_M * cos(steepest * DEGREE)));
    return (Box){box.west - wide, box.south - high, box.east + wide, box.north + high};
}

static void set_columns(Batch *b) {
    b->narrowest = b->lowest = 1e6;
    for (int i = 0; i < BATCH; i++) {
        Box g = i < b->count ? grown(b->box[i], b->reach_m[i]) : (Box){1e6, 1e6, 1e6, 1e6};
        b->west[i] = g.west;
        b->south[i] = g.south;
        b->east[i] = g.east;
        b->north[i] = g.north;
        b->x[i] = (g.west + g.east) / 2;
        b->y[i] = (g.south + g.north) / 2;
        b->wide[i] = (g.east - g.west) / 2;
        b->high[i] = (g.north - g.south) / 2;
        if (i < b->count) {
            b->narrowest = lesser(b->narrowest, b->wide[i]);
            b->lowest = lesser(b->lowest, b->high[i]);
        }
    }
}

static uint64_t boxes_met(const Batch *b, int at, double west, double south, double east, double north) {
    return marks_bytes((west <= lanes_at(b->east + at)) & (east >= lanes_at(b->west + at)) &
                       (south <= lanes_at(b->north + at)) & (north >= lanes_at(b->south + at)));
}

/* Bytes of 0xff where the edge may meet a box: as boxes, then not all corners on one side (1e-12 degrees to spare). */
static uint64_t met_by(const Batch *b, int at, const Edge *e) {
    uint64_t boxes = boxes_met(b, at, lesser(e->ax, e->bx), lesser(e->ay, e->by), greater(e->ax, e->bx),
                               greater(e->ay, e->by));
    if (!boxes)
        return 0;
    double dx = e->bx - e->ax, dy = e->by - e->ay;
    lanes side = dx * (lanes_at(b->y + at) - e->ay) - dy * (lanes_at(b->x + at) - e->ax);
    lanes reach = fabs(dx) * lanes_at(b->high + at) + fabs(dy) * lanes_at(b->wide + at);
    reach = reach * (1.0 + 1e-12) + 1e-12 * (fabs(dx) + fabs(dy));
    return boxes & marks_bytes(lanes_abs(side) <= reach);
}

/* The same of a bundle. Where it is small beside the boxes, its own box is told for all its edges. */
static uint64_t bundle_met(const Batch *b, int at, const Prepared *area, const Bundle *bundle) {
    const Box *box = &bundle->box;
    uint64_t boxes = boxes_met(b, at, box->west, box->south, box->east, box->north), met = 0;
    if (!boxes || (box->east - box->west <= b->narrowest && box->north - box->south <= b->lowest))
        return boxes;
    for (int k = 0; k < bundle->count && met != boxes; k++)
        met |= met_by(b, at, &area->edges[bundle->first + k]);
    return met & boxes;
}

static void append(uint64_t boxes, uint32_t **list, uint32_t what) {
    while (boxes)
        *list[next_lane(&boxes)]++ = what;
}

static void append_edges(const Batch *b, int at, const Prepared *area, const Bundle *bundle, uint32_t **list) {
    const Box *box = &bundle->box;
    if (boxes_met(b, at, box->west, box->south, box->east, box->north))
        for (int32_t k = bundle->first; k < bundle->first + bundle->count; k++)
            append(met_by(b, at, &area->edges[k]), list + at, (uint32_t)k);
}

/* Gives every box the list of the bundles, or of the edges, that may meet it; where the lists end. */
static uint32_t *sort_edges(Batch *b, const Prepared *area, const Open *of, uint32_t *lists) {
    uint32_t *list[BATCH], *first[BATCH];
    size_t most = (size_t)of->bundle_count * (b->pages ? BUNDLE : 1);
    for (int i = 0; i < BATCH; i++)
        first[i] = list[i] = lists + (size_t)i * most;
    for (int k = 0; k < of->bundle_count; k++) {
        const Bundle *bundle = &area->bundles[of->bundles[k]];
        for (int at = 0; at < b->count; at += LANES)
            if (b->pages)
                append_edges(b, at, area, bundle, list);
            else
                append(bundle_met(b, at, area, bundle), list + at, of->bundles[k]);
    }
    for (int i = 0; i < b->count; i++) {
        int count = (int)(list[i] - first[i]);
        b->open[i] = b->pages ? (Open){.edges = first[i], .edge_count = count}
                              : (Open){.bundles = first[i], .bundle_count = count};
    }
    return lists + BATCH * most;
}

/* Gives every box the list of the discs that may meet it; WHOLE where one holds it. */
static void sort_discs(Batch *b, const Prepared *area, const Open *of, uint32_t *lists) {
    double x[BATCH] = {0}, y[BATCH] = {0}, wide[BATCH] = {0}, high[BATCH] = {0};
    for (int i = 0; i < b->count; i++) {
        x[i] = (b->box[i].west + b->box[i].east) / 2;
        y[i] = (b->box[i].south + b->box[i].north) / 2;
        wide[i] = b->box[i].east - b->box[i].west;
        high[i] = b->box[i].north - b->box[i].south;
        b->open[i].discs = lists + (size_t)i * (size_t)of->disc_count;
    }
    for (int at = 0; at < b->count; at += LANES) {
        Space middle = in_space(lanes_at(x + at), lanes_at(y + at));
        lanes spread = spread_m(middle, lanes_at(wide + at), lanes_at(high + at));
        for (int k = 0; k < of->disc_count; k++) {
            const Disc *disc = &area->discs[of->discs[k]];
            lanes away2 = chord2(middle, disc), limit;
            for (int i = 0; i < LANES; i++)
                limit[i] = chord_surely_beyond(disc->radius_m + (at + i < b->count ? b->reach_m[at + i] : 0.0));
            marks whole = all_within(away2, spread, chord_surely_within(disc->radius_m));
            marks some = any_within(away2, spread, limit);
            for (int i = at; i < b->count && i < at + LANES; i++) {
                if (whole[i - at])
                    b->fate[i] = WHOLE;
                else if (some[i - at])
                    lists[(size_t)i * (size_t)of->disc_count + (size_t)b->open[i].disc_count++] = of->discs[k];
            }
        }
    }
}

static int fate_of(const Open *open) {
    int edges = open->edge_count || open->bundle_count;
    if (!edges && open->anchor.known && open->anchor.winding > 0)
        return WHOLE;
    if (!edges && !open->anchor.known)
        return UNSURE;
    return edges || open->disc_count ? OPEN : OUT;
}

void batch_sort(Batch *b, const Prepared *area, const Open *of, uint32_t *lists) {
    memset(b->fate, 0, sizeof b->fate);
    set_columns(b);
    lists = sort_edges(b, area, of, lists);
    set_anchors(b, area, of);
    if (of->disc_count)
        sort_discs(b, area, of, lists);
    for (int i = 0; i < b->count; i++)
        if (b->fate[i] != WHOLE)
            b->fate[i] = fate_of(&b->open[i]);
}
