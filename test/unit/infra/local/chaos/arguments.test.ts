import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../../../infra/local/chaos/arguments.ts';

describe('the arguments of npm run chaos', () => {
  it('are twenty seeds on two processes unless told otherwise', () => {
    expect(readArguments([])).toEqual({
      firstSeed: 1,
      seedCount: 20,
      workerCount: 2,
      survey: false,
      canaryDay: false,
      hours: 24,
      shrink: true,
      help: false,
    });
  });

  it('take one seed with the plan to play it under', () => {
    expect(readArguments(['--seed', '7', '--plan', 'plan.json', '--no-shrink'])).toMatchObject({
      firstSeed: 7,
      seedCount: 1,
      plan: 'plan.json',
      shrink: false,
    });
  });

  it('take a day of canaries as one seed of 24 hours', () => {
    expect(readArguments(['--canary-day'])).toMatchObject({ canaryDay: true, seedCount: 1, hours: 24 });
    expect(readArguments(['--canary-day', '--seed', '3', '--hours', '3'])).toMatchObject({ firstSeed: 3, hours: 3 });
  });

  it.each([
    [['--hours', '5'], /--hours needs --canary-day/],
    [['--canary-day', '--hours', '2'], /--hours must be a whole number from 3/],
    [['--canary-day', '--workers', '2'], /--workers has no meaning with --canary-day/],
    [['--canary-day', '--survey'], /--survey has no meaning with --canary-day/],
    [['--seed', '1', '--seeds', '2'], /--seed stands alone/],
    [['--plan', 'a.json'], /--plan needs the --seed/],
    [['--seeds', '0'], /--seeds must be a whole number from 1/],
    [['--plant', 'nothing'], /--plant must be one of drop-condition, swallow-retry, alias-first/],
    [['--sed', '1'], /Unknown option/],
  ])('%j is refused by name', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(message);
  });
});
