#include "blocks.h"

#if defined(__clang__) || __GNUC__ >= 12
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MIX(a, b, ...) __builtin_shuffle(a, b, (marks){__VA_ARGS__})
#endif

/* Of pairs of neighbours in a and b: the lesser, a's in the even lanes and b's in the odd ones; then of pairs of pairs. */
static inline lanes halve1(lanes a, lanes b) {
    return lanes_lesser(MIX(a, b, 0, 8, 2, 10, 4, 12, 6, 14), MIX(a, b, 1, 9, 3, 11, 5, 13, 7, 15));
}

static inline lanes halve2(lanes a, lanes b) {
    return lanes_lesser(MIX(a, b, 0, 1, 8, 9, 4, 5, 12, 13), MIX(a, b, 2, 3, 10, 11, 6, 7, 14, 15));
}

static inline lanes halve4(lanes a, lanes b) {
    return lanes_lesser(MIX(a, b, 0, 1, 2, 3, 8, 9, 10, 11), MIX(a, b, 4, 5, 6, 7, 12, 13, 14, 15));
}

/* The least lane of each of eight. */
static inline lanes least(const lanes v[LANES]) {
    return halve4(halve2(halve1(v[0], v[1]), halve1(v[2], v[3])), halve2(halve1(v[4], v[5]), halve1(v[6], v[7])));
}

/* Of 32 numbers, the least and the greatest of every eighth; plain loops, which compilers make one instruction a step. */
static inline void extent_of_block(const double *restrict v, double *restrict low, double *restrict high) {
    for (int lane = 0; lane < LANES; lane++) {
        double least_yet = v[lane], most_yet = v[lane];
        for (int i = 1; i < BLOCK_LANES; i++) {
            least_yet = lesser(least_yet, v[lane + LANES * i]);
            most_yet = greater(most_yet, v[lane + LANES * i]);
        }
        low[lane] = least_yet;
        high[lane] = -most_yet; /* so that all that follows is about what is least */
    }
}

static void extent_of(const double *column, int32_t rows, lanes *low, lanes *high) {
    lanes lows[LANES], highs[LANES];
    double rest[BLOCK_ROWS];
    for (int block = 0; block < LANES; block++) {
        int32_t first = block * BLOCK_ROWS;
        const double *v = column + first;
        if (first >= rows) {
            lows[block] = highs[block] = lanes_of(INFINITY);
            continue;
        }
        if (first + BLOCK_ROWS > rows) {
            for (int i = 0; i < BLOCK_ROWS; i++)
                rest[i] = v[first + i < rows ? i : 0];
            v = rest;
        }
        extent_of_block(v, (double *)&lows[block], (double *)&highs[block]);
    }
    *low = least(lows);
    *high = -least(highs);
}

Blocks blocks_of(const double *x, const double *y, int32_t rows) {
    Blocks b;
    extent_of(x, rows, &b.west, &b.east);
    extent_of(y, rows, &b.south, &b.north);
    return b;
}
