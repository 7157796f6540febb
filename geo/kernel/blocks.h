/* The boxes of eight blocks of rows that follow each other: rows near in the table are mostly near on the map. */
#ifndef LOOKOUT_BLOCKS_H
#define LOOKOUT_BLOCKS_H

#include <math.h>

#include "lanes.h"

#define BLOCK_ROWS 32
#define BLOCK_LANES (BLOCK_ROWS / LANES)
#define AT_ONCE (LANES * BLOCK_ROWS)

typedef struct {
    lanes west, south, east, north; /* infinite the wrong way round for a block without rows */
} Blocks;

/* Of up to AT_ONCE rows; the columns are read up to the next multiple of LANES. */
Blocks blocks_of(const double *x, const double *y, int32_t rows);

#endif
