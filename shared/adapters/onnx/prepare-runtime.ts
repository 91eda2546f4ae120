import { initOrt } from 'onnxruntime-node/dist/binding.js';

/**
 * Creates onnxruntime's environment, for which the first model would otherwise wait: most of what loading a small one
 * takes. Holds the thread meanwhile; done once.
 */
export const prepareModelRuntime = (): void => initOrt();
