import { IMAGE, toyModel } from '../../../toy-model.ts';

/** Trained by a SageMaker job on managed spot, approved by policy on the word of its evaluation. */
export default toyModel('sluice', {
  approval: { mode: 'automatic', requires: { gate: 'passed' } },
  trainer: {
    kind: 'sagemaker',
    image: IMAGE,
    instanceType: 'ml.g5.xlarge',
    spot: true,
    hyperparameters: { max_rounds: '20' },
  },
});
