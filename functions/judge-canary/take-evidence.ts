import { isInferenceService } from '../../shared/contracts/names.ts';
import {
  addCrashes,
  type CrashCounts,
  capturedSpans,
  capturedUnits,
  floorMinute,
  type LookSpan,
  minuteSpans,
  NO_CRASHES,
  type RolloutArms,
} from '../../shared/core/deployment/index.ts';
import { type EvidenceBlock, foldUnits, updateJudge, WHOLE_TRAFFIC } from '../../shared/core/judging/index.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import type { RolloutEvidence } from '../../shared/ports/rollout-evidence.ts';
import type { JudgeDeps, Looked } from './deps.ts';
import { readCaptured } from './read-captured.ts';
import { armsOf } from './rollout-arms.ts';

type Readers = Pick<JudgeDeps, 'metrics' | 'captures'>;

/** CloudWatch has the metrics of a minute so long after its end. */
const METRICS_LAG_MS = 2 * MINUTE_MS;
/** Firehose holds lines for a quarter of an hour at most, and takes a moment to lay them down. */
export const CAPTURE_LAG_MS = 16 * MINUTE_MS;
/** Stretch of metrics where the division is not drawn by us. */
const OBSERVED_MS = 5 * MINUTE_MS;
/** Units that are remembered: 200 KB beside the evidence. */
const MOST_SEEN_UNITS = 32_768;

interface Look extends Looked {
  readonly shifts: readonly { readonly weight: number; readonly atMs: number }[];
  readonly nowMs: number;
}

const isDivided = (weight: number | undefined): weight is number => weight !== undefined && weight > 0 && weight < 1;

/** The next block of a state; the weight is left out where the shares that came about are to be used. */
const withBlock = (
  evidence: RolloutEvidence,
  block: Pick<EvidenceBlock, 'startMs' | 'endMs' | 'cells' | 'canaryShare'>,
): RolloutEvidence => ({
  ...evidence,
  state: updateJudge(evidence.plan, evidence.state, { index: evidence.state.lastIndex + 1, ...block }),
});

/** Failed requests of both versions, by the metrics of the function's versions, or of the services'. */
const takeRequests = async (
  { metrics }: Readers,
  evidence: RolloutEvidence,
  { rollout, functionName, shifts, nowMs }: Look,
): Promise<RolloutEvidence> => {
  const drawn = !isInferenceService(functionName);
  const fromMs = evidence.taken.requestsThroughMs;
  const toMs = Math.max(fromMs, floorMinute(nowMs - METRICS_LAG_MS));
  const count = async (lambdaVersion: string, { startMs, endMs }: LookSpan) => {
    const counts = await metrics.countRequests({ functionName, lambdaVersion, fromMs: startMs, toMs: endMs });
    return { unitCount: counts.requestCount, sum: counts.failureCount };
  };
  let taken = evidence;
  for (const span of minuteSpans({ fromMs, toMs, shifts }, drawn ? undefined : OBSERVED_MS)) {
    const [canary, champion] = await Promise.all([
      count(rollout.lambdaVersion, span),
      count(rollout.previousLambdaVersion, span),
    ]);
    const { startMs, endMs, weight } = span;
    const share = drawn && isDivided(weight) ? { canaryShare: weight } : {};
    const cells = [{ metric: 'errors', slice: WHOLE_TRAFFIC, canary, champion }];
    taken = withBlock(taken, { startMs, endMs, ...share, cells });
  }
  return { ...taken, taken: { ...taken.taken, requestsThroughMs: toMs } };
};

