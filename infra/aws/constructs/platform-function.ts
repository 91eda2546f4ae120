import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type ILayerVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { arnOf } from '../arns.ts';
import type { Bundles } from '../build.ts';
import type { StageConfig } from '../config.ts';
import { functionName } from '../names.ts';
import { allow, policy, sendTo, writeTraces } from '../permissions.ts';

export interface PlatformFunctionProps {
  readonly stage: StageConfig;
  readonly bundles: Bundles;
  /** Folder in `functions/`. */
  readonly folder: string;
  readonly description: string;
  /** What the function's role may do, besides writing its log and traces. */
  readonly statements: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  /** @default `millrace-<stage>-<folder>` */
  readonly name?: string;
  /** @default 512 */
  readonly memoryMb?: number;
  /** @default 30 */
  readonly timeoutSeconds?: number;
  /** Room in /tmp. @default 512 */
  readonly temporaryStorageMb?: number;
  readonly layers?: readonly ILayerVersion[];
  /** Where asynchronous invocations end after their retries. @default none: the function is invoked synchronously */
  readonly deadLetterQueue?: IQueue;
}

/**
 * One function of ours with a role and a log group of its own. Its name is fixed, so that roles can name the
 * function that needs them, and the log group's is Lambda's own; neither holds state.
 */
export class PlatformFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: PlatformFunctionProps) {
    super(scope, id);
    const name = props.name ?? functionName(props.stage.name, props.folder);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${name}`,
      retention: props.stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: `Execution role of ${name}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        function: policy([
          allow(
            ['logs:CreateLogStream', 'logs:PutLogEvents'],
            [arnOf(this, 'logs', `log-group:/aws/lambda/${name}:*`)],
          ),
          ...writeTraces(),
          ...(props.deadLetterQueue === undefined ? [] : sendTo(props.deadLetterQueue)),
          ...props.statements,
        ]),
      },
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: props.stage.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      code: Code.fromAsset(props.bundles.folderOf(props.folder)),
      handler: 'index.handler',
      // The role is complete as it stands: the CDK would add a second policy resource for traces and dead letters.
      role: role.withoutPolicyUpdates(),
      memorySize: props.memoryMb ?? 512,
      timeout: Duration.seconds(props.timeoutSeconds ?? 30),
      ephemeralStorageSize: Size.mebibytes(props.temporaryStorageMb ?? 512),
      environment: { STAGE: props.stage.name, ...props.environment },
      layers: [...(props.layers ?? [])],
      tracing: Tracing.ACTIVE,
      ...(props.deadLetterQueue === undefined ? {} : { deadLetterQueue: props.deadLetterQueue }),
    });
    // Lambda would otherwise create a log group without retention at the first invocation.
    this.lambda.node.addDependency(logGroup);
  }
}
