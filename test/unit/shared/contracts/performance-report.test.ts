import { expectTypeOf, it } from 'vitest';
import type { StoredPerformanceReport } from '../../../../shared/contracts/performance-report.ts';
import type { PerformanceReport } from '../../../../shared/core/performance/index.ts';

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

it('reads what the core writes, and nothing less', () => {
  expectTypeOf<StoredPerformanceReport>().toExtend<PerformanceReport>();
  expectTypeOf<Mutable<PerformanceReport>>().toExtend<StoredPerformanceReport>();
});
