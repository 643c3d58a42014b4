/* SHA-256 (FIPS 180-4), for the replay of golden vectors only: the controller itself needs none. */
#ifndef BPTM_SHA256_H
#define BPTM_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

typedef struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    uint8_t block[64];
} sha256;

void sha256_begin(sha256 *h);
void sha256_add(sha256 *h, const uint8_t *bytes, size_t count);
void sha256_end(sha256 *h, uint8_t digest[SHA256_SIZE]);

#endif
