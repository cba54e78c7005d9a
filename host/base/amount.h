/* amount_t counts the smallest units (atoms) of one asset. 128 bits: a price of 2^32 ticks times a quantity
 * of 2^56 lots times 2^32 atoms per tick and lot still fits, so that no product of the core can overflow. */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdint.h>

typedef __int128 amount_t;

#endif
