import { expect, it } from 'vitest';
import { createLineSample } from '../../../../functions/judge-canary/line-sample.ts';
import type { CapturedLine } from '../../../../shared/core/deployment/index.ts';

const line = (unit: number, place: number): CapturedLine => ({
  kind: 'prediction',
  predictionId: `p-${unit}-${place}`,
  atMs: place,
  version: unit % 2,
  latencyMs: 1,
  assignment: { unit: `unit-${unit}`, probability: 0.5 },
});

it('keeps all lines while they fit', () => {
  const sample = createLineSample(10);
  for (let i = 0; i < 10; i += 1) sample.add(line(i, 0));

  expect(sample.taken()).toMatchObject({ leftOutCount: 0 });
  expect(sample.taken().lines).toHaveLength(10);
});

it('keeps whole units of more, in bounds, whatever the order and the version', () => {
  const sample = createLineSample(500);
  for (let place = 0; place < 4; place += 1) for (let unit = 0; unit < 1_000; unit += 1) sample.add(line(unit, place));

  const { lines, leftOutCount } = sample.taken();
  const perUnit = new Map<string, number>();
  for (const { assignment } of lines) {
    const unit = assignment?.unit ?? '';
    perUnit.set(unit, (perUnit.get(unit) ?? 0) + 1);
  }
  expect(lines.length).toBeLessThanOrEqual(500);
  expect(lines.length).toBeGreaterThan(200);
  expect(lines.length + leftOutCount).toBe(4_000);
  expect(new Set(perUnit.values())).toEqual(new Set([4]));
  expect(lines.filter(({ version }) => version === 0).length / lines.length).toBeCloseTo(0.5, 0);
});
