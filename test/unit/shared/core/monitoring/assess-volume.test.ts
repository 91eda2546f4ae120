import { describe, expect, it } from 'vitest';
import { assessVolume, type DayCount, recountDays } from '../../../../../shared/core/monitoring/index.ts';
import { DAY_MS, utcDay } from '../../../../../shared/kernel/time.ts';

/** Departures by UTC day from 8 January 2001 on, of the flights that the platform comes with. */
const FLIGHTS = [
  16991, 16916, 16634, 16665, 16695, 16152, 15256, 16757, 16843, 16970, 16587, 16565, 15717, 14099, 17249, 16980, 17047,
  17014, 16791, 15962, 15094, 16397, 16518, 16932, 17077, 17050, 16150, 15136, 16103, 16320, 16655, 16803, 16267, 15923,
  15148, 16962, 16613, 16179, 16735, 16835, 16163, 15243, 16965, 17009, 17023, 16572, 16788, 15513, 14481, 17180, 16732,
  16469, 16937, 17016, 16112, 14910, 15140, 15027, 16859, 17050, 17116, 16175, 15300,
];
const FROM_MS = Date.UTC(2001, 0, 8);
const days: readonly DayCount[] = FLIGHTS.map((rowCount, i) => ({ day: utcDay(FROM_MS + i * DAY_MS), rowCount }));

/** Of a day, by what was known on its evening; the traffic began so many days before. */
const assess = (day: string, { history = 28, reference = days.slice(0, 24), share = 1 } = {}) => {
  const at = days.findIndex((one) => one.day === day);
  const scaled = days.map((one) => ({ ...one, rowCount: Math.round(share * one.rowCount) }));
  return assessVolume({
    day,
    rowCount: scaled[at]?.rowCount ?? 0,
    history: scaled.slice(Math.max(0, at - history), at),
    reference,
  });
};

describe('the volume of a day', () => {
  it('of 5 March 2001, a tenth of whose flights are missing, is too small by earlier Mondays', () => {
    expect(assess('2001-03-05')).toMatchObject({ status: 'too few', basis: 'earlier weeks', rowCount: 15_140 });
    expect(assess('2001-03-05').deviations).toBeGreaterThan(4);
  });

  it('is as expected on all but storm days, from the first weeks on', () => {
    const told = days.slice(28).flatMap(({ day }) => {
      const { status } = assess(day, { history: 56 });
      return status === 'as expected' ? [] : [`${day} ${status}`];
    });

    expect(told).toEqual(['2001-03-05 too few', '2001-03-06 too few']);
  });

  it('is held to the shape of the reference week while the traffic is young, however small it is', () => {
    const sunday = assess('2001-02-11', { history: 9, share: 0.5 });

    expect(sunday).toMatchObject({ status: 'as expected', basis: 'reference weekdays' });
    expect(sunday.expected).toBeGreaterThan(7_200);
    expect(sunday.expected).toBeLessThan(7_900);
  });

  it('is unknown while nothing is known of earlier days', () => {
    expect(assess('2001-02-11', { history: 2 })).toMatchObject({ status: 'unknown' });
    expect(assess('2001-02-11', { history: 5, reference: [] })).toMatchObject({ status: 'unknown' });
  });

  it('expects nothing by days on which not every request was answered', () => {
    const asked = { day: '2001-02-04', rowCount: 504, reference: days.slice(0, 24) };
    const counts = [57, 249, 510].map((rowCount, i) => ({ day: `2001-02-0${i + 1}`, rowCount }));

    expect(assessVolume({ ...asked, history: counts })).toMatchObject({ status: 'too many' });
    const held = assessVolume({ ...asked, history: counts, expectAfter: '2001-02-02' });
    expect(held).toMatchObject({ status: 'unknown', rowCount: 504 });
    expect(held.days).toHaveLength(4);
  });

  it('is too small on a day without any, and too large on one with twice as many', () => {
    const history = days.slice(0, 28);
    const day = days[28]?.day ?? '';

    expect(assessVolume({ day, rowCount: 0, history, reference: [] }).status).toBe('too few');
    expect(assessVolume({ day, rowCount: 34_000, history, reference: [] }).status).toBe('too many');
  });

  it('takes no change for one that few rows cannot tell', () => {
    const history = days.slice(0, 28).map(({ day }) => ({ day, rowCount: 20 }));

    expect(assessVolume({ day: days[28]?.day ?? '', rowCount: 12, history, reference: [] }).status).toBe('as expected');
  });
});

describe('the counts of days', () => {
  it('are those of the newest check where two tell of a day, of eight weeks', () => {
    const earlier = days.slice(0, 60);
    const late = { day: days[59]?.day ?? '', rowCount: 1 };

    const kept = recountDays(earlier, [late, days[60]!]);

    expect(kept).toHaveLength(56);
    expect(kept.slice(-2)).toEqual([late, days[60]]);
    expect(recountDays([], [])).toEqual([]);
  });
});
