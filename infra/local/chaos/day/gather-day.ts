import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createRolloutEvidence } from '../../../../shared/adapters/dynamodb/rollout-evidence.ts';
import { capturePrefix } from '../../../../shared/contracts/artifacts.ts';
import { USAGE_PREFIX } from '../../../../shared/contracts/names.ts';
import { isRollBack, type RolloutLook } from '../../../../shared/core/deployment/index.ts';
import type { Rollout } from '../../../../shared/core/registry/index.ts';
import type { RolloutEvidenceStore } from '../../../../shared/ports/rollout-evidence.ts';
import type { EnteredState } from '../../story/observer.ts';
import type { ChaosFacts } from '../facts.ts';
import { gatherFacts, gatherModel, readCaptureFailures, readCaptureLines } from '../gather-facts.ts';
import { readTables } from '../read-tables.ts';
import type { ChaosSession } from '../session.ts';
import type { Callers } from './callers.ts';
import type { CountedUsage, DayFacts, DayNotes, MeteredCapture, RollbackDecision } from './day-facts.ts';
import { DAY_MODELS } from './day-model.ts';

/** Reads what a day left behind. Nothing goes wrong on the way: faults have ceased. */

/** States of the rollout's workflow that are entered when it has been decided that the traffic goes back. */
const GIVING_BACK = /^(Give traffic back|Restore traffic)$/;

const MINUTE_SECONDS = 60;
/** A rollout of a day takes far fewer. */
const MOST_LOOKS = 100;

interface Line {
  readonly kind: string;
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly request?: { readonly id: string; readonly principal?: string };
}

const capturesOf = async ({ observer }: ChaosSession, model: string): Promise<readonly MeteredCapture[]> => {
  const lines = (await readCaptureLines(observer.data, capturePrefix(model))) as readonly Line[];
  return lines
    .filter(({ kind }) => kind === 'prediction')
    .map(({ predictionId, atMs, version, request }) => ({
      predictionId,
      atMs,
      version,
      requestId: request?.id ?? predictionId,
      principal: request?.principal ?? 'unknown',
    }));
};

/** Looks of a rollout, which its item holds beside it. */
const openLooks = async ({ clientConfig }: ChaosSession): Promise<RolloutEvidenceStore> => {
  const client = new DynamoDBClient(clientConfig);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const registryTable = TableNames.find((name) => name.includes('RegistryTable')) ?? '';
  return createRolloutEvidence({ client, registryTable });
};

/** What was said of one rollout: by its judge, by a person, and by its workflow. */
const decisionsOn = (
  { model, rolloutId, decision }: Rollout,
  { looks, entered }: { readonly looks: readonly RolloutLook[]; readonly entered: readonly EnteredState[] },
): readonly RollbackDecision[] => {
  const said = { model, rolloutId };
  const look = looks.find(({ action }) => action === 'roll back');
  const back = entered.find(({ name }) => GIVING_BACK.test(name));
  return [
    ...(decision?.action === 'roll back' ? [{ ...said, by: 'person', atMs: decision.decidedAtMs } as const] : []),
    ...(look === undefined ? [] : [{ ...said, by: 'judge', atMs: look.atMs } as const]),
    ...(back === undefined ? [] : [{ ...said, by: 'workflow', atMs: back.atMs } as const]),
  ];
};

const decisionsOf = async (
  session: ChaosSession,
  { calledBack }: DayNotes,
  models: DayFacts['models'],
): Promise<readonly RollbackDecision[]> => {
  const { observer } = session;
  const evidence = await openLooks(session);
  const executions = new Map((await observer.executions(/^canary-rollout$/)).map((one) => [one.name, one.arn]));
  const decisions: RollbackDecision[] = calledBack.map((called) => ({ ...called, by: 'person' }));
  // What never had traffic has none to give back, and what a roll-back brought back keeps it.
  const rollouts = models
    .flatMap((model) => model.rollouts)
    .filter((rollout) => rollout.weights.some((one) => one > 0) && !isRollBack(rollout));
  for (const rollout of rollouts) {
    const arn = executions.get(rollout.rolloutId);
    const { items: looks } = await evidence.listLooks(rollout.model, rollout.rolloutId, MOST_LOOKS);
    const entered = arn === undefined ? [] : await observer.enteredStates(arn);
    decisions.push(...decisionsOn(rollout, { looks, entered }));
  }
  return decisions;
};

/** What stands of one model in a place that both share. */
const ofModel = (facts: ChaosFacts, other: string): ChaosFacts => ({
  ...facts,
  lineage: facts.lineage.filter(({ upstream, downstream }) =>
    [upstream.id, downstream.id].every((id) => !id.startsWith(`${other}/`) && !id.startsWith(`${other}@`)),
  ),
});

export const gatherDay = async (session: ChaosSession, callers: Callers, notes: DayNotes): Promise<DayFacts> => {
  const { asked, answered } = callers;
  const tables = await readTables(session.clientConfig);
  const models: DayFacts['models'][number][] = [];
  const captures: Record<string, readonly MeteredCapture[]> = {};
  const captureFailures: Record<string, DayFacts['captureFailures'][string]> = {};
  for (const name of DAY_MODELS) {
    models.push(await gatherModel(session, { name, answered, tables }));
    captures[name] = await capturesOf(session, name);
    captureFailures[name] = await readCaptureFailures(session, name, MINUTE_SECONDS);
  }
  const expectedVersion = Math.max(
    ...notes.brought.filter(({ ending }) => ending === 'PROMOTED').map(({ version }) => version),
  );
  const usage: readonly CountedUsage[] = tables.usage.map(({ pk, day, version, client, requestCount }) => ({
    model: pk.slice(USAGE_PREFIX.length),
    ...{ day, version, client, requestCount },
  }));
  return {
    notes,
    alias: ofModel(await gatherFacts(session, answered, { name: 'brook', expectedVersion }), 'delta'),
    models,
    requests: asked,
    captures,
    captureFailures,
    usage,
    decisions: await decisionsOf(session, notes, models),
    effects: session.effects,
  };
};
