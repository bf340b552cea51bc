// SPDX-License-Identifier: Apache-2.0
// Multispin-coded checkerboard Metropolis in AVX-512, as near the limit of the machine as we know how to write it.
// Bit b of a 64-bit word is replica b.  Every spin has its own random bits (xoshiro256++, 8 lanes of 64 bits); u is compared
// with the acceptance threshold bit by bit to 32 bits, stopping as soon as all 512 lanes of a vector are decided.
// Arrays are [rows + 2][ST] with a halo row above and below and a halo word on each side.
#include <immintrin.h>
#include <stdint.h>
#include <stdlib.h>
typedef uint64_t v8 __attribute__((vector_size(64)));
typedef uint64_t v8u __attribute__((vector_size(64), aligned(8)));
typedef struct { v8 a, b, c, d; } rng_t;
static inline v8 rotl(v8 x, int k) { return (x << k) | (x >> (64 - k)); }
static inline v8 next(rng_t *r) {
  v8 out = rotl(r->a + r->d, 23) + r->a, t = r->b << 17;
  r->c ^= r->a; r->d ^= r->b; r->b ^= r->c; r->a ^= r->d; r->c ^= t; r->d = rotl(r->d, 45);
  return out;
}
static uint64_t splitmix(uint64_t *x) {
  uint64_t z = (*x += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL; z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}
void seed(rng_t *r, int n, uint64_t s) {
  for (int i = 0; i < n; i++) for (int k = 0; k < 32; k++) ((uint64_t *)&r[i])[k] = splitmix(&s);
}
#define ST (W + 16)
#define AT(X, i) ((X) + ((size_t)(i) + 1) * ST + 8)
size_t words(int L) { int W = L / 2; return (size_t)(L + 2) * ST; }
static void row(uint64_t *X, const uint64_t *Y, int i, int W, int o, const uint64_t *m1, const uint64_t *m2, rng_t *rg) {
  uint64_t *x = AT(X, i); const uint64_t *y = AT(Y, i), *yu = AT(Y, i - 1), *yd = AT(Y, i + 1);
  rng_t r = *rg;
  for (int j = 0; j < W; j += 8) {
    v8 s = *(v8u *)(x + j);
    v8 a = ~(s ^ *(v8u *)(yu + j)), b = ~(s ^ *(v8u *)(yd + j)), c = ~(s ^ *(v8u *)(y + j)), d = ~(s ^ *(v8u *)(y + j + o));
    v8 ab = a & b, cd = c & d, all = ab & cd, three = (ab & (c | d)) | (cd & (a | b)), undecided = three, less = {0};
    for (int k = 0; k < 32; k++) {
      v8 u = next(&r), p = ((v8)_mm512_set1_epi64(m1[k]) & ~all) | ((v8)_mm512_set1_epi64(m2[k]) & all);
      less |= undecided & p & ~u; undecided &= ~(p ^ u);
      if (k >= 6 && !_mm512_test_epi64_mask((__m512i)undecided, (__m512i)undecided)) break;
    }
    *(v8u *)(x + j) = s ^ (~three | less);
  }
  x[-1] = x[W - 1]; x[W] = x[0]; *rg = r;
}
static void halo(uint64_t *X, int L, int W) {
  uint64_t *t = AT(X, -1), *b = AT(X, L), *l = AT(X, L - 1), *f = AT(X, 0);
  for (int j = -1; j <= W; j++) { t[j] = l[j]; b[j] = f[j]; }
}
// One batch of 64 replicas per temperature, shared out over the threads; m1, m2: 32 words of bits per temperature.
void sweep_batches(uint64_t **A, uint64_t **B, int batches, int L, int n, const uint64_t *m1, const uint64_t *m2, rng_t *rg) {
#pragma omp parallel for schedule(dynamic)
  for (int k = 0; k < batches; k++) for (int t = 0; t < n; t++) {
    int W = L / 2; const uint64_t *p1 = m1 + 32 * k, *p2 = m2 + 32 * k;
    for (int i = 0; i < L; i++) row(A[k], B[k], i, W, i & 1 ? 1 : -1, p1, p2, rg + k); halo(A[k], L, W);
    for (int i = 0; i < L; i++) row(B[k], A[k], i, W, i & 1 ? -1 : 1, p1, p2, rg + k); halo(B[k], L, W);
  }
}
// One batch of 64 replicas, its rows shared out over the threads.
void sweep_rows(uint64_t *A, uint64_t *B, int L, int n, const uint64_t *m1, const uint64_t *m2, rng_t *rg, int threads) {
  int W = L / 2;
  for (int t = 0; t < n; t++) for (int color = 0; color < 2; color++) {
    uint64_t *X = color ? B : A, *Y = color ? A : B;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int id = 0; id < threads; id++)
      for (int i = L * id / threads; i < L * (id + 1) / threads; i++) row(X, Y, i, W, (i + color) & 1 ? 1 : -1, m1, m2, rg + id);
    halo(X, L, W);
  }
}
void init(uint64_t *X, int L) { for (size_t i = 0; i < words(L); i++) X[i] = ~0ULL; }
// Unsatisfied bonds: every bond joins A and B, so that the sum over the neighbors of A counts each once.
long unsatisfied(uint64_t *A, uint64_t *B, int L) {
  long n = 0; int W = L / 2;
  for (int i = 0; i < L; i++) {
    uint64_t *x = AT(A, i), *y = AT(B, i), *u = AT(B, i - 1), *d = AT(B, i + 1); int o = i & 1 ? 1 : -1;
    for (int j = 0; j < W; j++) n += __builtin_popcountll(x[j] ^ y[j]) + __builtin_popcountll(x[j] ^ y[j + o])
                                   + __builtin_popcountll(x[j] ^ u[j]) + __builtin_popcountll(x[j] ^ d[j]);
  }
  return n;
}
