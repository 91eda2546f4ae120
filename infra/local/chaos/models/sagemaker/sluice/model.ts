import { IMAGE, toyModel } from '../../../toy-model.ts';

/** Trained by a SageMaker job on managed spot. */
export default toyModel('sluice', {
  trainer: {
    kind: 'sagemaker',
    image: IMAGE,
    instanceType: 'ml.g5.xlarge',
    spot: true,
    hyperparameters: { max_rounds: '20' },
  },
});
