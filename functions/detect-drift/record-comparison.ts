import { modelVersionNode, monitorRunNode, predictionWindowNode } from '../../shared/contracts/lineage.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';

/** Records in lineage what a drift report compared: a window, and the version whose reference profile it was held to. */
export const recordComparison = (
  lineage: Pick<LineageStore, 'record'>,
  report: {
    readonly model: string;
    readonly version: number;
    /** Last day of the window. */
    readonly day: string;
    readonly recordedAtMs: number;
  },
): Promise<void> => {
  const { model, version, day, recordedAtMs } = report;
  const compared = { downstream: monitorRunNode(model, day), recordedAtMs };
  return lineage.record([
    { upstream: predictionWindowNode(model, day), ...compared },
    { upstream: modelVersionNode(model, version), ...compared },
  ]);
};
