import { expect, test } from 'vitest';
import { createPredictionIds } from '../../../../../functions/infer/server/prediction-ids.ts';
import { timeOfId } from '../../../../../shared/kernel/time-ordered-id.ts';

const atMs = Date.UTC(2001, 1, 17);

test('each row of each request has an id of its own, which tells its time', () => {
  const { requestId, predictionId } = createPredictionIds({ nowMs: () => atMs });
  const requests = [requestId(), requestId(), requestId()];
  const ids = requests.flatMap((request) => Array.from({ length: 2_000 }, (_, row) => predictionId(request, row)));

  expect(new Set(ids).size).toBe(6_000);
  expect(ids.every((id) => timeOfId(id) === atMs)).toBe(true);
});

test('the same row of the same request has the same id', () => {
  const { requestId, predictionId } = createPredictionIds({ nowMs: () => atMs });
  const [one, other] = [requestId(), requestId()];
  const id = predictionId(one, 5);
  predictionId(other, 5);

  expect(predictionId(one, 5)).toBe(id);
});
