import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import type { LayerName } from '../layers.ts';

/** The folders of built layers. */
export type Layers = Readonly<Record<LayerName, string>>;

/** A native library as a layer, so that a change of our code does not upload it again. */
export const nativeLayer = (scope: Construct, id: string, stage: StageConfig, folder: string): LayerVersion =>
  new LayerVersion(scope, id, {
    description: `${id} for ${stage.architecture}`,
    code: Code.fromAsset(folder),
    compatibleArchitectures: [stage.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64],
    compatibleRuntimes: [Runtime.NODEJS_24_X],
  });
