import { describe, expect, it } from 'vitest';
import { countEpisodes, nextEpisode } from '../../../../../shared/core/drift/episodes.ts';
import type { OpenEpisode } from '../../../../../shared/core/drift/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const play = (evidence: readonly number[], endsAfterDays: number) => {
  let episode: OpenEpisode | undefined;
  return evidence.map((one, i) => {
    episode = nextEpisode(episode, { day: `2001-01-${String(i + 1).padStart(2, '0')}`, evidence: one, endsAfterDays });
    return episode;
  });
};

describe('an episode', () => {
  it('opens at the limit, goes on while it is not quiet, and ends after quiet days in a row', () => {
    const course = play([0.9, 1, 0.7, 0.85, 0.7, 0.7, 0.9], 2);

    expect(course.map((episode) => episode?.since)).toEqual([
      undefined,
      '2001-01-02',
      '2001-01-02',
      '2001-01-02',
      '2001-01-02',
      undefined,
      undefined,
    ]);
    expect(course[4]).toEqual({ since: '2001-01-02', peak: 1, quietDays: 1 });
  });

  it('is counted in virtual years by the rule that decides in service', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (evidence, endsAfterDays) => {
          const course = play(evidence, endsAfterDays);
          const opened = course.filter((episode, i) => episode !== undefined && course[i - 1] === undefined).length;
          expect(countEpisodes(evidence, 1, endsAfterDays)).toBe(opened);
        },
      ),
    );
  });
});
