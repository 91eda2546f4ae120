import { expect, it } from 'vitest';
import { matchesError } from '../../../../../infra/local/states/failure.ts';
import { evaluateTemplate, type QueryEnvironment } from '../../../../../infra/local/states/query/evaluate.ts';
import { retryDelayMs } from '../../../../../infra/local/states/run/guard.ts';

const environment: QueryEnvironment = {
  nowMs: () => Date.UTC(2001, 1, 3, 4, 5, 6),
  random: () => 0.25,
  newId: () => 'id',
};
const evaluate = (source: string): Promise<unknown> =>
  evaluateTemplate(`{% ${source} %}`, 'Output', {
    states: { input: { a: [1, 2, 3] } },
    variables: { x: 5 },
    environment,
  });

it.each<readonly [string, unknown]>([
  ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
  ['$range(1, 9, 2)', [1, 3, 5, 7, 9]],
  ['$range(3, 1, -1)', [3, 2, 1]],
  ["$hash('Hello', 'MD5')", '8b1a9953c4611296a827abf8c47804d7'],
  ["$hash('', 'SHA-256')", 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['$random()', 0.25],
  ['$random(7) = $random(7)', true],
  ['$uuid()', 'id'],
  [`$parse('{"a":[1]}').a[0]`, 1],
  ['$now()', '2001-02-03T04:05:06.000Z'],
  ["$now('[Y0001]-[M01]-[D01]', '+0100')", '2001-02-03'],
  ['$millis()', Date.UTC(2001, 1, 3, 4, 5, 6)],
  ['$x + $sum($states.input.a)', 11],
  ['$states.input.a[$ > 1]', [2, 3]],
  ["{'kept': 1, 'absent': $states.input.nothing}", { kept: 1 }],
])('%s', async (source, value) => {
  expect(await evaluate(source)).toEqual(value);
});

it.each([
  '$eval("1")',
  '$range(1, 5000, 1)',
  "$hash('a', 'CRC')",
  '$partition([1], 0)',
  '1 / 0',
  'function($x) { $x }',
  '( $f := function($n) { 1 + $f($n) }; $f(1) )',
])('refuses %s with States.QueryEvaluationError', async (source) => {
  await expect(evaluate(source)).rejects.toMatchObject({ errorName: 'States.QueryEvaluationError' });
});

it.each<readonly [string, string, boolean]>([
  ['States.ALL', 'MyError', true],
  ['States.ALL', 'States.Timeout', true],
  ['States.ALL', 'States.Runtime', false],
  ['States.ALL', 'States.DataLimitExceeded', false],
  ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
  ['States.TaskFailed', 'MyError', true],
  ['States.TaskFailed', 'States.Timeout', false],
  ['States.Timeout', 'States.HeartbeatTimeout', true],
  ['States.HeartbeatTimeout', 'States.Timeout', false],
  ['MyError', 'MyErrorToo', false],
])('%s matching %s is %s', (pattern, error, matches) => {
  expect(matchesError([pattern], error)).toBe(matches);
});

it('backs off from one second by two, caps the delay, and draws jitter from the whole of it', () => {
  const delays = (retrier: object): readonly number[] =>
    [0, 1, 2, 3].map((made) => retryDelayMs({ ErrorEquals: ['E'], ...retrier }, made, () => 0.5));

  expect(delays({})).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(delays({ IntervalSeconds: 3, BackoffRate: 1.5, MaxDelaySeconds: 5 })).toEqual([3_000, 4_500, 5_000, 5_000]);
  expect(delays({ JitterStrategy: 'FULL' })).toEqual([500, 1_000, 2_000, 4_000]);
});
