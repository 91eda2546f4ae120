import { HOUR_MS } from '../../kernel/time.ts';
import type { RolloutLook, ShadowDay, ShadowVerdict } from '../deployment/index.ts';
import type { Forecast, JudgePlan, MetricForecast } from '../judging/index.ts';
import type { Approval, ModelVersion, Rollout, RuleResult, TrafficShift } from '../registry/index.ts';
import { type EvidenceSeries, evidenceSeries } from './evidence-series.ts';
import { decisionsOf, type ReportedDecision } from './rollout-decisions.ts';

/** What came of scoring captured inputs before the first live request, as far as a report tells it. */
export interface ReplayFacts {
  readonly outcome: string;
  readonly reasons: readonly string[];
  /** What was not compared, and why. */
  readonly notes: readonly string[];
  readonly rowCount: number;
  readonly notComparableCount: number;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly challengerFailures: number;
  readonly championFailures: number;
  readonly changedAbove: number;
  readonly parts: readonly {
    readonly slice: string;
    readonly rowCount: number;
    readonly meanDifference: number;
    readonly largestDifference: number;
    readonly changedShare: number;
  }[];
  readonly latency?: { readonly challengerMs: number; readonly championMs: number } | undefined;
}

/** Days on which both versions scored the same captured inputs, oldest first. */
export interface ShadowFacts {
  readonly days: readonly ShadowDay[];
  /** Absent where the definition says no longer when days are enough. */
  readonly verdict?: ShadowVerdict;
}

/** What is on record about one rollout. */
export interface RolloutFacts {
  readonly rollout: Rollout;
  /** The version that it was of; undefined once that is deleted. */
  readonly version?: ModelVersion | undefined;
  /** What it was judged by; undefined where nothing was compared, or before this was recorded. */
  readonly judged?:
    | {
        readonly plan: JudgePlan;
        readonly forecast: Forecast;
        readonly slowAboveMs?: number | undefined;
      }
    | undefined;
  /** Oldest first. */
  readonly looks: readonly RolloutLook[];
  /** Whether these are all looks that were taken. */
  readonly looksComplete: boolean;
  readonly replay?: ReplayFacts | undefined;
  /** Of this version against the one that it was to replace, over captured inputs; undefined without a day. */
  readonly shadow?: ShadowFacts | undefined;
}

interface ReportedForecast {
  readonly text: string;
  /** Absent where the forecast was "never". */
  readonly unitsNeeded?: number;
  readonly hours?: number;
  readonly metrics: readonly (Pick<MetricForecast, 'metric' | 'harm' | 'detectable'> & {
    readonly unitsToClear?: number;
    readonly unitsToAbort?: number;
  })[];
}

/** A rollout as a person reads of it afterwards, or while it runs. */
export interface RolloutReport extends Omit<RolloutFacts, 'rollout' | 'version' | 'looks' | 'judged'> {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly rolloutId: string;
  readonly kind: Rollout['kind'];
  readonly version: number;
  readonly previousVersion?: number;
  readonly status: Rollout['status'];
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly reason?: string;
  /** Until when anything is known. */
  readonly throughMs: number;
  readonly shifts: readonly TrafficShift[];
  readonly decisions: readonly ReportedDecision[];
  readonly approval?: {
    readonly by: string;
    readonly atMs?: number;
    readonly reason?: string;
    readonly approvals: readonly Approval[];
    readonly rules: readonly RuleResult[];
  };
  readonly plan?: JudgePlan;
  readonly slowAboveMs?: number;
  readonly forecast?: ReportedForecast;
  /** What came of it, beside the forecast. */
  readonly came: { readonly hours: number; readonly canaryUnits?: number };
  readonly evidence: readonly EvidenceSeries[];
  readonly lookCount: number;
  /** What the newest look said. */
  readonly lastLook?: Omit<RolloutLook, 'rows'>;
}

const finite = <Name extends string>(name: Name, value: number): { readonly [key in Name]?: number } =>
  Number.isFinite(value) ? ({ [name]: value } as { readonly [key in Name]: number }) : {};

const forecastOf = ({ text, unitsNeeded, hours, metrics }: Forecast): ReportedForecast => ({
  text,
  ...finite('unitsNeeded', unitsNeeded),
  ...finite('hours', hours),
  metrics: metrics.map(({ metric, harm, detectable, unitsToClear, unitsToAbort }) => ({
    metric,
    harm,
    ...(detectable === undefined ? {} : { detectable }),
    ...finite('unitsToClear', unitsToClear),
    ...finite('unitsToAbort', unitsToAbort),
  })),
});

const approvalOf = (version: ModelVersion | undefined): Pick<RolloutReport, 'approval'> => {
  const { decidedBy, decidedAtMs, decisionReason, approvals = [], decisionEvidence = [] } = version ?? {};
  if (decidedBy === undefined) return {};
  return {
    approval: {
      by: decidedBy,
      ...(decidedAtMs === undefined ? {} : { atMs: decidedAtMs }),
      ...(decisionReason === undefined ? {} : { reason: decisionReason }),
      approvals,
      rules: decisionEvidence,
    },
  };
};

const judgedOf = ({
  judged,
  looks,
}: RolloutFacts): Pick<RolloutReport, 'plan' | 'forecast' | 'slowAboveMs' | 'evidence'> => {
  if (judged === undefined) return { evidence: [] };
  const { plan, forecast, slowAboveMs } = judged;
  return {
    plan,
    ...(slowAboveMs === undefined ? {} : { slowAboveMs }),
    forecast: forecastOf(forecast),
    evidence: evidenceSeries(looks, plan),
  };
};

const lastLookOf = (looks: readonly RolloutLook[]): Pick<RolloutReport, 'lastLook'> => {
  const newest = looks.at(-1);
  if (newest === undefined) return {};
  const { rows: _, ...lastLook } = newest;
  return { lastLook };
};

/** From what is on record, and nothing else: the same records give the same report. */
export const reportRollout = (facts: RolloutFacts): RolloutReport => {
  const { rollout, version, looks, looksComplete, replay, shadow } = facts;
  const { model, rolloutId, kind, status, startedAtMs, endedAtMs, previousVersion, reason, shifts = [] } = rollout;
  const throughMs = endedAtMs ?? Math.max(startedAtMs, looks.at(-1)?.atMs ?? 0, shifts.at(-1)?.atMs ?? 0);
  const judged = judgedOf(facts);
  const whole = judged.evidence.find(({ slice }) => slice === 'all')?.last.units.canary;
  return {
    schemaVersion: 1,
    model,
    rolloutId,
    kind,
    version: rollout.version,
    ...(previousVersion === undefined ? {} : { previousVersion }),
    status,
    startedAtMs,
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(reason === undefined ? {} : { reason }),
    throughMs,
    shifts,
    decisions: decisionsOf(rollout, looks),
    ...approvalOf(version),
    ...judged,
    came: { hours: (throughMs - startedAtMs) / HOUR_MS, ...(whole === undefined ? {} : { canaryUnits: whole }) },
    lookCount: looks.length,
    ...lastLookOf(looks),
    looksComplete,
    ...(replay === undefined ? {} : { replay }),
    ...(shadow === undefined ? {} : { shadow }),
  };
};
