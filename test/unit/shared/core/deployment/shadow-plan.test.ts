import { describe, expect, it } from 'vitest';
import { chooseChallenger, shadowDays, shadowStartMs } from '../../../../../shared/core/deployment/index.ts';
import type { ModelVersion } from '../../../../../shared/core/registry/index.ts';
import { DAY_MS, HOUR_MS } from '../../../../../shared/kernel/time.ts';

const MIDNIGHT = Date.UTC(2001, 1, 18);
const version = (number: number, change: Partial<ModelVersion> = {}): ModelVersion =>
  ({ model: 'toy', version: number, status: 'APPROVED', modelDigest: 'd', ...change }) as ModelVersion;

describe('the challenger', () => {
  it('is the newest version after the champion that is approved or waits for it', () => {
    const waiting = version(6, { status: 'PENDING_APPROVAL' });
    const others = [
      version(9, { status: 'REJECTED' }),
      version(8, { status: 'REFERENCED', modelDigest: undefined } as Partial<ModelVersion>),
      version(7, { lifecycle: 'RETIRED' }),
    ];

    expect(chooseChallenger([...others, waiting, version(5), version(4)], 4)).toBe(waiting);
    expect(chooseChallenger([...others, version(4), version(3)], 4)).toBeUndefined();
  });
});

describe('the days of a comparison', () => {
  it('begin when neither version has learnt from them, and not long before the challenger was registered', () => {
    const challenger = { trainedThroughMs: MIDNIGHT - 1, registeredAtMs: MIDNIGHT + HOUR_MS };
    const champion = { trainedThroughMs: MIDNIGHT - 20 * DAY_MS, registeredAtMs: 0 };

    expect(shadowStartMs(challenger, champion, 28)).toBe(MIDNIGHT);
    expect(shadowStartMs(champion, challenger, 28)).toBe(MIDNIGHT);
    expect(shadowStartMs({ ...challenger, trainedThroughMs: 0 }, { ...champion, trainedThroughMs: 0 }, 8)).toBe(
      MIDNIGHT - 7 * DAY_MS,
    );
  });

  it('end with the last one whose labels are complete, with an hour for what is on its way', () => {
    const due = (hours: number) =>
      shadowDays({ fromMs: MIDNIGHT, dueMs: MIDNIGHT + 3 * DAY_MS + hours * HOUR_MS, labelDelayDays: 1 });

    expect(due(1)).toEqual(['2001-02-18', '2001-02-19']);
    expect(due(0.99)).toEqual(['2001-02-18']);
  });

  it('are at most 366', () => {
    expect(shadowDays({ fromMs: 0, dueMs: MIDNIGHT, labelDelayDays: 0 })).toHaveLength(366);
  });
});
