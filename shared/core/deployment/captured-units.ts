import { lineOutcomes, type UnitLine, WHOLE_TRAFFIC } from '../judging/index.ts';
import { slicesOf } from './in-slice.ts';
import type { JudgeRules } from './judge-rules.ts';

/** A captured line of a prediction or of a failure, as far as a canary is judged by it. */
export interface CapturedLine {
  readonly kind: 'prediction' | 'failure';
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly lambdaVersion?: string | undefined;
  readonly inputs?: Readonly<Record<string, number | string | null>>;
  readonly output?: number;
  readonly latencyMs: number;
  /** Of a failure. */
  readonly status?: number;
  readonly cold?: boolean | undefined;
  readonly request?: { readonly id: string } | undefined;
  readonly assignment?:
    | { readonly unit?: string | undefined; readonly probability: number; readonly cohort?: string | undefined }
    | undefined;
}

/** How lines are told apart: by the model version where a plan divides the requests, else by the function's. */
export type RolloutArms =
  | { readonly by: 'version'; readonly canary: number; readonly champion: number }
  | { readonly by: 'lambdaVersion'; readonly canary: string; readonly champion: string };

interface Judged {
  readonly arms: RolloutArms;
  readonly rules: Pick<JudgeRules, 'slices' | 'outputScale'>;
  readonly slowAboveMs?: number;
}

/** Who answered; undefined where it was another version, or where no chance chose it. */
const isCanaryOf = (line: CapturedLine, arms: RolloutArms): boolean | undefined => {
  if (arms.by === 'version' && (line.assignment === undefined || line.assignment.cohort !== undefined))
    return undefined;
  const met = line[arms.by];
  if (met === arms.canary) return true;
  return met === arms.champion ? false : undefined;
};

const scaled = (output: number, [low, high]: readonly [number, number]): number =>
  Math.min(1, Math.max(0, (output - low) / (high - low)));

const outcomesOf = (line: CapturedLine, { arms, rules, slowAboveMs }: Judged, isFirstRow: boolean) => {
  const failed = line.kind === 'failure';
  const { output, latencyMs, cold = false } = line;
  const { errors = 0, slow } = lineOutcomes(
    { failed, latencyMs, cold },
    slowAboveMs === undefined ? {} : { slowAboveMs },
  );
  const shown = !failed && rules.outputScale !== undefined && output !== undefined && Number.isFinite(output);
  return {
    // An alias's failures leave no lines: they are counted by the metrics of its versions.
    ...(isFirstRow && arms.by === 'version' ? { errors } : {}),
    ...(isFirstRow && slow !== undefined ? { slow } : {}),
    ...(shown ? { prediction: scaled(output, rules.outputScale) } : {}),
  };
};

/**
 * What captured lines show of the versions, each line once however often it was delivered. All rows of a request failed
 * or were slow together, so it says so once.
 */
export const capturedUnits = (lines: readonly CapturedLine[], judged: Judged): readonly UnitLine[] => {
  const seen = new Set<string>();
  const requests = new Set<string>();
  const units: UnitLine[] = [];
  for (const line of lines) {
    const isCanary = isCanaryOf(line, judged.arms);
    if (isCanary === undefined || seen.has(line.predictionId)) continue;
    seen.add(line.predictionId);
    const { inputs = {} } = line;
    // An alias draws each request by itself, whatever a plan says of its unit.
    const assignment = judged.arms.by === 'version' ? line.assignment : undefined;
    const request = line.request?.id ?? line.predictionId;
    const unit = assignment?.unit;
    units.push({
      ...(unit === undefined ? { request } : { unit }),
      isCanary,
      ...(assignment === undefined
        ? {}
        : { canaryShare: isCanary ? assignment.probability : 1 - assignment.probability }),
      slices: [WHOLE_TRAFFIC, ...slicesOf(judged.rules.slices, inputs)],
      outcomes: outcomesOf(line, judged, !requests.has(request)),
    });
    requests.add(request);
  }
  return units;
};
