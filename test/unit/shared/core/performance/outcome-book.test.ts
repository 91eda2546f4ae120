import { describe, expect, it } from 'vitest';
import {
  type LabelFact,
  labelWindows,
  type OutcomeDay,
  openOutcomeBook,
  type PredictionFact,
  settleDay,
} from '../../../../../shared/core/performance/index.ts';
import { labelCorrections, type SettledRow } from '../../../../../shared/core/performance/settled-day.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const START_MS = Date.UTC(2001, 1, 1);
const HORIZON_DAYS = 3;
const NEVER_MS = START_MS + 100 * DAY_MS;
const settings = { fromMs: START_MS, most: 10_000 };

type Line =
  | { readonly kind: 'prediction'; readonly id: string; readonly fact: PredictionFact }
  | { readonly kind: 'label'; readonly id: string; readonly fact: LabelFact };

const prediction = (id: string, hours: number, version = 1): Line => ({
  kind: 'prediction',
  id,
  fact: { atMs: START_MS + hours * HOUR_MS, version, output: 0.5, slices: [], groups: {} },
});

const label = (id: string, value: number, knownHours: number, receivedHours: number): Line => ({
  kind: 'label',
  id,
  fact: {
    label: value,
    knownAtMs: START_MS + knownHours * HOUR_MS,
    receivedAtMs: START_MS + receivedHours * HOUR_MS,
  },
});

const take = (stored: readonly OutcomeDay[], lines: readonly Line[]): readonly OutcomeDay[] => {
  const book = openOutcomeBook(stored, settings);
  for (const line of lines) {
    if (line.kind === 'prediction') book.takePrediction(line.id, line.fact);
    else book.takeLabel(line.id, line.fact);
  }
  // Stored and read again, as between two checks.
  return JSON.parse(JSON.stringify(book.days())) as readonly OutcomeDay[];
};

const settle = (days: readonly OutcomeDay[], asOfMs = NEVER_MS) =>
  days.map((day) => settleDay(day, { asOfMs, horizonDays: HORIZON_DAYS }));

const withoutEmpty = (days: readonly OutcomeDay[]): readonly OutcomeDay[] =>
  days.filter(({ rows, strays }) => rows.length + strays.length > 0);

/** Few ids and hours, so that lines meet: answers of the same id, labels that agree, contradict, and belong to nobody. */
const anId = fc.integer({ min: 0, max: 7 }).map((i) => `p${i}`);
const aLine: fc.Arbitrary<Line> = fc.oneof(
  fc
    .tuple(anId, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 2 }))
    .map(([id, hours, version]) => prediction(id, hours, version)),
  fc
    .tuple(anId, fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 200 }))
    .map(([id, value, known, received]) => label(id, value, known, received)),
);
const lines = fc.array(aLine, { maxLength: 40 });
/** Where a check stops, fails, or is run again: lines are cut into runs that overlap. */
const faults = fc.record({
  order: fc.infiniteStream(fc.nat()),
  cuts: fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
  repeats: fc.boolean(),
});

const shuffled = (all: readonly Line[], order: Iterator<number>): readonly Line[] =>
  all
    .map((line) => ({ line, key: order.next().value as number }))
    .sort((a, b) => a.key - b.key)
    .map(({ line }) => line);

/** By when it became known, then by when it was received. */
const byTruth = (a: LabelFact, b: LabelFact): number =>
  a.knownAtMs - b.knownAtMs || a.receivedAtMs - b.receivedAtMs || a.label - b.label;

const heardInTime = (all: readonly Line[], id: string, day: string): readonly LabelFact[] =>
  all
    .filter((line) => line.kind === 'label' && line.id === id)
    .map((line) => line.fact as LabelFact)
    .filter(({ receivedAtMs }) => receivedAtMs < Date.parse(day) + (1 + HORIZON_DAYS) * DAY_MS);

const expectSettled = ({ settled }: SettledRow, heard: readonly LabelFact[]): void => {
  const { changes, repeatedCount, label: standing } = settled;
  expect(standing?.label).toBe(heard.toSorted(byTruth).at(-1)?.label);
  // From the first label on, changes lead to the one that stands.
  expect(changes.at(-1)?.to.label).toBe(changes.length === 0 ? undefined : standing?.label);
  expect(changes.slice(1).map(({ from }) => from.label)).toEqual(changes.slice(0, -1).map(({ to }) => to.label));
  const distinct = new Set(heard.map((fact) => JSON.stringify(fact))).size;
  expect(changes.length + repeatedCount + (standing === undefined ? 0 : 1)).toBe(distinct);
};

