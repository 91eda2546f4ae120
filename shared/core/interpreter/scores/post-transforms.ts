export const POST_TRANSFORMS = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'] as const;
export type PostTransform = (typeof POST_TRANSFORMS)[number];

/**
 * What follows the sums of ai.onnx.ml's trees and linear models, in float32 step by step as onnxruntime computes it
 * (https://github.com/microsoft/onnxruntime, onnxruntime/core/providers/cpu/ml/ml_common.h).
 */

const { abs, exp, fround, log, sqrt, PI, SQRT2 } = Math;

export const logistic = (value: number): number => {
  const positive = fround(1 / fround(1 + fround(exp(-abs(fround(value))))));
  return value < 0 ? fround(1 - positive) : positive;
};

/** The inverse of the normal distribution by Winitzki's approximation of the inverse error function. */
export const probit = (value: number): number => {
  const x = fround(fround(2 * fround(value)) - 1);
  const logarithm = fround(log(fround(fround(1 - x) * fround(1 + x))));
  const a = fround(0.147);
  const v = fround(fround(2 / fround(fround(PI) * a)) + fround(0.5 * logarithm));
  const v2 = fround(fround(1 / a) * logarithm);
  const v3 = fround(-v + fround(sqrt(fround(fround(v * v) - v2))));
  const root = fround(sqrt(v3));
  return fround(fround(SQRT2) * (x < 0 ? -root : root));
};

const LOWEST = -3.4028234663852886e38;

const largestOf = (scores: ArrayLike<number>): number => {
  let largest = LOWEST;
  for (let i = 0; i < scores.length; i++) {
    const score = fround(scores[i] as number);
    if (score > largest) largest = score;
  }
  return largest;
};

type Scores = Float32Array | Float64Array;

const softmax = (scores: Scores): void => {
  const largest = largestOf(scores);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = fround(exp(fround(fround(scores[i] as number) - largest)));
    sum = fround(sum + (scores[i] as number));
  }
  for (let i = 0; i < scores.length; i++) scores[i] = fround((scores[i] as number) / sum);
};

/** Softmax that leaves zeros out: they stand for classes without a vote. */
const softmaxZero = (scores: Scores): void => {
  const NEGLIGIBLE = fround(0.0000001);
  const largest = largestOf(scores);
  const scale = fround(exp(-largest));
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = fround(scores[i] as number);
    if (abs(score) > NEGLIGIBLE) {
      scores[i] = fround(exp(fround(score - largest)));
      sum = fround(sum + (scores[i] as number));
    } else {
      scores[i] = (scores[i] as number) * scale;
    }
  }
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] as number) / sum;
};

/** Of two or more scores, in place. */
export const transformScores = (scores: Scores, transform: PostTransform): void => {
  if (transform === 'SOFTMAX') softmax(scores);
  else if (transform === 'SOFTMAX_ZERO') softmaxZero(scores);
  else if (transform === 'LOGISTIC') for (let i = 0; i < scores.length; i++) scores[i] = logistic(scores[i] as number);
  else if (transform === 'PROBIT') for (let i = 0; i < scores.length; i++) scores[i] = probit(scores[i] as number);
};
