import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import type { StageConfig } from '../config.ts';
import { pascalCase } from '../names.ts';
import { allow, policy, writeTraces } from '../permissions.ts';
import type { PlatformFunction } from './platform-function.ts';

const STATE_MACHINES = join(import.meta.dirname, '../../../state-machines');

export interface WorkflowDefinition {
  readonly States: Readonly<Record<string, unknown>>;
}

/** Reads `state-machines/<file>.asl.json`. */
export const readDefinition = <T = WorkflowDefinition>(file: string): T =>
  JSON.parse(readFileSync(join(STATE_MACHINES, `${file}.asl.json`), 'utf8')) as T;

/** The `${Token}`s that a definition leaves to its deployment. */
export const tokensOf = (definition: WorkflowDefinition): ReadonlySet<string> =>
  new Set([...JSON.stringify(definition).matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map((match) => match[1] ?? ''));

export interface WorkflowProps {
  readonly stage: StageConfig;
  readonly name: string;
  readonly definition: WorkflowDefinition;
  /** Functions the workflow invokes, by folder: `train-model` substitutes `${TrainModelFunctionArn}`. */
  readonly functions: Readonly<Record<string, PlatformFunction>>;
  /** Every other token. */
  readonly substitutions: Readonly<Record<string, string>>;
  /** What the workflow's role may do besides invoking its functions. */
  readonly statements: readonly PolicyStatement[];
}

/**
 * A state machine from its file, with a role and a log of its own.
 * @throws InvalidRequestError when the definition's tokens are not exactly what is substituted.
 */
export class Workflow extends Construct {
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const substitutions = {
      ...Object.fromEntries(
        Object.entries(props.functions).map(([folder, { lambda }]) => [
          `${pascalCase(folder)}FunctionArn`,
          lambda.functionArn,
        ]),
      ),
      ...props.substitutions,
    };
    checkTokens(props.name, tokensOf(props.definition), Object.keys(substitutions));
    const logGroup = new LogGroup(this, 'Log', {
      // Under this prefix the delivery needs no statement in the account's log policy, whose size is limited.
      logGroupName: `/aws/vendedlogs/states/${props.name}`,
      retention: props.stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: `Execution role of ${props.name}`,
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: {
        workflow: policy([
          allow(
            ['lambda:InvokeFunction'],
            Object.values(props.functions).map(({ lambda }) => lambda.functionArn),
          ),
          ...deliverLogs(),
          ...writeTraces(),
          ...props.statements,
        ]),
      },
    });
    const stateMachine = new CfnStateMachine(this, 'StateMachine', {
      stateMachineName: props.name,
      stateMachineType: 'STANDARD',
      definitionString: JSON.stringify(props.definition),
      definitionSubstitutions: substitutions,
      roleArn: role.roleArn,
      loggingConfiguration: {
        level: 'ALL',
        // Inputs name keys and numbers only, yet the history in Step Functions has them already.
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logGroup.logGroupArn } }],
      },
      tracingConfiguration: { enabled: true },
    });
    this.stateMachineArn = stateMachine.ref;
  }
}

const checkTokens = (name: string, tokens: ReadonlySet<string>, substituted: readonly string[]): void => {
  const missing = [...tokens].filter((token) => !substituted.includes(token));
  const unused = substituted.filter((token) => !tokens.has(token));
  if (missing.length === 0 && unused.length === 0) return;
  throw new InvalidRequestError(
    `tokens of ${name} must equal its substitutions: without a value [${missing.join(', ')}], without a use [${unused.join(', ')}]`,
  );
};

/** Step Functions' log delivery has no resources to name. */
const deliverLogs = (): PolicyStatement[] => [
  allow(
    [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    ['*'],
  ),
];
