/* The table of the curve, made once, when the library is loaded. In every quadrant the curve is the same but for a mirror at
 * the diagonal and a turn by half: bit 0 of how it lies for x and y swapped, bit 1 for both complemented. */
#include "hilbert.h"

uint16_t hilbert_table[1024];

static uint16_t entry_of(uint32_t lie, uint32_t x, uint32_t y) {
    uint32_t along = 0;
    for (int level = 3; level >= 0; level--) {
        uint32_t first = (x >> level) & 1, second = (y >> level) & 1;
        uint32_t swapped = lie & 1, turned = lie >> 1;
        uint32_t right = (swapped ? second : first) ^ turned, up = (swapped ? first : second) ^ turned;
        along = along << 2 | ((3 * right) ^ up);
        lie ^= up ? 0 : 1 + 2 * right;
    }
    return (uint16_t)(along << 2 | lie);
}

void make_hilbert_table(void) {
    for (uint32_t key = 0; key < 1024; key++) hilbert_table[key] = entry_of(key >> 8, (key >> 4) & 15, key & 15);
}

void lookout_hilbert(const double *lon, const double *lat, int64_t count, int32_t bits, uint64_t *keys) {
    for (int64_t i = 0; i < count; i++) keys[i] = hilbert_key(lon[i], lat[i], bits);
}
