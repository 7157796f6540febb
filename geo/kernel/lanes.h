/* Eight numbers at once, in the vector extension that gcc and clang share: every target gets what it has. */
#ifndef LOOKOUT_LANES_H
#define LOOKOUT_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "marks_bytes reads lane 0 as the lowest byte: numpy and shapely serve this machine"
#endif

#define LANES 8
#define FIRST_BITS 0x0101010101010101ULL

typedef double lanes __attribute__((vector_size(LANES * 8)));
typedef int64_t marks __attribute__((vector_size(LANES * 8))); /* each -1 for yes, 0 for no */
typedef int8_t bytes __attribute__((vector_size(LANES)));

/* As fmin and fmax, but one instruction: there is no NaN here. */
static inline double lesser(double a, double b) { return a < b ? a : b; }
static inline double greater(double a, double b) { return a > b ? a : b; }

static inline lanes lanes_at(const double *from) {
    lanes v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void lanes_put(double *to, lanes v) { memcpy(to, &v, sizeof v); }

static inline lanes lanes_of(double x) { return (lanes){0} + x; }

static inline lanes lanes_abs(lanes v) {
    marks bits;
    memcpy(&bits, &v, sizeof bits);
    bits &= INT64_MAX;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline lanes lanes_choose(marks which, lanes yes, lanes no) {
    marks a, b;
    memcpy(&a, &yes, sizeof a);
    memcpy(&b, &no, sizeof b);
    a = (a & which) | (b & ~which);
    memcpy(&yes, &a, sizeof yes);
    return yes;
}

static inline lanes lanes_lesser(lanes a, lanes b) { return lanes_choose(a < b, a, b); }
static inline lanes lanes_greater(lanes a, lanes b) { return lanes_choose(a > b, a, b); }

/* One byte a lane, 0xff for yes, lane 0 the lowest. */
static inline uint64_t marks_bytes(marks m) {
    bytes narrow = __builtin_convertvector(m, bytes);
    uint64_t all;
    memcpy(&all, &narrow, sizeof all);
    return all;
}

/* The first lane of those in `found` (as of marks_bytes), which is taken out. */
static inline int next_lane(uint64_t *found) {
    int lane = __builtin_ctzll(*found) >> 3;
    *found &= ~(0xffULL << (8 * lane));
    return lane;
}

#endif
