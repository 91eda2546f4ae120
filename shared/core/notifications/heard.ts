import { DAY_MS, tellMinute, utcDay } from '../../kernel/time.ts';
import { causeText } from '../pages/index.ts';
import { rolloutReportPath } from '../reports/index.ts';
import type { Severity } from '../test-suite/index.ts';
import type { Heard, Outcome } from './notification.ts';

/** What events and alarms mean to people. */

const subjectOf = (kind: string, name: string): string =>
  `${kind}-${name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 80);

interface DriftDetected {
  readonly model: string;
  readonly version: number;
  /** ISO 8601: the end of the window. */
  readonly windowEnd: string;
  readonly predictionPsi: number;
  /** As the report says it. */
  readonly reason?: string | undefined;
}

export const heardDrift = (
  { model, version, windowEnd, predictionPsi, reason }: DriftDetected,
  atMs: number,
): Heard => {
  const day = utcDay(Date.parse(windowEnd) - 1);
  return {
    model,
    event: 'drift',
    subject: 'drift',
    severity: 'medium',
    title: `${model} drifts`,
    text:
      reason ??
      `what version ${version} answered until the end of ${day} is distributed differently from its reference: PSI ${predictionPsi.toPrecision(3)}`,
    atMs,
    day,
  };
};

interface QualityDegraded {
  readonly model: string;
  readonly day: string;
  readonly reason: string;
  readonly report: string;
}

export const heardQuality = ({ model, day, reason, report }: QualityDegraded, atMs: number): Heard => ({
  model,
  event: 'quality',
  subject: 'quality',
  severity: 'high',
  title: `${model} predicts worse`,
  text: reason,
  atMs,
  day,
  report,
});

interface TestsFailed {
  readonly model: string;
  readonly day: string;
  readonly since: string;
  readonly severity: Severity;
  readonly failing: readonly { readonly id: string; readonly severity: Severity; readonly reason: string }[];
  readonly report: string;
}

export const heardTests = ({ model, day, since, severity, failing, report }: TestsFailed, atMs: number): Heard => ({
  model,
  event: 'tests',
  subject: 'tests',
  // Another test that fails is another thing to look at; one fewer is not.
  episode: since,
  severity,
  title: `${failing.length} ${failing.length === 1 ? 'test' : 'tests'} of ${model} failed`,
  text: failing.map(({ id, reason, severity: of }) => `${id} (${of}): ${reason}`).join('\n'),
  atMs,
  day,
  report,
});

interface RetrainingDecided {
  readonly model: string;
  readonly runId: string;
  readonly decision: 'retrain' | 'wait' | 'person';
  readonly reason: string;
}

const DECIDED: Readonly<Record<RetrainingDecided['decision'], (model: string) => string>> = {
  retrain: (model) => `${model} is retrained`,
  wait: (model) => `${model} is not retrained`,
  person: (model) => `whether to retrain ${model} is a person's to say`,
};

export const heardRetraining = ({ model, runId, decision, reason }: RetrainingDecided, atMs: number): Heard => ({
  model,
  event: 'retraining',
  subject: subjectOf('retraining', runId),
  // Only this one waits for somebody.
  severity: decision === 'person' ? 'high' : 'low',
  title: DECIDED[decision](model),
  text: reason,
  atMs,
  pictured: { runId },
  once: true,
});

interface TrainingRefused {
  readonly model: string;
  readonly cause: Readonly<Record<string, unknown>>;
  readonly reason: string;
}

const askedBy = (cause: TrainingRefused['cause']): string => {
  const rangAtMs = cause.kind === 'alarm' ? Date.parse(String(cause.stateChangedAt)) : Number.NaN;
  return Number.isNaN(rangAtMs) ? causeText(cause) : `${causeText(cause)}, which rang at ${tellMinute(rangAtMs)}`;
};

/** Every refusal has its own numbers, so every one is told. */
export const heardRefusal = ({ model, cause, reason }: TrainingRefused, atMs: number): Heard => ({
  model,
  event: 'retraining',
  subject: subjectOf('refused', `${cause.kind}-${atMs.toString(36)}`),
  severity: 'medium',
  title:
    cause.kind === 'upload' || cause.kind === 'client-version'
      ? `a model that was brought for ${model} was refused`
      : `a training of ${model} was refused`,
  text: `${reason}\nAsked for by ${askedBy(cause)}. Nothing changes in what serves; how it stands: npx millrace status ${model}`,
  atMs,
  once: true,
});

interface RolloutStarted {
  readonly model: string;
  readonly version: number;
  readonly rolloutId: string;
  /** Absent in events from before it was told. */
  readonly kind?: 'model' | 'code' | undefined;
}

