/*
 * The real number of the controller, and what every file of it needs from the compiler.
 *
 * A double, as in every other runtime; traces are then the same to the bit. On a part without 64-bit floats compile
 * everything with -DBPTM_REAL=float: modes and timers are then the same, measured values are not.
 */
#ifndef BPTM_REAL_H
#define BPTM_REAL_H

#include <float.h>
#include <math.h>
#include <stdint.h>

#ifdef __FAST_MATH__
#error "compile without -ffast-math: the controller's traces must not depend on the compiler"
#endif

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "this target computes floats with extra bits; on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

/* No a * b + c in one rounding. gcc does not know the pragma, and contracts nothing under -std=c99. */
#if !defined(__GNUC__) || defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#ifndef BPTM_REAL
#define BPTM_REAL double
#endif

typedef BPTM_REAL bptm_real;

/* A literal of that type. */
#define BPTM_R(x) ((bptm_real)(x))

/*
 * A whole number put into a field of 32 bits. -DBPTM_WATCH_NARROWING leaves the cast away, so that clang's
 * -fsanitize=implicit-conversion stops at a number that does not fit.
 */
#ifdef BPTM_WATCH_NARROWING
#define BPTM_I4(x) (x)
#else
#define BPTM_I4(x) ((int32_t)(x))
#endif

/* Square root, rounded to the nearest in every runtime (IEEE 754). */
#define bptm_sqrt(x) (sizeof(bptm_real) == sizeof(float) ? (bptm_real)sqrtf((float)(x)) : (bptm_real)sqrt((double)(x)))

#endif
