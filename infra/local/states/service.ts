import { AwsError, type LocalService, type ResourceProvider, type ServiceContext } from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { jobWaitersOf } from '../jobs/job-waiters.ts';
import { createJsonHandler, type JsonOperation } from '../protocols/json.ts';
import { statesAccess } from './access.ts';
import { createExecutions } from './executions.ts';
import { createMachines } from './machines.ts';
import { createStateMachine } from './operations/create-state-machine.ts';
import type { StatesDeps } from './operations/deps.ts';
import { describeExecution, listExecutions, redriveExecution, stopExecution } from './operations/executions.ts';
import { getExecutionHistory } from './operations/get-execution-history.ts';
import { describeMapRun, listMapRuns, updateMapRun } from './operations/map-runs.ts';
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
  UpdateMapRun: updateMapRun(deps),
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
export const createStatesService = (context: ServiceContext): LocalService => {
  const newId = context.ids.uuid;
  const tables = openStatesTables(context.store);
  const tokens = createTaskTokens();
  const executions = createExecutions({ context, tables, tokens });
  const machines = createMachines({ context, tables, executions, newId });
  const mapRunChanged = (mapRunArn: string): void => jobWaitersOf(context.store).ended('states', mapRunArn);
  const deps: StatesDeps = { context, tables, machines, executions, tokens, newId, mapRunChanged };
  const handle = createJsonHandler({
    targetPrefix: 'AWSStepFunctions',
    version: '1.0',
    operations: guardOperations(
      { access: context.access, service: 'states' },
      statesAccess(context),
      operationsOf(deps),
    ),
  });
  return {
    signingName: 'states',
    handle,
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
