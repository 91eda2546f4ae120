import { type Captures, linesIn, listArrived } from './read-captured.ts';

/** What the champion's captured answers were like before a rollout. */
export interface CapturedBefore {
  /** Of warm answers, in ms. */
  readonly latencies: readonly number[];
  readonly outputs: readonly number[];
}

export const NOTHING_BEFORE: CapturedBefore = { latencies: [], outputs: [] };

/** The newest answers are enough: a p99 is known to a tenth of itself from these many. */
const MOST_ANSWERS = 20_000;
const MOST_OBJECTS = 64;

/** Captured answers of one published version, the newest first, each once. */
export const readBefore = async (
  data: Captures,
  range: { readonly model: string; readonly lambdaVersion: string; readonly fromMs: number; readonly toMs: number },
): Promise<CapturedBefore> => {
  const objects = await listArrived(data, { ...range, arrivedByMs: range.toMs });
  const seen = new Set<string>();
  const latencies: number[] = [];
  const outputs: number[] = [];
  for (const { key } of objects.toReversed().slice(0, MOST_OBJECTS)) {
    for (const line of linesIn(await data.get(key), range)) {
      const { kind, predictionId, lambdaVersion, latencyMs, cold, output } = line;
      if (kind !== 'prediction' || lambdaVersion !== range.lambdaVersion || seen.has(predictionId)) continue;
      seen.add(predictionId);
      if (cold !== true) latencies.push(latencyMs);
      if (output !== undefined) outputs.push(output);
    }
    if (latencies.length >= MOST_ANSWERS) break;
  }
  return { latencies, outputs };
};
