/* Circles on the ellipsoid by the straight distance through the earth, which the geodesic follows closely.
 *
 * A geodesic's curvature lies between that of a pole (1 / 6,399.6 km) and that of the equator across (1 / 6,335.4 km).
 * So its length lies between the arcs of those two circles over the same chord: the upper bound is Schur's comparison
 * theorem, the lower one is Schur's but for the geodesic's torsion, which adds less than SLACK_M (tested against Karney's
 * geodesics). At 8 km the two differ by 0.02 mm, at 160 km by 9 cm, at 1,000 km by 21 m. Who is between is in doubt.
 */
#ifndef LOOKOUT_DISCS_H
#define LOOKOUT_DISCS_H

#include "lanes.h"
#include "pages.h"

typedef struct {
    double x, y, z; /* of its middle, metres from the middle of the earth */
    double radius_m;
} Disc;

typedef struct {
    lanes x, y, z;
    lanes flat; /* from the axis of the earth */
} Space;

Disc disc_of(double lon, double lat, double radius_m);

/* Metres straight through the earth below which a geodesic surely is, and above which it surely is not, so long. */
double chord_surely_within(double geodesic_m);
double chord_surely_beyond(double geodesic_m);

/* Places on WGS 84 (degrees); good to a hundredth of a millimetre. */
Space in_space(lanes lon, lanes lat);

/* Metres that no place of a box is farther from its middle (`middle`), straight through the earth; sides in degrees. */
lanes spread_m(Space middle, lanes wide, lanes high);

static inline lanes chord2(Space at, const Disc *disc) {
    lanes dx = at.x - disc->x, dy = at.y - disc->y, dz = at.z - disc->z;
    return dx * dx + dy * dy + dz * dz;
}

/* Whether the root of away2 plus `spread` is at most `limit`, and whether less `spread` it is. */
static inline marks all_within(lanes away2, lanes spread, double limit) {
    lanes left = limit - spread;
    return (left > 0.0) & (away2 <= left * left);
}

static inline marks any_within(lanes away2, lanes spread, lanes limit) {
    lanes left = limit + spread;
    return away2 <= left * left;
}

#endif
