import { describe, expect, it } from 'vitest';
import { refuseByBudget } from '../../../../functions/request-training/refuse-by-budget.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const NOW_MS = Date.UTC(2001, 1, 17, 6);
const ASKED = { model: 'toy', requestKey: 'asked', requestedAtMs: NOW_MS };

const open = (retraining: object) => {
  const { registry } = createMemoryRegistry();
  const definitions = new Map([['toy', benchDefinition({ retraining })]]);
  const began = (runId: string, startedAtMs: number, costUsd?: number) =>
    registry.startRun({
      ...{ model: 'toy', runId, executionArn: 'arn', cause: {}, startedAtMs },
      ...(costUsd === undefined ? {} : { costUsd }),
    });
  return { began, ask: () => refuseByBudget({ definitions, registry }, ASKED) };
};

describe('refuseByBudget', () => {
  it('counts what the month’s runs have on record, those without an estimate as another run, and no other month’s', async () => {
    const { began, ask } = open({ budgetPerMonth: 2.5, costPerRun: 1 });
    await began('january', Date.UTC(2001, 0, 31), 100);
    await began('first', Date.UTC(2001, 1, 2), 0.5);
    expect(await ask()).toBeUndefined();

    await began('second', Date.UTC(2001, 1, 3));
    expect(await ask()).toBeUndefined();

    await began('third', Date.UTC(2001, 1, 4), 0.5);
    expect(await ask()).toEqual({
      reason: expect.stringContaining('2.00 $ of 2.50 $'),
      monthEndsAtMs: Date.UTC(2001, 2, 1),
    });
  });

  it('reads page after page, back to the month’s begin', async () => {
    const { began, ask } = open({ budgetPerMonth: 250, costPerRun: 1 });
    for (let run = 0; run < 250; run += 1) await began(`run-${run}`, Date.UTC(2001, 1, 1) + run, 1);

    expect(await ask()).toMatchObject({ reason: expect.stringContaining('250 $ of 250 $') });
  });

  it('does not count a request’s own run against it', async () => {
    const { began, ask } = open({ budgetPerMonth: 1.5, costPerRun: 1 });
    await began('asked', NOW_MS, 1);

    expect(await ask()).toBeUndefined();
  });

  it('refuses nothing where no budget is declared', async () => {
    const { began, ask } = open({ costPerRun: 1 });
    await began('first', NOW_MS - DAY_MS, 1_000_000);

    expect(await ask()).toBeUndefined();
  });
});