/** A canary of new code has no evaluation of its own. */
export const heardRolloutStarted = ({ model, version, rolloutId, kind }: RolloutStarted, atMs: number): Heard => ({
  model,
  event: 'rollout',
  subject: subjectOf('rollout-started', rolloutId),
  severity: 'low',
  title:
    kind === 'code'
      ? `a rollout of new code of ${model} began, with version ${version}`
      : `a rollout of version ${version} of ${model} began`,
  text: `how it stands, and what is found at each look: npx millrace status ${model}`,
  atMs,
  ...(kind === 'code' ? {} : { pictured: { version } }),
  once: true,
  report: `/models/${model}/${rolloutReportPath(rolloutId)}`,
});

interface RolloutPromoted {
  readonly model: string;
  readonly version: number;
  readonly rolloutId: string;
  readonly report?: string | undefined;
}

export const heardPromotion = ({ model, version, rolloutId, report }: RolloutPromoted, atMs: number): Heard => ({
  model,
  event: 'rollout',
  subject: subjectOf('rollout-promoted', rolloutId),
  severity: 'low',
  title: `version ${version} of ${model} was promoted`,
  text: 'it serves all requests',
  atMs,
  pictured: { rolloutId },
  once: true,
  ...(report === undefined ? {} : { report }),
});

interface RolledBack {
  readonly model: string;
  readonly version: number;
  readonly rolloutId: string;
  readonly reason: string;
  readonly report?: string | undefined;
}

export const heardRollBack = ({ model, version, rolloutId, reason, report }: RolledBack, atMs: number): Heard => ({
  model,
  event: 'rollout',
  subject: subjectOf('rollout', rolloutId),
  severity: 'high',
  title: `version ${version} of ${model} was rolled back`,
  text: reason,
  atMs,
  pictured: { rolloutId },
  once: true,
  ...(report === undefined ? {} : { report }),
});

const approvalSubject = (version: number): string => subjectOf('approval', String(version));

interface ApprovalRequested {
  readonly model: string;
  readonly version: number;
  readonly report?: string | undefined;
}

export const heardApproval = ({ model, version, report }: ApprovalRequested, atMs: number): Heard => ({
  model,
  event: 'approval',
  subject: approvalSubject(version),
  severity: 'medium',
  title: `version ${version} of ${model} waits for approval`,
  text: `it passed its checks; whoever may decide does so by: npx millrace approve ${model}@${version} --reason TEXT (with --reject to reject it)`,
  atMs,
  pictured: { version },
  ...(report === undefined ? {} : { report }),
});

interface VersionDecided {
  readonly model: string;
  readonly version: number;
  readonly principal: string;
  readonly reason?: string;
}

/** What somebody decided about a version: its approval waits for nobody any more. */
export const heardDecision = (
  decided: 'approved' | 'rejected',
  { model, version, principal, reason = '' }: VersionDecided,
  atMs: number,
): Outcome & Pick<Heard, 'model' | 'subject'> => ({
  model,
  subject: approvalSubject(version),
  title: `version ${version} of ${model} was ${decided} by ${principal}`,
  text: decided === 'approved' ? 'its rollout follows' : reason || 'no reason was given',
  atMs,
});

/** Which alarm of a model. */
export interface ModelAlarm {
  readonly model: string;
  readonly kind: 'drift' | 'heartbeat' | 'errors' | 'capture' | 'skew' | 'sample-ratio';
}

const ALARMS: Readonly<Record<ModelAlarm['kind'], { readonly severity: Severity; readonly title: string }>> = {
  drift: { severity: 'high', title: 'drifts' },
  heartbeat: { severity: 'medium', title: 'was not checked for drift' },
  errors: { severity: 'high', title: 'fails requests' },
  capture: { severity: 'medium', title: 'answers what is not captured' },
  skew: { severity: 'medium', title: 'is served features that training would compute otherwise' },
  'sample-ratio': { severity: 'medium', title: 'divides its traffic in other shares than declared' },
};

/** An alarm of drift and the event of drift are one subject: people are told once. */
export const heardAlarm = ({ model, kind }: ModelAlarm, reason: string, atMs: number): Heard => {
  const { severity, title } = ALARMS[kind];
  const drift = kind === 'drift';
  return {
    model,
    event: drift ? 'drift' : 'alarm',
    subject: alarmSubject(kind),
    severity,
    title: `${model} ${title}`,
    text: reason,
    atMs,
    ...(drift ? { vague: true } : {}),
    // The checks of the morning are of the day before.
    ...(drift || kind === 'skew' ? { day: utcDay(atMs - DAY_MS) } : {}),
  };
};

export const alarmSubject = (kind: ModelAlarm['kind']): string => (kind === 'drift' ? 'drift' : `alarm-${kind}`);
