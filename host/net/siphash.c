#include "net/siphash.h"

#include <string.h>

struct siphash_state {
    uint64_t a, b, c, d;
};

static uint64_t rotate_left(uint64_t word, unsigned int bits) {
    return word << bits | word >> (64 - bits);
}

static void siphash_round(struct siphash_state *state) {
    state->a += state->b;
    state->b = rotate_left(state->b, 13) ^ state->a;
    state->a = rotate_left(state->a, 32);
    state->c += state->d;
    state->d = rotate_left(state->d, 16) ^ state->c;
    state->a += state->d;
    state->d = rotate_left(state->d, 21) ^ state->a;
    state->c += state->b;
    state->b = rotate_left(state->b, 17) ^ state->c;
    state->c = rotate_left(state->c, 32);
}

static void siphash_word(struct siphash_state *state, uint64_t word) {
    state->d ^= word;
    siphash_round(state);
    siphash_round(state);
    state->a ^= word;
}

uint64_t siphash(const struct siphash_key *key, const unsigned char *bytes, size_t length_bytes) {
    struct siphash_state state = {
        .a = key->words[0] ^ 0x736F6D6570736575u,
        .b = key->words[1] ^ 0x646F72616E646F6Du,
        .c = key->words[0] ^ 0x6C7967656E657261u,
        .d = key->words[1] ^ 0x7465646279746573u,
    };
    uint64_t last = (uint64_t)(length_bytes & 0xFF) << 56;
    size_t whole_bytes = length_bytes & ~(size_t)7;

    for (size_t start = 0; start < whole_bytes; start += 8) {
        uint64_t word;

        memcpy(&word, bytes + start, sizeof word);
        siphash_word(&state, word);
    }
    for (size_t rest = whole_bytes; rest < length_bytes; rest++)
        last |= (uint64_t)bytes[rest] << (8 * (rest - whole_bytes));
    siphash_word(&state, last);
    state.c ^= 0xFF;
    for (int round = 0; round < 4; round++)
        siphash_round(&state);
    return state.a ^ state.b ^ state.c ^ state.d;
}
