import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { ModelStatus } from './describe-status.ts';
import type { PlatformApi } from './open-platform.ts';
import type { StageAccess } from './open-stage.ts';

/** Gathers what `millrace status` shows. */

interface ModelFact {
  readonly model: string;
  readonly latestVersion: number;
  readonly aliases: { readonly champion?: number };
  readonly deployment?: { readonly promotedAtMs: number };
}

interface VersionFact {
  readonly version: number;
  readonly status: string;
}

interface RolloutFact {
  readonly rolloutId: string;
  readonly version: number;
  readonly status: string;
  readonly weights: readonly number[];
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly reason?: string;
  readonly decision?: { readonly action: string; readonly decidedBy: string; readonly reason: string };
}

/** What the API says of one rollout beside what its lists say. */
interface RolloutDetail {
  readonly evidence?: {
    readonly forecast?: { readonly text: string };
    readonly lastLook?: { readonly atMs: number; readonly reason: string; readonly nextLookAtMs?: number };
  };
}

interface RunFact {
  readonly runId: string;
  readonly status: string;
  readonly startedAtMs: number;
  readonly cause: { readonly kind?: string };
  readonly outcome?: string;
  readonly version?: number;
}

/** Versions looked through for ones that wait: older ones are found by the API. */
const NEWEST_VERSIONS = 50;

const itemsOf = <T>(page: unknown): readonly T[] => (page as { readonly items: readonly T[] }).items;

const rolloutOf = (
  { weights, rolloutId, version, status, startedAtMs, endedAtMs, reason, decision }: RolloutFact,
  { evidence: { forecast, lastLook } = {} }: RolloutDetail,
) => ({
  rolloutId,
  version,
  status,
  startedAtMs,
  weight: weights.at(-1) ?? 0,
  ...(endedAtMs === undefined ? {} : { endedAtMs }),
  ...(reason === undefined ? {} : { reason }),
  ...(decision === undefined ? {} : { decision }),
  ...(forecast === undefined ? {} : { forecast: forecast.text }),
  ...(lastLook === undefined ? {} : { lastLook: lookOf(lastLook) }),
});

const lookOf = ({ atMs, reason, nextLookAtMs }: NonNullable<NonNullable<RolloutDetail['evidence']>['lastLook']>) => ({
  atMs,
  reason,
  ...(nextLookAtMs === undefined ? {} : { nextLookAtMs }),
});

const runOf = ({ runId, status, startedAtMs, cause, outcome, version }: RunFact) => ({
  runId,
  status,
  startedAtMs,
  cause: cause.kind ?? 'an unknown cause',
  ...(outcome === undefined ? {} : { outcome }),
  ...(version === undefined ? {} : { version }),
});

/** @throws NotFoundError for a model that the stage does not know */
export const readModelStatus = async (
  api: PlatformApi,
  model: string,
  ringing: readonly string[],
): Promise<ModelStatus> => {
  const root = `/models/${model}`;
  const [fact, versions, rollouts, runs] = await Promise.all([
    api.get(root) as Promise<ModelFact>,
    api.get(`${root}/versions?limit=${NEWEST_VERSIONS}`),
    api.get(`${root}/rollouts?limit=1`),
    api.get(`${root}/runs?limit=1`),
  ]);
  const [rollout] = itemsOf<RolloutFact>(rollouts);
  const [run] = itemsOf<RunFact>(runs);
  const detail = rollout?.status === 'RUNNING' ? await api.get(`${root}/rollouts/${rollout.rolloutId}`) : {};
  const { champion } = fact.aliases;
  return {
    model,
    latestVersion: fact.latestVersion,
    waiting: itemsOf<VersionFact>(versions)
      .filter(({ status }) => status === 'PENDING_APPROVAL')
      .map(({ version }) => version),
    alarms: ringing,
    ...(champion === undefined ? {} : { champion }),
    ...(fact.deployment === undefined ? {} : { servingSinceMs: fact.deployment.promotedAtMs }),
    ...(rollout === undefined ? {} : { rollout: rolloutOf(rollout, detail as RolloutDetail) }),
    ...(run === undefined ? {} : { run: runOf(run) }),
  };
};

export const listModelNames = async (api: PlatformApi): Promise<readonly string[]> =>
  itemsOf<{ readonly model: string }>(await api.get('/models')).map(({ model }) => model);

/** Names of a stage's alarms that ring, without the stage's prefix. */
export const readRingingAlarms = async (stage: string, access: StageAccess): Promise<readonly string[]> => {
  const client = new CloudWatchClient({ ...access });
  const AlarmNamePrefix = `millrace-${stage}-`;
  try {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new DescribeAlarmsCommand({ AlarmNamePrefix, StateValue: 'ALARM', ...(NextToken ? { NextToken } : {}) }),
      );
      for (const { AlarmName = '' } of page.MetricAlarms ?? []) names.push(AlarmName.slice(AlarmNamePrefix.length));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return names;
  } finally {
    client.destroy();
  }
};

/** Of the ringing alarms those of a model: a name may begin another's. */
export const alarmsOf = (model: string, models: readonly string[], ringing: readonly string[]): readonly string[] => {
  const belongs = (alarm: string, name: string): boolean => alarm.startsWith(`${name}-`);
  return ringing
    .filter((alarm) => belongs(alarm, model))
    .filter((alarm) => !models.some((other) => other.length > model.length && belongs(alarm, other)))
    .map((alarm) => alarm.slice(model.length + 1));
};
