import { describe, expect, it } from 'vitest';
import { shadowRoute } from '../../../../functions/platform-api/shadow-route.ts';
import { createMemoryShadowDays } from '../../../../shared/adapters/memory/shadow-days.ts';
import type { ModelVersion } from '../../../../shared/core/registry/index.ts';
import { NotFoundError } from '../../../../shared/kernel/errors.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const open = async ({ declared = true, serving = 1 as number | 'none' } = {}) => {
  const shadowDays = createMemoryShadowDays();
  const losses = { rowCount: 500, meanDifference: -0.1, sumOfSquares: 5, championLoss: 0.6, challengerLoss: 0.5 };
  for (let day = 1; day <= 8; day += 1)
    await shadowDays.putIfAbsent({
      model: 'toy',
      challenger: 2,
      champion: 1,
      day: `2001-02-0${day}`,
      ...losses,
      computedAtMs: day,
    });
  const deployment = declared ? { shadow: { labelDelayDays: 1 } } : {};
  const { handle } = shadowRoute({
    definitions: new Map([['toy', benchDefinition({ deployment })]]),
    shadowDays,
    registry: {
      getDeployment: async () => (serving === 'none' ? undefined : { version: serving }),
      getVersion: async (_model: string, version: number) => {
        if (version > 3) throw new NotFoundError(`version ${version} of toy does not exist`);
        return {} as ModelVersion;
      },
    } as unknown as Parameters<typeof shadowRoute>[0]['registry'],
  });
  return async (version: string, query: Readonly<Record<string, string>> = {}) => {
    const answer = await handle({ query } as Parameters<typeof handle>[0], { model: 'toy', version });
    return JSON.parse(String(answer.body)) as Record<string, unknown>;
  };
};

describe('what paired scoring says of a version', () => {
  it('is told beside the version in service, with every day', async () => {
    const ask = await open();

    const answer = await ask('2');

    expect(answer).toMatchObject({ challenger: 2, champion: 1, decide: 'report', decision: 'better', dayCount: 8 });
    expect(answer.days).toHaveLength(8);
  });

  it('is told beside any other', async () => {
    const ask = await open({ serving: 2 });

    expect(await ask('2', { against: '1' })).toMatchObject({ champion: 1, decision: 'better' });
    expect(await ask('3')).toMatchObject({ champion: 2, decision: 'not enough evidence', days: [] });
  });

  it.each([
    [
      '2',
      {},
      { declared: false },
      'InvalidStateError',
      'model toy compares no versions: its definition has no deployment.shadow',
    ],
    [
      '2',
      {},
      { serving: 'none' },
      'InvalidStateError',
      'no version of toy is in service: ?against= must name the version to compare with',
    ],
    ['1', {}, {}, 'InvalidRequestError', 'version 1 of toy cannot be compared with itself: ?against= another'],
    ['9', {}, {}, 'NotFoundError', 'version 9 of toy does not exist'],
    ['2', { against: '0' }, {}, 'InvalidRequestError', 'must be a whole number of at least 1'],
  ] as const)('is refused for version %s with %j of a model %j', async (version, query, model, name, message) => {
    const ask = await open(model);

    await expect(ask(version, query)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });
});
