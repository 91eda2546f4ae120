import { modelVersionNode, predictionWindowNode } from '../../shared/contracts/lineage.ts';
import { utcDay } from '../../shared/kernel/time.ts';
import { type LineageStore, MOST_EDGES_RECORDED } from '../../shared/ports/lineage-store.ts';

interface Window {
  readonly model: string;
  readonly toMs: number;
  /** Predictions by version. */
  readonly versions: Readonly<Record<string, number>>;
  /** The version in service. The window is counted by its bins, so it stands above it even if it answered nothing. */
  readonly champion: number;
}

const versionsIn = ({ versions, champion }: Window): readonly number[] =>
  [...new Set([champion, ...Object.keys(versions).map(Number)])].sort((a, b) => b - a).slice(0, MOST_EDGES_RECORDED);

/** Records in lineage which versions answered in the window: the newest of them, if they are more than one call takes. */
export const recordWindow = (
  lineage: Pick<LineageStore, 'record'>,
  window: Window,
  recordedAtMs: number,
): Promise<void> => {
  const { model, toMs } = window;
  const downstream = predictionWindowNode(model, utcDay(toMs - 1));
  const edges = versionsIn(window).map((version) => ({
    upstream: modelVersionNode(model, version),
    downstream,
    recordedAtMs,
  }));
  return lineage.record(edges);
};
