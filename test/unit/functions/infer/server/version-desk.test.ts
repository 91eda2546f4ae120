import { expect, test } from 'vitest';
import { createVersionDesk } from '../../../../../functions/infer/server/version-desk.ts';
import { NotFoundError, UnavailableError } from '../../../../../shared/kernel/errors.ts';
import type { DescribedModel } from '../../../../../shared/ports/model-source.ts';

const described = (version: string): DescribedModel => ({ model: 'm', version, key: `m@${version}`, sizeBytes: 1 });

/** A source whose answers are set, and a clock that is. */
const bench = (answer: () => Promise<DescribedModel>) => {
  const asked: string[] = [];
  const state = { nowMs: 0, answer };
  const desk = createVersionDesk(
    {
      describe: (model, version) => {
        asked.push(`${model} ${version ?? ''}`);
        return state.answer();
      },
    },
    () => state.nowMs,
  );
  return { asked, state, desk };
};

test('the source is asked once for all who want to know at a time, and again after a while', async () => {
  const { asked, state, desk } = bench(async () => described('1'));
  await Promise.all([desk.describe('m'), desk.describe('m'), desk.describe('m')]);
  expect(asked).toHaveLength(1);

  state.nowMs = 5_500;
  state.answer = async () => described('2');
  expect((await desk.describe('m')).version).toBe('2');
});

test('while the source cannot be asked, what stood before serves on', async () => {
  const { asked, state, desk } = bench(async () => described('1'));
  await desk.describe('m');
  state.nowMs = 5_500;
  state.answer = () => Promise.reject(new UnavailableError('no table'));
  await expect(desk.describe('m')).rejects.toThrow('no table');

  expect((await desk.describe('m')).version).toBe('1');
  expect(asked).toHaveLength(2);
});

test('a name that is not there is not asked for again at once, and found once it is there', async () => {
  const { asked, state, desk } = bench(() => Promise.reject(new NotFoundError('no such model')));
  await expect(desk.describe('m')).rejects.toThrow('no such model');
  await expect(desk.describe('m')).rejects.toThrow('no such model');
  expect(asked).toHaveLength(1);

  state.nowMs = 1_100;
  state.answer = async () => described('1');
  expect((await desk.describe('m')).version).toBe('1');
});

test('a name that nobody could have given is not asked for', async () => {
  const { asked, desk } = bench(async () => described('1'));
  await expect(desk.describe('m'.repeat(300))).rejects.toThrow('names have at most 256 characters');
  expect(asked).toEqual([]);
});
