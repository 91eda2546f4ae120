import { IMAGE, toyModel } from '../../../toy-model.ts';

/** Trained by a Batch job when new data arrives. */
export default toyModel('flume', {
  trainer: { kind: 'batch', image: IMAGE, gpus: 1, spot: true, hyperparameters: { max_rounds: '20' } },
  retraining: { onNewData: true, coolDownDays: 0.55 },
});
