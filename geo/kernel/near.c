/* Whose circle of uncertainty touches an edge.
 *
 * In degrees scaled by the shortest that a degree of latitude and of longitude can be anywhere within reach of the page,
 * an edge is straight and nothing is nearer on the earth than here; scaled by the longest, nothing is farther. Only those
 * between the two are in doubt, about a fiftieth of the reach. Over a pole the shortest longitude is nothing at all.
 */
#include <math.h>

#include "test.h"

#define DEGREE (3.14159265358979323846 / 180.0)
#define SHORTEST_LATITUDE_M 110500.0
#define SHORTEST_LONGITUDE_M 111300.0
#define LONGEST_DEGREE_M 111700.0
#define ROUNDING 1e-9

typedef struct {
    double east_m, north_m; /* the shortest degrees */
    double longer;          /* the longest are at most so many times as long */
} Scale;

static Scale scale_of(const Box *box, double reach_m) {
    double high = reach_m / SHORTEST_LATITUDE_M;
    double south = box->south - high, north = box->north + high;
    double farthest = lesser(greater(fabs(south), fabs(north)), 90.0);
    double nearest = south <= 0.0 && north >= 0.0 ? 0.0 : lesser(fabs(south), fabs(north));
    Scale s = {.east_m = SHORTEST_LONGITUDE_M * cos(farthest * DEGREE), .north_m = SHORTEST_LATITUDE_M};
    s.longer = farthest < 89.9 ? LONGEST_DEGREE_M * cos(nearest * DEGREE) / s.east_m : INFINITY;
    if (farthest >= 89.9)
        s.east_m = 0.0;
    s.longer = greater(s.longer, LONGEST_DEGREE_M / SHORTEST_LATITUDE_M);
    return s;
}

/* Squared scaled metres to the nearest of the edges. */
static lanes nearest2(const Test *t, const Scale *s, lanes x, lanes y) {
    lanes best = lanes_of(INFINITY);
    for (int k = 0; k < t->open->edge_count; k++) {
        const Edge *e = &t->area->edges[t->open->edges[k]];
        double dx = (e->bx - e->ax) * s->east_m, dy = (e->by - e->ay) * s->north_m, length2 = dx * dx + dy * dy;
        lanes px = (x - e->ax) * s->east_m, py = (y - e->ay) * s->north_m;
        lanes along = (px * dx + py * dy) * (length2 > 0.0 ? 1.0 / length2 : 0.0);
        along = lanes_choose(along > 0.0, along, lanes_of(0.0));
        along = lanes_choose(along < 1.0, along, lanes_of(1.0));
        px -= along * dx;
        py -= along * dy;
        lanes away2 = px * px + py * py;
        best = lanes_choose(away2 < best, away2, best);
    }
    return best;
}

void test_near(const Test *t, const Box *box, double reach_m, Rows *r) {
    Scale scale = scale_of(box, reach_m);
    for (int32_t at = 0; at < r->rows; at += LANES) {
        lanes away2 = nearest2(t, &scale, lanes_at(r->x + at), lanes_at(r->y + at));
        for (int32_t i = at; i < at + LANES && i < r->rows; i++) {
            double radius_m = t->radius_m[r->row + i], away_m = sqrt(away2[i - at]);
            if (r->in[i] || radius_m <= 0.0 || away_m * (1.0 - ROUNDING) > radius_m)
                continue;
            if (scale.east_m > 0.0 && away_m * scale.longer * (1.0 + ROUNDING) <= radius_m)
                r->in[i] = 1;
            else
                r->doubt[i] = 1;
        }
    }
}
