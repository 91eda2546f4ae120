import { describe, expect, it } from 'vitest';
import {
  firstOfChunkKey,
  runOfHotKey,
  trackingKeys,
} from '../../../../../../shared/adapters/dynamodb/tracking/keys.ts';

describe('keys of the tracking table', () => {
  const keys = trackingKeys('team-a');

  it('all begin with the workspace', () => {
    const partitions = [
      keys.experiments,
      keys.experiment('1').pk,
      keys.experimentName('n').pk,
      keys.gate('1', 0).pk,
      keys.run('r').pk,
      keys.metrics('r').pk,
      keys.dataset('r', 'd').pk,
      keys.historyPartition('r'),
      keys.chunk('r', { timestampMs: 1, step: 0 }, 'd').pk,
      keys.indexPartition('1', 'm', 'loss'),
      keys.hotPartition('1'),
      keys.hot('1', 1, 'r').pk,
      keys.header('1', 1, 'r').pk,
    ];

    for (const pk of partitions) expect(pk).toMatch(/^W\/team-a\//);
    expect(keys.spill('d')).toBe('tracking/team-a/values/d');
  });

  it('let no workspace and no id reach into the partitions of another', () => {
    expect(() => trackingKeys('team-a/e')).toThrow(/workspace team-a\/e must match/);
    expect(() => trackingKeys('')).toThrow(/must match/);
    expect(keys.run('a/history').pk).not.toBe(keys.historyPartition('a'));
    expect(keys.header('1/m/loss', 1, 'r').pk).not.toBe(keys.indexPartition('1', 'm', 'loss/t'));
  });

  it('order hot runs by the time since they are, and name the run', () => {
    expect(keys.hot('1', 9, 'z').sk < keys.hot('1', 10, 'a').sk).toBe(true);
    expect(runOfHotKey(keys.hot('1', 9, 'run-1').sk)).toBe('run-1');
  });

  it('order chunks by timestamp and step, and name both', () => {
    const firsts = [-7, -1, 0, 3, 20].map((step) => ({ timestampMs: 9, step })).concat({ timestampMs: 10, step: -9 });
    const sortKeys = firsts.map((first) => keys.chunk('r', first, 'd').sk);

    expect(sortKeys.toSorted()).toEqual(sortKeys);
    expect(sortKeys.map(firstOfChunkKey)).toEqual(firsts);
  });

  it('fit names of 500 characters of four bytes', () => {
    expect(Buffer.byteLength(keys.experimentName('𝄞'.repeat(500)).pk)).toBeLessThan(2_048);
  });
});
