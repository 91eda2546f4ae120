import type { StackProps } from 'aws-cdk-lib';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { CompositionDefinition } from '../../../shared/contracts/composition-definition.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import type { Bundles } from '../build.ts';
import type { StageConfig } from '../config.ts';
import { type Layers, nativeLayer } from '../constructs/native-layer.ts';
import { PlatformFunction, type PlatformFunctionProps } from '../constructs/platform-function.ts';
import { pascalCase } from '../names.ts';
import type { DataStack } from './data-stack.ts';

/** What every stack but *data* is made from. No stack is given another one than *data*. */
export interface PlatformStackProps extends StackProps {
  readonly stage: StageConfig;
  readonly definitions: readonly ModelDefinition[];
  readonly compositions: readonly CompositionDefinition[];
  readonly bundles: Bundles;
  readonly layers: Layers;
  readonly data: DataStack;
}

/** Whether a plan divides the requests of any model: what only that needs is granted nowhere else. */
export const dividesExactly = ({ definitions }: Pick<PlatformStackProps, 'definitions'>): boolean =>
  definitions.some(({ deployment }) => deployment.target === 'lambda' && deployment.router === 'exact');

/** Whether any model's canary is judged by what is captured, and not by the metrics of its function alone. */
export const judgesCaptures = (props: Pick<PlatformStackProps, 'definitions'>): boolean =>
  dividesExactly(props) ||
  props.definitions.some(
    ({ deployment: { judge } }) => judge?.slowness !== undefined || judge?.prediction !== undefined,
  );

/** Whether paired scoring keeps any model's challengers from the traffic. */
export const gatesByShadow = ({ definitions }: Pick<PlatformStackProps, 'definitions'>): boolean =>
  definitions.some(({ deployment }) => deployment.shadow?.decide === 'gate');

export type AddFunction = (
  folder: string,
  props: Omit<PlatformFunctionProps, 'stage' | 'bundles' | 'folder'>,
) => PlatformFunction;

/** Adds a function of the stack under its folder's name in Pascal case. */
export const functionAdder =
  (scope: Construct, { stage, bundles }: PlatformStackProps): AddFunction =>
  (folder, props) =>
    new PlatformFunction(scope, pascalCase(folder), { stage, bundles, folder, ...props });

const ONNX_RUNTIME_LAYER = 'OnnxRuntimeLayer';

/** One of each stack, whoever asks first. */
export const onnxRuntimeLayer = (scope: Construct, { stage, layers }: PlatformStackProps): ILayerVersion =>
  (scope.node.tryFindChild(ONNX_RUNTIME_LAYER) as ILayerVersion | undefined) ??
  nativeLayer(scope, ONNX_RUNTIME_LAYER, stage, layers.onnxruntime);

const DUCK_DB_LAYER = 'DuckDbLayer';

export const duckDbLayer = (scope: Construct, { stage, layers }: PlatformStackProps): ILayerVersion =>
  (scope.node.tryFindChild(DUCK_DB_LAYER) as ILayerVersion | undefined) ??
  nativeLayer(scope, DUCK_DB_LAYER, stage, layers.duckdb);
