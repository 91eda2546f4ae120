import { monitorRunNode, rolloutNode, runNode } from '../../shared/contracts/lineage.ts';
import { canaryRolloutName, driftCheckName, trainingPipelineName } from '../../shared/contracts/names.ts';
import type { ExecutionChange } from '../../shared/contracts/openlineage.ts';
import type { LineageNode } from '../../shared/core/lineage/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';

const inputOf = ({ input }: ExecutionChange): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(input ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {}; // An execution may be started with anything that is JSON; the event tells it as text.
  }
};

/** When the schedule meant the execution to run, if it came from one. */
export const scheduledAtOf = (change: ExecutionChange): string | undefined => {
  const { scheduledAt } = inputOf(change);
  return typeof scheduledAt === 'string' && Number.isFinite(Date.parse(scheduledAt)) ? scheduledAt : undefined;
};

/** The node of lineage that an execution of one of our workflows stands for; undefined for one that has none. */
export const executionNode = (stage: string, change: ExecutionChange): LineageNode | undefined => {
  const workflow = change.stateMachineArn.split(':').at(-1) ?? '';
  const trains = trainingPipelineName(stage, '');
  if (workflow.startsWith(trains)) return runNode(workflow.slice(trains.length), change.name);
  const { model } = inputOf(change);
  if (typeof model !== 'string') return undefined;
  if (workflow === canaryRolloutName(stage)) return rolloutNode(model, change.name);
  const scheduledAt = scheduledAtOf(change);
  if (workflow !== driftCheckName(stage) || scheduledAt === undefined) return undefined;
  // The last whole day before the schedule, as profile-window has it.
  return monitorRunNode(model, utcDay(Math.floor(Date.parse(scheduledAt) / DAY_MS) * DAY_MS - 1));
};
