import { randomUUID } from 'node:crypto';
import { AwsError, type LocalService, type ResourceProvider, type ServiceContext } from '../contracts.ts';
import { createJsonHandler, type JsonOperation } from '../protocols/json.ts';
import { createExecutions } from './executions.ts';
import { createMachines } from './machines.ts';
import { createStateMachine } from './operations/create-state-machine.ts';
import type { StatesDeps } from './operations/deps.ts';
import { describeExecution, listExecutions, redriveExecution, stopExecution } from './operations/executions.ts';
import { getExecutionHistory } from './operations/get-execution-history.ts';
import { describeMapRun, listMapRuns } from './operations/map-runs.ts';
import { startExecution } from './operations/start-execution.ts';
import {
  deleteStateMachine,
  describeStateMachine,
  describeStateMachineForExecution,
  listStateMachines,
  listTagsForResource,
  tagResource,
  untagResource,
  validateStateMachineDefinition,
} from './operations/state-machines.ts';
import { sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess } from './operations/task-tokens.ts';
import { updateStateMachine } from './operations/update-state-machine.ts';
import { openStatesTables } from './records.ts';
import { createStateMachineProvider } from './resource.ts';
import { createTaskTokens } from './task-tokens.ts';

export interface StatesOptions {
  /** Source of jitter and `$random()`. Default: Math.random. */
  readonly random?: () => number;
  /** Source of execution names, revisions, tokens and `$uuid()`. Default: random UUIDs. */
  readonly newId?: () => string;
}

const operationsOf = (deps: StatesDeps): Readonly<Record<string, JsonOperation>> => ({
  CreateStateMachine: createStateMachine(deps),
  UpdateStateMachine: updateStateMachine(deps),
  DeleteStateMachine: deleteStateMachine(deps),
  DescribeStateMachine: describeStateMachine(deps),
  DescribeStateMachineForExecution: describeStateMachineForExecution(deps),
  ListStateMachines: listStateMachines(deps),
  ValidateStateMachineDefinition: validateStateMachineDefinition(),
  StartExecution: startExecution(deps),
  StopExecution: stopExecution(deps),
  RedriveExecution: redriveExecution(deps),
  DescribeExecution: describeExecution(deps),
  ListExecutions: listExecutions(deps),
  GetExecutionHistory: getExecutionHistory(deps),
  DescribeMapRun: describeMapRun(deps),
  ListMapRuns: listMapRuns(deps),
  SendTaskSuccess: sendTaskSuccess(deps),
  SendTaskFailure: sendTaskFailure(deps),
  SendTaskHeartbeat: sendTaskHeartbeat(deps),
  TagResource: tagResource(deps),
  UntagResource: untagResource(deps),
  ListTagsForResource: listTagsForResource(deps),
});

const refused = async (): Promise<never> => {
  throw new AwsError('UnsupportedResource', 'AWS::StepFunctions::Activity is not supported: use task tokens');
};
const REFUSED: ResourceProvider = { create: refused, update: refused, delete: refused };

/** The embedded Step Functions: standard workflows in JSONata. Whatever else AWS offers is refused by name. */
export const createStatesService = (context: ServiceContext, options: StatesOptions = {}): LocalService => {
  const newId = options.newId ?? randomUUID;
  const tables = openStatesTables(context.store);
  const tokens = createTaskTokens();
  const environment = { nowMs: context.clock.nowMs, random: options.random ?? Math.random, newId };
  const executions = createExecutions({ context, tables, tokens, environment });
  const machines = createMachines({ context, tables, executions, newId });
  const deps: StatesDeps = { context, tables, machines, executions, tokens, newId };
  return {
    signingName: 'states',
    handle: createJsonHandler({ targetPrefix: 'AWSStepFunctions', version: '1.0', operations: operationsOf(deps) }),
    resources: {
      'AWS::StepFunctions::StateMachine': createStateMachineProvider(
        machines,
        (arn) => tables.machines.get(arn) !== undefined,
      ),
      'AWS::StepFunctions::Activity': REFUSED,
    },
    start: async () => executions.resumeAll(),
    stop: () => executions.shutdown(),
  };
};
