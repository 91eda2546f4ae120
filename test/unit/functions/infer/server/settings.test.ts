import { expect, test } from 'vitest';
import { readSettings } from '../../../../../functions/infer/server/settings.ts';

const MACHINE = { processors: 4, memoryBytes: 2 ** 30, sharesPort: true };

test('by default a thread of each kind for each processor, half the memory for models, and only this machine may call', () => {
  expect(readSettings({}, MACHINE)).toMatchObject({
    host: '127.0.0.1',
    port: 8_080,
    httpThreads: 4,
    runnerThreads: 4,
    modelBudgetBytes: 2 ** 29,
  });
});

test('where threads cannot share a port, one answers', () => {
  expect(readSettings({ HTTP_THREADS: '3' }, { ...MACHINE, sharesPort: false }).httpThreads).toBe(1);
});

test.each([
  ['PORT', '80800', 'PORT must be an integer in [0, 65535], got "80800"'],
  ['HTTP_THREADS', '0', 'HTTP_THREADS must be an integer in [1, 64], got "0"'],
  ['MODEL_BUDGET_MB', 'many', 'MODEL_BUDGET_MB must be an integer in [1, 1048576], got "many"'],
  ['MAX_BODY_BYTES', '1.5', 'MAX_BODY_BYTES must be an integer in [1024, 268435456], got "1.5"'],
])('refuses %s of %s', (name, value, message) => {
  expect(() => readSettings({ [name]: value }, MACHINE)).toThrow(message);
});
