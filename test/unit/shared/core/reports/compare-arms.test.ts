import { describe, expect, it } from 'vitest';
import { type ArmLine, armLines } from '../../../../../shared/core/reports/index.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../../shared/kernel/time.ts';
import { drawsOf } from '../../../../helpers/judged-rollouts.ts';

const STARTED = Date.UTC(2026, 10, 20);
const EXPERIMENT = {
  experimentId: 'new',
  startedAtMs: STARTED,
  endedAtMs: STARTED + DAY_MS,
  control: 2,
  arms: [
    { version: 3, share: 2_000 },
    { version: 2, share: 6_000 },
    { version: 4, share: 2_000 },
  ],
};

interface Drawn {
  /** Failures by version. */
  readonly failing: Readonly<Record<number, number>>;
  readonly seed?: number;
  readonly count?: number;
  /** Requests of a unit. */
  readonly visits?: number;
}

/** Lines of drawn units over the day, the control at 60 %. */
const drawLines = ({ failing, seed = 1, count = 6_000, visits = 1 }: Drawn): readonly ArmLine[] => {
  const draw = drawsOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const place = draw();
    const version = place < 0.2 ? 3 : place < 0.8 ? 2 : 4;
    return Array.from({ length: visits }, (_unused, visit): ArmLine => {
      const failed = draw() < (failing[version] ?? 0);
      return {
        kind: failed ? 'failure' : 'prediction',
        predictionId: `p-${index}-${visit}`,
        atMs: STARTED + (index * DAY_MS) / count,
        version,
        ...(failed ? {} : { output: 0.2 }),
        assignment: { unit: `u-${index}` },
      };
    });
  }).flat();
};

const compare = (
  lines: readonly ArmLine[],
  closedMs = STARTED + 2 * DAY_MS,
  experiment: Parameters<typeof armLines>[0] = EXPERIMENT,
) => {
  const arms = armLines(experiment, { outputs: true });
  for (const line of lines) arms.add(line);
  return arms.compare(closedMs);
};
const shownOf = (compared: ReturnType<typeof compare>) =>
  compared.map(({ version, control, evidence }) => ({
    version,
    control,
    shown: evidence.filter(({ shown }) => shown !== undefined).map(({ metric }) => metric),
  }));

describe('the versions of an experiment', () => {
  it('are each compared with the control, and only what differs is shown to', () => {
    expect(shownOf(compare(drawLines({ failing: { 2: 0.02, 3: 0.08, 4: 0.02 } })))).toEqual([
      { version: 3, control: 2, shown: ['errors'] },
      { version: 4, control: 2, shown: [] },
    ]);
  });

  it('are shown to differ where the version is the better one, too', () => {
    const [first] = compare(drawLines({ failing: { 2: 0.09, 3: 0.01, 4: 0.09 } }));

    expect(first?.evidence[0]).toMatchObject({ metric: 'errors', shown: { what: 'worse' } });
    expect(first?.evidence[0]?.last.upper).toBeLessThan(0);
  });

  it('count a unit once however often it comes, and never in two blocks', () => {
    const lines = drawLines({ failing: { 2: 0.1, 3: 0.1, 4: 0.1 }, count: 500, visits: 4 });
    const again = lines.map((line) => ({
      ...line,
      predictionId: `${line.predictionId}-b`,
      atMs: line.atMs + 3 * HOUR_MS,
    }));

    const [first] = compare([...lines, ...again]);

    const units = new Set(lines.filter(({ version }) => version === 3).map(({ assignment }) => assignment?.unit));
    expect(first?.evidence[0]?.last.units.canary).toBe(units.size);
  });

  it('are compared by closed blocks alone, and not at all before the first', () => {
    const lines = drawLines({ failing: {} });
    const [early] = compare(lines, STARTED + 6 * HOUR_MS);
    const last = early?.evidence[0]?.points.at(-1);

    expect(last?.throughMs).toBe(STARTED + 6 * HOUR_MS);
    expect(compare(lines, STARTED + MINUTE_MS)[0]?.evidence).toEqual([]);
  });

  it('that have a control which got nothing are compared with the first', () => {
    const { control: _, ...older } = EXPERIMENT;

    const compared = compare(drawLines({ failing: {} }), STARTED + 2 * DAY_MS, older);

    expect(compared.map(({ version, control }) => [version, control])).toEqual([
      [2, 3],
      [4, 3],
    ]);
  });

  it('that are the same are rarely shown to differ', () => {
    const falseAlarms = Array.from({ length: 8 }, (_, seed) =>
      compare(drawLines({ failing: { 2: 0.05, 3: 0.05, 4: 0.05 }, seed: 100 + seed, count: 600 })),
    ).filter((compared) => shownOf(compared).some(({ shown }) => shown.length > 0));

    // At most 5 % each: more than 2 of 8 come with a chance of 0.6 %.
    expect(falseAlarms.length).toBeLessThanOrEqual(2);
  });
});
