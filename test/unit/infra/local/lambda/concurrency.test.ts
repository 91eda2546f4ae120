import { expect, onTestFinished, test } from 'vitest';
import { createConcurrency } from '../../../../../infra/local/lambda/concurrency.ts';
import { createFunctionStore } from '../../../../../infra/local/lambda/function-store.ts';
import type { FunctionRecord } from '../../../../../infra/local/lambda/records.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';

const start = async (accountConcurrency: number) => {
  const local = await startLocalService([]);
  onTestFinished(() => local.stop());
  const store = createFunctionStore(local.store, local.context);
  for (const name of ['a', 'b']) store.functions.put(name, { name, policy: [] } as unknown as FunctionRecord);
  return createConcurrency({ store, accountConcurrency });
};

const reasonOf = (begin: () => unknown): unknown => {
  try {
    begin();
    return undefined;
  } catch (error) {
    return (error as { readonly extra: Readonly<Record<string, unknown>> }).extra.Reason;
  }
};

test('functions without a reservation share what reservations leave of the account', async () => {
  const concurrency = await start(102);
  concurrency.reserve('a', 2);

  for (let count = 0; count < 100; count += 1) concurrency.begin('b');

  expect(reasonOf(() => concurrency.begin('b'))).toBe('ConcurrentInvocationLimitExceeded');
  expect(reasonOf(() => concurrency.begin('a'))).toBeUndefined();
  expect(concurrency.account()).toEqual({ limit: 102, unreserved: 100 });
});

test('a reservation is a limit too, which an end makes room under', async () => {
  const concurrency = await start(1_000);
  concurrency.reserve('a', 1);

  const end = concurrency.begin('a');
  const refused = reasonOf(() => concurrency.begin('a'));
  end();

  expect(refused).toBe('ReservedFunctionConcurrentInvocationLimitExceeded');
  expect(reasonOf(() => concurrency.begin('a'))).toBeUndefined();
});

test('a reservation is given back when it is taken away', async () => {
  const concurrency = await start(101);
  concurrency.reserve('a', 1);

  expect(() => concurrency.reserve('b', 1)).toThrow('below its minimum value of [100]');
  concurrency.reserve('a', undefined);
  expect(() => concurrency.reserve('b', 1)).not.toThrow();
});
