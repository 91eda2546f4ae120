import { tellMinute } from '../../kernel/time.ts';
import { shortNumber } from './chart-scales.ts';

/** Times as people read them. */

export const timeOf = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : tellMinute(atMs);

export const hoursText = (hours: number): string =>
  hours < 1
    ? `${shortNumber(hours * 60)} minutes`
    : hours < 48
      ? `${shortNumber(hours)} hours`
      : `${shortNumber(hours / 24)} days`;
