import { hash } from 'node:crypto';
import { timeOrderedId } from '../../shared/kernel/time-ordered-id.ts';
import type { Clock } from '../../shared/ports/clock.ts';

/** The id of a request's row that the caller gave none. */
export type PredictionIdOf = (requestId: string, index: number) => string;

/** It carries its time, so that the hour of its capture is known by it alone. */
export const createPredictionId =
  (clock: Clock): PredictionIdOf =>
  (requestId, index) =>
    timeOrderedId(clock.nowMs(), hash('sha256', `${requestId}#${index}`, 'buffer'));
