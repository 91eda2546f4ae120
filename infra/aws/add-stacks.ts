import { type App, type StackProps, Validations } from 'aws-cdk-lib';
import type { CompositionDefinition } from '../../shared/contracts/composition-definition.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { SecurityChecks } from './acknowledgements.ts';
import type { Bundles } from './build.ts';
import type { StageConfig } from './config.ts';
import type { Layers } from './constructs/native-layer.ts';
import { stackName } from './names.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { MonitoringStack } from './stacks/monitoring-stack.ts';
import { ServingStack } from './stacks/serving-stack.ts';
import { TrainingStack } from './stacks/training-stack.ts';

export interface AppInputs {
  readonly stage: StageConfig;
  readonly definitions: readonly ModelDefinition[];
  /** @default none */
  readonly compositions?: readonly CompositionDefinition[];
  readonly bundles: Bundles;
  readonly layers: Layers;
}

/** Adds the five stacks of one stage: *data*, and four that depend on it alone and are joined by events. */
export const addStacks = (app: App, { stage, definitions, compositions = [], bundles, layers }: AppInputs): void => {
  const { account, region } = stage;
  const props: StackProps = {
    ...(account !== undefined && region !== undefined ? { env: { account, region } } : {}),
    // Set on the stack, from where CloudFormation hands it to every resource.
    tags: { 'millrace:stage': stage.name },
    terminationProtection: stage.name === 'prod',
  };
  const name = (part: Parameters<typeof stackName>[1]): string => stackName(stage.name, part);
  const data = new DataStack(app, name('data'), {
    ...props,
    stage,
    description: 'Millrace: key, buckets, tables, bus',
  });
  const platform = { ...props, stage, definitions, compositions, bundles, layers, data };
  new TrainingStack(app, name('training'), { ...platform, description: 'Millrace: training pipelines' });
  new ServingStack(app, name('serving'), { ...platform, description: 'Millrace: prediction API and rollouts' });
  new MonitoringStack(app, name('monitoring'), {
    ...platform,
    description: 'Millrace: drift checks, alarms, dashboards',
  });
  new ApiStack(app, name('api'), { ...platform, description: 'Millrace: platform API' });
  Validations.of(app).addPlugins(new SecurityChecks(app));
};
