#include "discs.h"

#include <math.h>

#define EQUATOR_M 6378137.0
#define ECCENTRICITY2 0.00669437999014131699
#define FLATTEST_M 6399593.6259 /* a * a / b: the radius of curvature at a pole, the largest */
#define ROUNDEST_M 6335439.3272 /* b * b / a: along a meridian at the equator, the smallest */
#define LONGEST_M 20003931.5    /* no geodesic is longer */
#define LONGEST_DEGREE_M 111700.0
#define SLACK_M 1e-4
#define PI 3.14159265358979323846
#define ROUND 6755399441055744.0 /* 1.5 * 2^52: adding it rounds to whole numbers, kept in the lowest bits */

static lanes flip(lanes v, marks odd) {
    marks bits;
    memcpy(&bits, &v, sizeof bits);
    bits ^= odd & INT64_MIN;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Sine and cosine of degrees up to some turns, to 1e-15: Taylor's, after taking off quarter turns exactly. */
static void sine_cosine(lanes degrees, lanes *sine, lanes *cosine) {
    lanes quarters = degrees * (1.0 / 90.0) + ROUND;
    marks quadrant;
    memcpy(&quadrant, &quarters, sizeof quadrant);
    lanes x = (degrees - (quarters - ROUND) * 90.0) * (PI / 180.0), q = x * x;
    lanes s = x + x * q * (-1.0 / 6 + q * (1.0 / 120 + q * (-1.0 / 5040 + q * (1.0 / 362880 + q * (-1.0 / 39916800 +
              q * (1.0 / 6227020800.0 + q * (-1.0 / 1307674368000.0)))))));
    lanes c = 1.0 + q * (-1.0 / 2 + q * (1.0 / 24 + q * (-1.0 / 720 + q * (1.0 / 40320 + q * (-1.0 / 3628800 +
              q * (1.0 / 479001600 + q * (-1.0 / 87178291200.0)))))));
    marks swap = -(quadrant & 1);
    *sine = flip(lanes_choose(swap, c, s), -((quadrant >> 1) & 1));
    *cosine = flip(lanes_choose(swap, s, c), -(((quadrant + 1) >> 1) & 1));
}

/* 1 / sqrt(1 - t) for t up to ECCENTRICITY2, to the last bit: its series, since sqrt is no operation of lanes. */
static lanes inverse_root(lanes t) {
    return 1.0 + t * (1.0 / 2 + t * (3.0 / 8 + t * (5.0 / 16 + t * (35.0 / 128 + t * (63.0 / 256 + t * (231.0 / 1024 +
           t * (429.0 / 2048)))))));
}

Space in_space(lanes lon, lanes lat) {
    lanes sin_lon, cos_lon, sin_lat, cos_lat;
    sine_cosine(lon, &sin_lon, &cos_lon);
    sine_cosine(lat, &sin_lat, &cos_lat);
    lanes normal = EQUATOR_M * inverse_root(ECCENTRICITY2 * sin_lat * sin_lat);
    lanes flat = normal * cos_lat;
    return (Space){flat * cos_lon, flat * sin_lon, normal * (1.0 - ECCENTRICITY2) * sin_lat, flat};
}

Disc disc_of(double lon, double lat, double radius_m) {
    Space middle = in_space(lanes_of(lon), lanes_of(lat));
    return (Disc){middle.x[0], middle.y[0], middle.z[0], radius_m};
}

double chord_surely_within(double geodesic_m) {
    if (geodesic_m >= LONGEST_M)
        return INFINITY;
    double least = lesser(sin(lesser(geodesic_m / (2 * ROUNDEST_M), PI / 2)), sin(LONGEST_M / (2 * ROUNDEST_M)));
    return 2 * ROUNDEST_M * least - SLACK_M;
}

double chord_surely_beyond(double geodesic_m) {
    return 2 * FLATTEST_M * sin(lesser(geodesic_m / (2 * FLATTEST_M), PI / 2)) + SLACK_M;
}

lanes spread_m(Space middle, lanes wide, lanes high) {
    lanes cosine = middle.flat / EQUATOR_M + high * (PI / 360.0); /* at least that of the latitude nearest the equator */
    lanes across = wide * lanes_lesser(cosine, lanes_of(1.0));
    lanes longer = lanes_greater(across, high), shorter = lanes_lesser(across, high);
    return (longer + shorter * 0.5) * (LONGEST_DEGREE_M / 2) + 1.0; /* a little more than the hypotenuse */
}
