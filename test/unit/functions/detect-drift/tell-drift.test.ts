import { expect, it } from 'vitest';
import { tellDrift } from '../../../../functions/detect-drift/tell-drift.ts';
import type { DriftReport } from '../../../../shared/contracts/drift-report.ts';

const LIMITS = { windowDays: 7, minRows: 500, predictionPsiLimit: 0.2 };
const psiOf = (values: Readonly<Record<string, number>>): DriftReport['comparison'] => ({
  columns: Object.entries(values).map(([name, psi]) => ({ name, psi, missingShare: 0, outOfRangeShare: 0 })),
  predictionPsi: 0.3,
  referencePredictionMean: 0.2,
  featurePsiMax: 0,
  missingShareMax: 0,
  outOfRangeShareMax: 0,
});

it('names the features and slices that contribute most', () => {
  const decision = {
    columns: [
      { name: 'wind', share: 0.614, pValue: 0 },
      { name: 'hour', share: 0.2, pValue: 0 },
      { name: 'zone', share: 0.1, pValue: 0 },
      { name: 'rest', share: 0.086, pValue: 0 },
    ],
    slices: [{ name: 'winter', share: 1, pValue: 0 }],
  } as unknown as DriftReport['decision'];

  const told = tellDrift({ reason: '5.1 deviations', decision, comparison: psiOf({ wind: 3 }), limits: LIMITS });

  expect(told).toBe('5.1 deviations; most in wind (61 %), hour (20 %), zone (10 %); by slice winter (100 %)');
});

it('names on the floor the features that are farthest from the reference, and none that is near', () => {
  const decision = { columns: [], slices: [] };
  const tell = (values: Readonly<Record<string, number>>) =>
    tellDrift({ reason: 'PSI 0.31', decision, comparison: psiOf(values), limits: LIMITS });

  expect(tell({ wind: 0.21, hour: 0.19, zone: 1.234 })).toBe('PSI 0.31; most in zone (PSI 1.2), wind (PSI 0.21)');
  expect(tell({ wind: 0.1 })).toBe('PSI 0.31');
});
