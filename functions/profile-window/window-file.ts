import type { WindowFile } from '../../shared/contracts/drift-workflow.ts';
import { countVersions, type DayHead } from '../../shared/core/monitoring/index.ts';

type Known = Pick<WindowFile, 'model' | 'version' | 'foldId' | 'fromMs' | 'toMs' | 'newest'>;

/** What a window of these days holds, beside the profiles of the days. */
export const windowFile = (known: Known, days: readonly DayHead[]): WindowFile => ({
  schemaVersion: 2,
  ...known,
  ...countVersions(days),
  days: days.map(({ day }) => day),
  duplicateCount: days.reduce((sum, { duplicateCount }) => sum + duplicateCount, 0),
});