/** Requests of a version beside which nothing serves. */
const takeAlone = async (
  { metrics }: Readers,
  evidence: RolloutEvidence,
  { rollout: { lambdaVersion }, functionName, nowMs }: Look,
): Promise<RolloutEvidence> => {
  const { requestsThroughMs: fromMs, alone = { requestCount: 0, failureCount: 0 } } = evidence.taken;
  const toMs = floorMinute(nowMs - METRICS_LAG_MS);
  if (toMs <= fromMs) return evidence;
  const { requestCount, failureCount } = await metrics.countRequests({ functionName, lambdaVersion, fromMs, toMs });
  const counted = {
    requestCount: alone.requestCount + requestCount,
    failureCount: alone.failureCount + failureCount,
  };
  return { ...evidence, taken: { ...evidence.taken, requestsThroughMs: toMs, alone: counted } };
};

/** Invocations that failed without a line, of the one function that serves both versions. */
const countCrashes = async (
  { metrics }: Readers,
  { rollout: { lambdaVersion }, functionName, shifts }: Look,
  { fromMs, toMs, thrownCount }: { readonly fromMs: number; readonly toMs: number; readonly thrownCount: number },
): Promise<CrashCounts> => {
  let counted: CrashCounts = { ...NO_CRASHES, crashCount: -thrownCount };
  for (const { startMs, endMs, weight = 1 } of minuteSpans({ fromMs, toMs, shifts })) {
    const span = { functionName, lambdaVersion, fromMs: startMs, toMs: endMs };
    const { requestCount, failureCount } = await metrics.countRequests(span);
    const canaryRequestCount = weight * requestCount;
    counted = addCrashes(counted, { requestCount, canaryRequestCount, crashCount: failureCount });
  }
  return counted;
};

/** What was captured of both versions since the last look, in blocks of five minutes. */
const takeCaptured = async (
  readers: Readers,
  evidence: RolloutEvidence,
  { arms, ...look }: Look & { readonly arms: RolloutArms },
): Promise<RolloutEvidence> => {
  const { shifts, nowMs, rollout } = look;
  const { rules, slowAboveMs } = evidence;
  const fromMs = evidence.taken.capturedThroughMs;
  const toMs = floorMinute(nowMs - CAPTURE_LAG_MS);
  if (toMs <= fromMs) return evidence;
  const range = { fromMs, toMs };
  const { model } = rollout;
  const { lines, leftOutCount, thrownCount } = await readCaptured(readers.captures, {
    model,
    ...range,
    arrivedByMs: nowMs,
  });
  let taken = evidence;
  for (const { startMs, endMs, weight } of capturedSpans({ ...range, shifts })) {
    const own = lines.filter(({ atMs }) => atMs >= startMs && atMs < endMs);
    const units = capturedUnits(own, { arms, rules, ...(slowAboveMs === undefined ? {} : { slowAboveMs }) });
    const share = arms.by === 'version' && isDivided(weight) ? { canaryShare: weight } : {};
    const folded = foldUnits(units, {
      index: 0,
      startMs,
      endMs,
      ...share,
      seen: taken.seenUnits,
      mostSeen: MOST_SEEN_UNITS,
    });
    taken = { ...withBlock(taken, { startMs, endMs, ...share, cells: folded.block.cells }), seenUnits: folded.seen };
  }
  const { crashes = NO_CRASHES } = taken.taken;
  const counted =
    arms.by === 'version' && thrownCount !== undefined
      ? { crashes: addCrashes(crashes, await countCrashes(readers, look, { ...range, thrownCount })) }
      : {};
  const sum = taken.taken.leftOutCount + leftOutCount;
  return { ...taken, taken: { ...taken.taken, ...counted, capturedThroughMs: toMs, leftOutCount: sum } };
};

/** The evidence with all that has become known since the last look. Reads only: repeating it is safe. */
export const takeEvidence = async (
  readers: Readers,
  evidence: RolloutEvidence,
  look: Look,
): Promise<RolloutEvidence> => {
  const arms = armsOf(look.rollout);
  if (arms === undefined) return takeAlone(readers, evidence, look);
  const counted = arms.by === 'version' ? evidence : await takeRequests(readers, evidence, look);
  const isCaptured = arms.by === 'version' || evidence.plan.metrics.length > 1;
  return isCaptured ? takeCaptured(readers, counted, { ...look, arms }) : counted;
};