describe('openOutcomeBook', () => {
  it('comes to the same whatever the order of lines, however often they are read, and wherever a check stops', () => {
    fc.assert(
      fc.property(lines, faults, (all, { order, cuts, repeats }) => {
        const whole = take([], all);

        const mixed = shuffled(repeats ? [...all, ...all] : all, order[Symbol.iterator]());
        let days: readonly OutcomeDay[] = [];
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), mixed.length]) {
          // The run before may have been cut off after it had read some of these.
          days = take(days, mixed.slice(Math.max(0, from - 5), cut));
          from = Math.max(from, cut);
        }
        days = take(days, mixed);

        expect(withoutEmpty(days)).toEqual(withoutEmpty(whole));
      }),
      { numRuns: 300 },
    );
  });

  it('has each prediction, and its label, in exactly one window: the hour of its earliest answer', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const settled = settle(take([], all));

        const rows = settled.flatMap((day) => day.rows);
        const ids = rows.map(({ predictionId }) => predictionId);
        expect(new Set(ids).size).toBe(ids.length);
        const predicted = new Set(all.filter(({ kind }) => kind === 'prediction').map(({ id }) => id));
        expect(new Set(ids)).toEqual(predicted);
        const windows = labelWindows(settled);
        expect(windows.reduce((sum, window) => sum + window.predictionCount, 0)).toBe(predicted.size);
        for (const row of rows) {
          const times = all.flatMap((line) =>
            line.kind === 'prediction' && line.id === row.predictionId ? [line.fact.atMs] : [],
          );
          expect(row.atMs).toBe(Math.min(...times));
        }
        const labelled = rows.filter(({ settled: { label: found } }) => found !== undefined).length;
        expect(windows.reduce((sum, window) => sum + window.labelledCount, 0)).toBe(labelled);
      }),
    );
  });

  it('takes the newest truth that came in time, and has every change on record', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const settled = settle(take([], all));

        for (const { day, rows } of settled)
          for (const row of rows) expectSettled(row, heardInTime(all, row.predictionId, day));
      }),
    );
  });

  it('keeps a label that nobody asked for with the day of its receipt, and never counts it in a window', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const days = take([], all);

        const predicted = new Set(all.filter(({ kind }) => kind === 'prediction').map(({ id }) => id));
        const orphans = new Set(
          all.flatMap((line) =>
            line.kind === 'label' && !predicted.has(line.id)
              ? [`${line.id} ${line.fact.label} ${line.fact.knownAtMs} ${line.fact.receivedAtMs}`]
              : [],
          ),
        );
        const kept = days.flatMap(({ strays }) =>
          strays.map((one) => `${one.predictionId} ${one.label} ${one.knownAtMs} ${one.receivedAtMs}`),
        );
        expect(kept).toHaveLength(orphans.size);
        expect(new Set(kept)).toEqual(orphans);
        for (const { day, strays } of days)
          for (const { receivedAtMs } of strays) expect(utcDay(receivedAtMs)).toBe(day);
      }),
    );
  });

  it('joins a label that came before its prediction', () => {
    const early = take([], [label('a', 1, 1, 2)]);

    const joined = take(early, [prediction('a', 0)]);

    expect(early[0]?.strays).toHaveLength(1);
    expect(joined[0]?.strays).toEqual([]);
    expect(settle(joined)[0]?.rows[0]?.settled.label?.label).toBe(1);
  });

  it('records a correction with both labels, their window and both times', () => {
    const days = take([], [prediction('a', 5.5), label('a', 0, 6, 7), label('a', 1, 8, 9), label('a', 1, 8, 10)]);

    expect(labelCorrections(settle(days))).toEqual([
      {
        predictionId: 'a',
        window: isoTime(START_MS + 5 * HOUR_MS),
        from: 0,
        to: 1,
        knownAt: isoTime(START_MS + 8 * HOUR_MS),
        receivedAt: isoTime(START_MS + 9 * HOUR_MS),
      },
    ]);
    expect(settle(days)[0]?.rows[0]?.settled.repeatedCount).toBe(1);
  });

  it('leaves a label out that came after its window closed, and says so', () => {
    const inTime = 24 * (1 + HORIZON_DAYS) - 1;
    const days = take([], [prediction('a', 0), label('a', 0, 1, inTime), label('a', 1, 2, inTime + 1)]);

    expect(settle(days)[0]?.rows[0]?.settled).toMatchObject({ label: { label: 0 }, tooLateCount: 1, changes: [] });
  });

  it('does not take what is of a closed day', () => {
    const book = openOutcomeBook([], settings);

    book.takePrediction('old', { atMs: START_MS - 1, version: 1, output: 0.5, slices: [], groups: {} });
    book.takeLabel('old', { label: 1, knownAtMs: START_MS - 2, receivedAtMs: START_MS - 1 });

    expect(book.days()).toEqual([]);
  });

  it('says which days hold other than what was opened', () => {
    const stored = take([], [prediction('a', 0), prediction('b', 30), label('c', 1, 1, 50)]);
    const book = openOutcomeBook(stored, settings);

    const line = prediction('a', 0);
    if (line.kind === 'prediction') book.takePrediction(line.id, line.fact);
    expect(book.changedDays()).toEqual([]);
    book.takeLabel('b', { label: 1, knownAtMs: START_MS, receivedAtMs: START_MS + 40 * HOUR_MS });

    expect(book.changedDays().map(({ day }) => day)).toEqual(['2001-02-02']);
  });

  it('follows a part of a large day, the same ids in any order, and no label of the others', () => {
    const all = Array.from({ length: 200 }, (_, i) => [prediction(`p${i}`, i / 10), label(`p${i}`, 1, 30, 40)]).flat();
    const keep = (some: readonly Line[]): readonly OutcomeDay[] => {
      const book = openOutcomeBook([], { fromMs: START_MS, most: 50 });
      for (const line of some) {
        if (line.kind === 'prediction') book.takePrediction(line.id, line.fact);
        else book.takeLabel(line.id, line.fact);
      }
      return book.days();
    };

    const days = keep(all);

    expect(days[0]?.rows.length).toBeLessThanOrEqual(50);
    expect(days[0]?.followedShare).toBeLessThan(1);
    expect(days[0]?.rows.every(({ labels }) => labels.length === 1)).toBe(true);
    expect(days.flatMap(({ strays }) => strays)).toEqual([]);
    expect(keep(all.toReversed()).find(({ day }) => day === '2001-02-01')).toEqual(days[0]);
  });
});
