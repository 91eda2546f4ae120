import { type GradientBoostedTrees, outputName, type TrainingTask } from './gradient-boosted-trees.ts';

interface SignatureTensor<Datatype> {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: number[];
}

/** As `Signature` of `shared/contracts/artifacts.ts`, which core may not import; a test holds the two together. */
export interface ModelSignature {
  readonly task: TrainingTask;
  readonly inputs: (SignatureTensor<'FP32' | 'BYTES'> & { readonly nullable: boolean })[];
  readonly outputs: SignatureTensor<'FP32'>[];
}

/** The tensors of a model's ONNX graph: one input per feature, in the features' order, and one output. */
export const signatureOf = (model: GradientBoostedTrees): ModelSignature => ({
  task: model.task,
  inputs: model.features.map(({ name, type, nullable }) => ({
    name,
    datatype: type === 'category' ? 'BYTES' : 'FP32',
    shape: [-1, 1],
    nullable,
  })),
  outputs: [{ name: outputName(model.task), datatype: 'FP32', shape: [-1, 1] }],
});
