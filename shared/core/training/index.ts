export { estimateTraining, trainingRefusal } from './estimate-training.ts';
export type {
  FeatureColumn,
  FeatureColumns,
  GradientBoostedTrees,
  TrainingFeature,
  TrainingInput,
  TrainingSettings,
  TrainingTask,
} from './gradient-boosted-trees.ts';
export { predictGradientBoostedTrees } from './predict-gradient-boosted-trees.ts';
export { type ModelSignature, signatureOf } from './signature-of.ts';
export { trainGradientBoostedTrees } from './train-gradient-boosted-trees.ts';
export { coversOf, writeOnnx } from './write-onnx.ts';
