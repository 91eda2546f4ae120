import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStateStore } from '../../../../infra/local/state-store.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keeps documents over a reopening, in key order', () => {
  const first = openStateStore({ folder });
  const names = first.table<{ n: number }>('names');
  names.put('b', { n: 2 });
  names.put('a', { n: 1 });
  names.put('a', { n: 3 });
  first.close();

  const second = openStateStore({ folder });

  expect(second.table('names').entries()).toEqual([
    ['a', { n: 3 }],
    ['b', { n: 2 }],
  ]);
  second.close();
});

test('lists by prefix without taking its characters for patterns', () => {
  const store = openStateStore({ folder, inMemory: true });
  const table = store.table<number>('t');
  for (const key of ['a%/1', 'a%/2', 'ab/1', 'a%']) table.put(key, 1);

  expect(table.entries('a%/').map(([key]) => key)).toEqual(['a%/1', 'a%/2']);
  store.close();
});

test('undoes a transaction that throws, and only the inner one when its failure is caught', () => {
  const store = openStateStore({ folder, inMemory: true });
  const table = store.table<number>('t');
  store.transaction(() => {
    table.put('outer', 1);
    try {
      store.transaction(() => {
        table.put('inner', 1);
        throw new Error('inner');
      });
    } catch {
      table.put('caught', 1);
    }
  });
  const failing = (): void =>
    store.transaction(() => {
      table.delete('outer');
      throw new Error('whole');
    });

  expect(failing).toThrow('whole');
  expect(table.entries().map(([key]) => key)).toEqual(['caught', 'outer']);
  store.close();
});
