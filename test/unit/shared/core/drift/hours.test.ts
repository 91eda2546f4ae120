import { describe, expect, it } from 'vitest';
import {
  type CountedTable,
  calibrateDrift,
  checkDrift,
  type DayProfile,
} from '../../../../../shared/core/drift/index.ts';
import { tableBins } from '../../../../../shared/core/profiles/index.ts';

const bins = tableBins([{ name: 'x', type: 'number', edges: [0] }]);

/** A morning hour has a tenth of its rows above 0, an afternoon hour nine tenths. */
const hourTable = (hour: number, rows: number): CountedTable => {
  const above = rows * (hour < 12 ? 0.1 : 0.9);
  return { binsId: bins.id, rowCount: rows, columns: [{ counts: [rows - above, above] }] };
};

const dayOf = (index: number, hours: readonly number[]): DayProfile => {
  const rowsByHour = Array.from({ length: 24 }, (_, hour) => (hours.includes(hour) ? 100 + 10 * (index % 3) : 0));
  const tables = rowsByHour.map((rows, hour) => hourTable(hour, rows));
  const counts = [0, 1].map((bin) => tables.reduce((sum, { columns }) => sum + (columns[0]?.counts[bin] ?? 0), 0));
  const rowCount = rowsByHour.reduce((sum, rows) => sum + rows, 0);
  const day = new Date(Date.UTC(2001, 0, 1 + index)).toISOString().slice(0, 10);
  return { day, profile: { binsId: bins.id, rowCount, columns: [{ counts }] }, rowsByHour };
};

const ALL_DAY = Array.from({ length: 24 }, (_, hour) => hour);
const days = Array.from({ length: 14 }, (_, index) => dayOf(index, ALL_DAY));
const hours = ALL_DAY.map((hour) => hourTable(hour, 100));
const morning = dayOf(14, ALL_DAY.slice(0, 9));

describe('a part of a day', () => {
  it('is held against the same hours of the reference', () => {
    const calibration = calibrateDrift({ bins, days, blockDays: 1, hours });

    const { check } = checkDrift({ calibration, days: [morning] });

    expect(check.status).toBe('within-limit');
    expect(Math.abs(check.findings[0]?.effect ?? 1)).toBeLessThan(0.05);
  });

  it('looks drifted where the reference has no hours', () => {
    const { check } = checkDrift({ calibration: calibrateDrift({ bins, days, blockDays: 1 }), days: [morning] });

    expect(check.status).toBe('above-limit');
  });

  it('must have 24 hours on both sides', () => {
    const calibration = calibrateDrift({ bins, days, blockDays: 1, hours });

    expect(() => calibrateDrift({ bins, days, blockDays: 1, hours: hours.slice(1) })).toThrow('24 profiles, got 23');
    expect(() => checkDrift({ calibration, days: [{ ...morning, rowsByHour: [1] }] })).toThrow('24 counts, got 1');
  });
});
