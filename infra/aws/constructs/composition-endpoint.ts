import { Construct } from 'constructs';
import type { CompositionDefinition } from '../../../shared/contracts/composition-definition.ts';
import { compositionFunctionName, inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import type { Bundles } from '../build.ts';
import type { StageConfig } from '../config.ts';
import { allow } from '../permissions.ts';
import { PlatformFunction } from './platform-function.ts';

export interface CompositionEndpointProps {
  readonly stage: StageConfig;
  readonly bundles: Bundles;
  readonly composition: CompositionDefinition;
}

/**
 * The function that answers for a composition. It may ask what serves of its members, and nothing else: which version
 * that is, and with what weight, is decided by each member's own rollouts.
 */
export class CompositionEndpoint extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, { stage, bundles, composition }: CompositionEndpointProps) {
    super(scope, id);
    const { name, nodes } = composition;
    const members = [...new Set(nodes.flatMap((node) => (node.kind === 'model' ? [node.model] : [])))].sort();
    const liveOf = (model: string): string =>
      arnOf(this, 'lambda', `function:${inferenceFunctionName(stage.name, model)}:${LIVE_ALIAS}`);
    this.functionArn = new PlatformFunction(this, 'Infer', {
      stage,
      bundles,
      folder: 'infer-composition',
      name: compositionFunctionName(stage.name, name),
      description: `Answers predictions of ${name}, by its models`,
      environment: { COMPOSITION_NAME: name },
      statements: members.length === 0 ? [] : [allow(['lambda:InvokeFunction'], members.map(liveOf))],
      // API Gateway gives up after 29 seconds.
      timeoutSeconds: 29,
    }).lambda.functionArn;
  }
}
