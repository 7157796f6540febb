/* Places along the Hilbert curve, as geo/hilbert.py has them. */
#ifndef LOOKOUT_HILBERT_H
#define LOOKOUT_HILBERT_H

#include <stdint.h>

/* By (how the curve lies, 4 bits of x, 4 bits of y): 8 bits along the curve << 2 | how it lies in that cell. */
extern uint16_t hilbert_table[1024];

void make_hilbert_table(void);

static inline uint32_t cell_of(double degrees, double first, double scale, double last) {
    double cell = (degrees - first) * scale;
    return (uint32_t)(cell < last ? cell : last);
}

static inline uint64_t hilbert_key(double lon, double lat, int bits) {
    double side = (double)(1u << bits);
    uint32_t x = cell_of(lon, -180.0, side / 360.0, side - 1), y = cell_of(lat, -90.0, side / 180.0, side - 1);
    uint64_t along = 0;
    uint32_t lie = 0;
    for (int shift = bits - 4; shift >= 0; shift -= 4) {
        uint32_t entry = hilbert_table[lie << 8 | ((x >> shift) & 15) << 4 | ((y >> shift) & 15)];
        along = along << 8 | entry >> 2;
        lie = entry & 3;
    }
    return along;
}

#endif
