import { endedWithoutVersion } from '../../shared/core/registry/index.ts';
import { textTable } from './text-table.ts';

/** What a stage's models are doing, for people. */

export interface ModelStatus {
  readonly model: string;
  /** Undefined while none is in service. */
  readonly champion?: number;
  readonly servingSinceMs?: number;
  readonly latestVersion: number;
  /** Versions that wait for a person. */
  readonly waiting: readonly number[];
  readonly rollout?: {
    readonly rolloutId: string;
    readonly version: number;
    readonly status: string;
    readonly weight: number;
    readonly startedAtMs: number;
    readonly endedAtMs?: number;
    readonly reason?: string;
    /** A person's word on it. */
    readonly decision?: { readonly action: string; readonly decidedBy: string; readonly reason: string };
    /** What it was expected to take. */
    readonly forecast?: string;
    readonly lastLook?: { readonly atMs: number; readonly reason: string; readonly nextLookAtMs?: number };
  };
  readonly run?: {
    readonly runId: string;
    readonly status: string;
    readonly startedAtMs: number;
    readonly cause: string;
    readonly outcome?: string;
    /** That it made. */
    readonly version?: number;
  };
  /** Alarms that ring. */
  readonly alarms: readonly string[];
}

const minute = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

type Row = readonly [title: string, text: string];

const rolloutRows = (rollout: NonNullable<ModelStatus['rollout']>): readonly Row[] => {
  const { version, status, weight, startedAtMs, endedAtMs, reason, decision, forecast, lastLook } = rollout;
  const runs = status === 'RUNNING';
  const state = runs ? `has ${(100 * weight).toFixed(0)} % of the traffic` : status;
  const ended = endedAtMs === undefined ? '' : `, ended ${minute(endedAtMs)}`;
  const rows: Row[] = [['rollout', `version ${version} ${state}, began ${minute(startedAtMs)}${ended}`]];
  if (reason !== undefined) rows.push(['', reason]);
  if (decision !== undefined) {
    rows.push(['decided', `to ${decision.action} it, by ${decision.decidedBy}: ${decision.reason}`]);
  }
  if (runs && forecast !== undefined) rows.push(['forecast', forecast]);
  if (runs && lastLook !== undefined) {
    const { atMs, nextLookAtMs } = lastLook;
    rows.push(['last look', `${minute(atMs)}: ${lastLook.reason}`]);
    if (nextLookAtMs !== undefined) rows.push(['next look', minute(nextLookAtMs)]);
  }
  return rows;
};

const rolloutCell = ({ rollout }: ModelStatus): string => {
  if (rollout === undefined) return '-';
  const { version, status, weight } = rollout;
  return status === 'RUNNING' ? `v${version} at ${(100 * weight).toFixed(0)} %` : `v${version} ${status}`;
};

const runStatus = (run: NonNullable<ModelStatus['run']>): string =>
  endedWithoutVersion(run) ? `${run.status}, no version` : run.status;

/** One line a model. */
export const fleetTable = (models: readonly ModelStatus[]): string =>
  textTable([
    ['MODEL', 'IN SERVICE', 'NEWEST', 'WAITS', 'ROLLOUT', 'LAST RUN', 'ALARMS'],
    ...models.map((status) => [
      status.model,
      status.champion === undefined ? '-' : `v${status.champion}`,
      status.latestVersion === 0 ? '-' : `v${status.latestVersion}`,
      status.waiting.map((version) => `v${version}`).join(',') || '-',
      rolloutCell(status),
      status.run === undefined ? '-' : runStatus(status.run),
      status.alarms.join(',') || '-',
    ]),
  ]);

/** What somebody may want to do next. */
const nextSteps = ({ model, waiting, rollout, champion, run }: ModelStatus): readonly string[] => [
  ...waiting.map((version) => `millrace approve ${model}@${version}`),
  ...(rollout?.status === 'RUNNING'
    ? [`millrace promote ${model}@${rollout.version} --reason …`, `millrace rollback ${model} --reason …`]
    : []),
  ...(run?.status === 'FAILED' ? [`millrace logs ${model}`] : []),
  ...(champion === undefined && waiting.length === 0 && run === undefined ? [`millrace train ${model}`] : []),
];

/** One model, line by line. */
export const modelLines = (status: ModelStatus): string => {
  const { champion, servingSinceMs, latestVersion, waiting, rollout, run, alarms } = status;
  const since = servingSinceMs === undefined ? '' : ` since ${minute(servingSinceMs)}`;
  const rows: Row[] = [
    ['in service', champion === undefined ? 'nothing' : `version ${champion}${since}`],
    ['newest version', latestVersion === 0 ? 'none' : String(latestVersion)],
    ['waits for approval', waiting.length === 0 ? 'none' : waiting.join(', ')],
  ];
  if (rollout !== undefined) rows.push(...rolloutRows(rollout));
  if (run !== undefined) {
    rows.push(['last run', `${run.runId} ${runStatus(run)}, began ${minute(run.startedAtMs)}, by ${run.cause}`]);
    if (run.outcome !== undefined) rows.push(['', run.outcome]);
  }
  rows.push(['alarms', alarms.length === 0 ? 'none rings' : alarms.join(', ')]);
  const next = nextSteps(status).map((step, index) => [index === 0 ? 'next' : '', step]);
  return textTable([[status.model, ''], ...rows, ...next]);
};
