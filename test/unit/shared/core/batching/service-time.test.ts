import { expect, test } from 'vitest';
import { createServiceTime } from '../../../../../shared/core/batching/service-time.ts';

test('finds the line that batches of several sizes lie on', () => {
  const time = createServiceTime();
  for (let i = 0; i < 60; i += 1) time.observe(1 + (i % 8), 3 + 0.5 * (1 + (i % 8)));

  expect(time.estimate().fixedMs).toBeCloseTo(3, 1);
  expect(time.estimate().perRowMs).toBeCloseTo(0.5, 1);
});

test('follows a model that became slower', () => {
  const time = createServiceTime();
  for (let i = 0; i < 60; i += 1) time.observe(1 + (i % 8), 3 + 0.5 * (1 + (i % 8)));
  for (let i = 0; i < 300; i += 1) time.observe(1 + (i % 8), 6 + (1 + (i % 8)));

  expect(time.estimate().fixedMs).toBeCloseTo(6, 1);
  expect(time.estimate().perRowMs).toBeCloseTo(1, 1);
});

test('takes batches of one size for half fixed and half by row, and neither part for less than nothing', () => {
  const time = createServiceTime();
  time.observe(4, 8);
  expect(time.estimate()).toEqual({ fixedMs: expect.closeTo(4, 1), perRowMs: expect.closeTo(1, 1) });

  const falling = createServiceTime();
  for (let i = 0; i < 20; i += 1) falling.observe(1 + (i % 2), 5 - (1 + (i % 2)));
  expect(falling.estimate().perRowMs).toBe(0);

  const bent = createServiceTime();
  for (let i = 0; i < 20; i += 1) bent.observe(1 + (i % 2), (1 + (i % 2)) ** 3);
  expect(bent.estimate().fixedMs).toBe(0);
});

test('batches of no rows say nothing of a row, and do not blind it for those that have some', () => {
  const time = createServiceTime();
  for (let i = 0; i < 20; i += 1) time.observe(0, 2);
  expect(time.estimate()).toEqual({ fixedMs: expect.closeTo(2, 6), perRowMs: 0 });

  for (let i = 0; i < 300; i += 1) time.observe(1 + (i % 8), 3 + 0.5 * (1 + (i % 8)));
  expect(time.estimate().fixedMs).toBeCloseTo(3, 1);
  expect(time.estimate().perRowMs).toBeCloseTo(0.5, 1);
});
