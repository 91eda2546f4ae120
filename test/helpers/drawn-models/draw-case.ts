import { drawBinary, drawCast, drawClip, drawLogical, drawPow, drawUnary, drawWhere } from './draw-elementwise.ts';
import { drawFeature } from './draw-features.ts';
import { drawMove } from './draw-moves.ts';
import { drawAlongAxis, drawGemm, drawLinear, drawMatMul, drawNormalization, drawReduce } from './draw-numeric.ts';
import { drawTreeClassifier, drawTreeRegressor } from './draw-trees.ts';
import type { DrawnCase } from './drawn-case.ts';
import { createDraws, type Draws } from './draws.ts';

/** As often as they stand here. */
const KINDS: readonly ((draws: Draws) => DrawnCase)[] = [
  drawTreeRegressor,
  drawTreeRegressor,
  drawTreeRegressor,
  drawTreeRegressor,
  drawTreeClassifier,
  drawTreeClassifier,
  drawTreeClassifier,
  drawFeature,
  drawFeature,
  drawFeature,
  drawLinear,
  drawUnary,
  drawUnary,
  drawBinary,
  drawBinary,
  drawLogical,
  drawPow,
  drawWhere,
  drawClip,
  drawCast,
  drawMove,
  drawMove,
  drawMove,
  drawReduce,
  drawAlongAxis,
  drawGemm,
  drawMatMul,
  drawNormalization,
];

export const drawCase = (seed: number): DrawnCase => {
  const draws = createDraws(seed);
  return draws.pick(KINDS)(draws);
};
